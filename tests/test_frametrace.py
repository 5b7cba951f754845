"""What tests/kernel/guest/frametrace.py makes of a trace: each frame keeps its own times, whoever waits and whatever is left out."""

from __future__ import annotations

from tests.kernel.guest.frametrace import CAPTURE, CODED, RAW, Event, Frame, Period

OURS, KERNELS, SOURCES = 7, 8, 9


def buffer(thread: int, seconds: float, name: str, kind: int, index: int, *, stamp: int = 0) -> Event:
    return Event(thread, seconds, f"vb2_{name}", f"index = {index}, type = {kind}, timestamp = {stamp * 1000}")


def filled_and_taken(filled: float, taken: float, index: int, stamp: int) -> list[Event]:
    return [
        buffer(SOURCES, filled, "buf_done", CAPTURE, index),
        buffer(OURS, taken, "dqbuf", CAPTURE, index, stamp=stamp),
    ]


def encoded(thread: int, begin: float, index: int) -> list[Event]:
    """Half a second of work."""
    done = buffer(thread, begin + 0.25, "buf_done", CODED, index)
    return [Event(thread, begin, "run", ""), done, Event(thread, begin + 0.5, "done", "")]


def period(*events: Event) -> Period:
    everything = sorted(events, key=lambda event: event.seconds)
    return Period(everything, [event for event in everything if event.thread == OURS], 0, 0)


def test_the_newest_frame_is_the_one_that_is_encoded() -> None:
    seen = period(
        *filled_and_taken(1.0, 1.5, 0, 900),
        *filled_and_taken(1.25, 1.75, 1, 1150),
        buffer(OURS, 2.0, "qbuf", RAW, 1, stamp=1150),
        *encoded(OURS, 2.25, 0),
        buffer(OURS, 3.0, "dqbuf", CODED, 0, stamp=1150),
    )
    assert seen.ways == [Frame(1150, 1.25, 2.25, 2.75, 3.0)]
    assert (seen.taken, seen.frames, seen.inside) == (2, 1, 500_000)


def test_a_frame_that_waited_in_the_queue_is_encoded_by_the_kernel() -> None:
    seen = period(
        *filled_and_taken(1.0, 1.25, 0, 900),
        buffer(OURS, 1.5, "qbuf", RAW, 0, stamp=900),
        *filled_and_taken(1.5, 1.75, 1, 1400),
        buffer(OURS, 2.0, "qbuf", RAW, 1, stamp=1400),
        *encoded(OURS, 2.0, 0),
        *encoded(KERNELS, 3.0, 1),
        buffer(OURS, 4.0, "dqbuf", CODED, 0, stamp=900),
        buffer(OURS, 4.25, "dqbuf", CODED, 1, stamp=1400),
    )
    assert seen.ways == [Frame(900, 1.0, 2.0, 2.5, 4.0), Frame(1400, 1.5, 3.0, 3.5, 4.25)]
    assert (seen.frames, seen.inside) == (2, 500_000)


def test_a_system_call_that_began_before_counts_from_the_start() -> None:
    seen = period(
        buffer(SOURCES, 1.0, "buf_done", CAPTURE, 0),
        *(Event(OURS, at, name, "") for at, name in ((1.5, "sys_exit"), (2.0, "sys_enter"), (2.25, "sys_exit"))),
        Event(OURS, 3.0, "sys_enter", ""),
    )
    assert seen.calls == [(1.0, 1.5), (2.0, 2.25)]
