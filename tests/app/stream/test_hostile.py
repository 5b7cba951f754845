"""A viewer that says anything at all, beside one that behaves: 100 000 messages in the soak."""

from __future__ import annotations

import random

from app.stream import wire
from app.stream.viewer import MAX_BYTES
from app.stream.wire import MalformedReply, ReplyKind
from tests.app.stream.link import Link, Network
from tests.client import REPLY
from tests.conftest import EFFORT

COUNT = 5_000 * EFFORT


def hostile(chance: random.Random, sequence: int, spoilt: float = 0.4) -> bytes | str:
    """A message that is right in its form but perhaps in nothing else, or this part of the time, nearly right or noise."""
    kind = chance.choice([1, 1, 1, 2, 3, 4, 4, 5, 6, chance.randrange(256)])
    about = chance.choice([sequence, sequence - chance.randrange(60), chance.randrange(2**32)]) % 2**32
    message = REPLY.pack(1, kind, chance.choice([0, 0xFFFF]), about)
    if kind == ReplyKind.REPORT:
        message += chance.randbytes(16)
    elif kind == ReplyKind.HISTOGRAM:
        message += chance.randbytes(26)
    if chance.random() >= spoilt:
        return message
    what = chance.randrange(4)
    if what == 0:
        changed = bytearray(message)
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
        return bytes(changed)
    if what == 1:
        return message[: chance.randrange(len(message))] + chance.randbytes(chance.randrange(4))
    if what == 2:
        return chance.randbytes(chance.randrange(64))
    return "".join(chance.choices("kv\0\ud7ff€", k=chance.randrange(9)))


def test_no_message_harms_anybody() -> None:
    chance = random.Random(COUNT)
    network = Network(ceiling=1_000_000)
    good = network.join(Link(20e6, 2_500))
    bad = network.join(Link(20e6, 2_500))
    refused = 0
    for _ in range(COUNT):
        network.run(chance.choice([0, 0.001, 0.02]))
        try:
            reply = wire.decode_reply(hostile(chance, network.sequence))
        except MalformedReply:
            refused += 1
            continue
        if reply.kind == ReplyKind.SHOWN:
            bad.viewer.shown(reply.sequence, network.now)
        elif reply.kind == ReplyKind.KEY_WANTED:
            network.hub.key_wanted(bad.viewer)
        elif reply.kind == ReplyKind.KEY_WISHED:
            network.hub.key_wished(bad.viewer)
        elif reply.report is not None:
            bad.viewer.reported(reply.report)
        elif reply.histogram:
            bad.viewer.histogram = reply.histogram
        assert bad.viewer.queued_bytes <= MAX_BYTES
        assert bad.viewer.pacer.in_flight >= 0
        assert bad.viewer.status(network.now).bitrate >= 0
    assert COUNT // 10 < refused < COUNT // 2
    painted = [message.sequence for _at, message in good.painted]
    assert painted == network.published[: len(painted)]
    assert len(painted) >= len(network.published) - 2
    assert good.viewer.dropped == 0
    assert all(
        later - earlier >= 500_000
        for earlier, later in zip(network.key_requests, network.key_requests[1:], strict=False)
    )
