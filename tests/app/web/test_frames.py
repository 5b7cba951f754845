"""Frames as the `websockets` library makes and reads them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode
from websockets.streams import StreamReader

from app.web.frames import Sorter, framed

FRAMES = st.lists(
    st.tuples(
        st.sampled_from([Opcode.BINARY, Opcode.TEXT, Opcode.PING, Opcode.CLOSE]), st.binary(max_size=200), st.booleans()
    )
)


@given(FRAMES, st.lists(st.integers(1, 40)))
def test_short_binary_messages_are_taken_out_and_the_rest_is_passed_on(
    frames: list[tuple[Opcode, bytes, bool]], cuts: list[int]
) -> None:
    stream, ours, theirs = b"", [], b""
    for opcode, long, last in frames:
        control = opcode in {Opcode.PING, Opcode.CLOSE}
        data, final = long[:125] if control else long, last or control
        made = Frame(opcode, data, fin=final).serialize(mask=True)
        stream += made
        if opcode == Opcode.BINARY and final and len(data) < 126:
            ours.append(data)
        else:
            theirs += made
    sorter, messages, others = Sorter(), [], b""
    while stream:
        cut = cuts.pop() if cuts else len(stream)
        found, passed = sorter.feed(stream[:cut])
        stream = stream[cut:]
        messages += found
        others += passed
    assert messages == ours
    assert others == theirs


@given(st.binary(max_size=500))
def test_noise_is_lost_on_nobody(data: bytes) -> None:
    """Whatever comes: what is not taken out is passed on or waits to be complete; nothing is invented."""
    messages, others = Sorter().feed(data)
    assert sum(len(message) + 6 for message in messages) + len(others) <= len(data)


@given(st.sampled_from([0, 1, 125, 126, 127, 0xFFFF, 0x10000]))
def test_what_is_framed_is_read_as_it_was(length: int) -> None:
    reader = StreamReader()
    reader.feed_data(framed(b"x" * length))
    parsing = Frame.parse(reader.read_exact, mask=False)
    with pytest.raises(StopIteration) as done:
        next(parsing)
    assert done.value.value == Frame(Opcode.BINARY, b"x" * length)


def test_the_beginning_of_a_long_message_is_not_taken_for_a_short_one() -> None:
    """Cut where its length field, read as a short one's, would be right."""
    frame = Frame(Opcode.BINARY, bytes(126)).serialize(mask=True)
    sorter = Sorter()
    assert sorter.feed(frame[:132]) == ([], frame[:132])
    assert sorter.feed(frame[132:]) == ([], frame[132:])
