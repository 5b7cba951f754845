"""How far it is, in words."""

from __future__ import annotations

import io

from image.flash.progress import Progress

MEBIBYTE = 2**20


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_log_gets_a_line_for_every_tenth() -> None:
    log, clock = io.StringIO(), Clock()
    progress = Progress("writing", 40 * MEBIBYTE, log, clock)
    for done in range(1, 41):
        clock.now += 0.5
        progress.told(done * MEBIBYTE)
    lines = log.getvalue().splitlines()
    assert len(lines) == 10
    assert lines[0] == "writing: 10 %, 4 of 40 MiB, 2.0 MiB/s, 18 s left"
    assert lines[-1] == "writing: 100 %, 40 of 40 MiB"


def test_a_terminal_gets_one_line_that_changes_at_most_twice_a_second() -> None:
    screen, clock = Terminal(), Clock()
    progress = Progress("writing", 40 * MEBIBYTE, screen, clock)
    for done in range(1, 41):
        clock.now += 0.2
        progress.told(done * MEBIBYTE)
    text = screen.getvalue()
    assert text.count("\r") == 14
    assert text.count("\n") == 1
    assert text.endswith("\rwriting: 100 %, 40 of 40 MiB\033[K\n")


def test_a_clock_that_stands() -> None:
    log = io.StringIO()
    Progress("writing", 2 * MEBIBYTE, log, lambda: 1.0).told(MEBIBYTE)
    assert log.getvalue() == "writing: 50 %, 1 of 2 MiB\n"
