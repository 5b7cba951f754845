"""Frames as the `websockets` library makes and reads them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode
from websockets.streams import StreamReader

from app.web.frames import Sorter, framed

WHOLE = st.lists(st.one_of(st.text(max_size=31), st.binary(max_size=125)))
FRAMES = st.lists(
    st.builds(
        Frame,
        st.sampled_from([Opcode.TEXT, Opcode.BINARY, Opcode.CONT, Opcode.PING, Opcode.CLOSE]),
        st.one_of(st.binary(max_size=20), st.binary(min_size=100, max_size=140)),
        st.booleans(),
    )
)
CUTS = st.lists(st.tuples(st.integers(1, 40), st.booleans()))


def sent(message: str | bytes) -> Frame:
    return Frame(Opcode.TEXT, message.encode()) if isinstance(message, str) else Frame(Opcode.BINARY, message)


def parsed(data: bytes) -> tuple[list[Frame], bytes]:
    """The whole frames at the front, and the rest."""
    frames, at = [], 0
    while len(data) - at >= 2:
        short = data[at + 1] & 0x7F
        size = 6 + short if short < 126 else 8 + int.from_bytes(data[at + 2 : at + 4])
        if len(data) - at < size:
            break
        reader = StreamReader()
        reader.feed_data(data[at : at + size])
        parsing = Frame.parse(reader.read_exact, mask=True)
        try:
            next(parsing)
        except StopIteration as done:
            frames.append(done.value)
        at += size
    return frames, data[at:]


@given(WHOLE, st.lists(st.integers(1, 40)))
def test_short_messages_are_taken_out_however_they_are_cut(whole: list[str | bytes], cuts: list[int]) -> None:
    stream = b"".join(sent(message).serialize(mask=True) for message in whole)
    sorter, messages = Sorter(), []
    while stream:
        cut = cuts.pop() if cuts else len(stream)
        found, others = sorter.feed(stream[:cut], free=True)
        assert others == b""
        stream = stream[cut:]
        messages += found
    assert messages == whole


@given(FRAMES, CUTS)
def test_nothing_is_lost_and_nothing_overtakes(frames: list[Frame], cuts: list[tuple[int, bool]]) -> None:
    """Whoever takes the other frames deals with them late, or at once."""
    for frame in frames:
        if frame.opcode in {Opcode.PING, Opcode.CLOSE}:
            frame.data, frame.fin = frame.data[:125], True
    stream = b"".join(frame.serialize(mask=True) for frame in frames)
    sorter, dealt_with, passed = Sorter(), list[Frame](), b""
    while stream:
        cut, late = cuts.pop() if cuts else (len(stream), False)
        messages, others = sorter.feed(stream[:cut], free=not passed)
        stream = stream[cut:]
        dealt_with += map(sent, messages)
        passed += others
        if not (late and stream):
            some, passed = parsed(passed)
            dealt_with += some
    assert dealt_with == frames


@pytest.mark.parametrize(
    "first",
    [Frame(Opcode.TEXT, b"hold" * 40), Frame(Opcode.PING, b"")],
)
def test_a_short_message_waits_behind_what_is_not_one(first: Frame) -> None:
    sorter = Sorter()
    before, behind = first.serialize(mask=True), sent("keep").serialize(mask=True)
    assert sorter.feed(before, free=True) == ([], before)
    assert sorter.feed(behind, free=False) == ([], behind)
    assert sorter.feed(behind, free=True) == (["keep"], b"")


def test_a_message_in_pieces_is_complete_with_the_last_one() -> None:
    pieces = [Frame(Opcode.TEXT, b"ho", fin=False), Frame(Opcode.PING, b""), Frame(Opcode.CONT, b"ld")]
    sorter = Sorter()
    for piece in pieces:
        frame = piece.serialize(mask=True)
        assert sorter.feed(frame, free=True) == ([], frame)
    assert sorter.feed(sent("keep").serialize(mask=True), free=True) == (["keep"], b"")


def test_a_message_between_the_pieces_of_another_is_not_ours_to_refuse() -> None:
    sorter = Sorter()
    sorter.feed(Frame(Opcode.TEXT, b"ho", fin=False).serialize(mask=True), free=True)
    between = sent("keep").serialize(mask=True)
    assert sorter.feed(between, free=True) == ([], between)


def test_a_text_that_is_none_is_not_ours_to_refuse() -> None:
    frame = Frame(Opcode.TEXT, b"\xff").serialize(mask=True)
    assert Sorter().feed(frame, free=True) == ([], frame)


@given(st.binary(max_size=500))
def test_noise_is_lost_on_nobody(data: bytes) -> None:
    """Whatever comes: what is not taken out is passed on or waits to be complete; nothing is invented."""
    messages, others = Sorter().feed(data, free=True)
    assert sum(len(sent(message).data) + 6 for message in messages) + len(others) <= len(data)


@pytest.mark.parametrize("length", [0, 1, 125, 126, 127, 0xFFFF, 0x10000])
@pytest.mark.parametrize("letter", ["x", b"x"])
def test_what_is_framed_is_read_as_it_was(length: int, letter: str | bytes) -> None:
    reader = StreamReader()
    reader.feed_data(framed(letter * length))
    parsing = Frame.parse(reader.read_exact, mask=False)
    with pytest.raises(StopIteration) as done:
        next(parsing)
    assert done.value.value == sent(letter * length)


def test_the_beginning_of_a_long_message_is_not_taken_for_a_short_one() -> None:
    """Cut where its length field, read as a short one's, would be right."""
    frame = Frame(Opcode.BINARY, bytes(126)).serialize(mask=True)
    sorter = Sorter()
    assert sorter.feed(frame[:132], free=True) == ([], frame[:132])
    assert sorter.feed(frame[132:], free=True) == ([], frame[132:])
