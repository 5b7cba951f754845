"""The journal's keeper as a process, with a journal of the test's own."""

from __future__ import annotations

import datetime
import os
import re
import signal
import subprocess
import time
import uuid
from pathlib import Path

import pytest

KEEPER = Path(__file__).resolve().parents[2] / "rootfs-overlay/usr/libexec/inkvm/keep-journal"
LIMIT = 4096


class Keeper:
    """Starts it, says things to it, stops it: what is said before is kept by then."""

    def __init__(self, folder: Path, boot: str = "") -> None:
        self.log = folder / "log"
        self.log.mkdir(exist_ok=True)
        self._news = folder / "news"
        self._news.write_text("")
        run = folder / "run"
        run.mkdir(exist_ok=True)
        tools = folder / "tools"
        tools.mkdir(exist_ok=True)
        self._cursor = folder / "seen"
        self._cursor.write_text("0")
        # Says what came after its cursor, as journalctl does: what comes meanwhile is for the next time.
        (tools / "journalctl").write_text(
            f'#!/bin/sh\nread -r seen <"{self._cursor}" || :\n'
            f'tail -c "+$((seen + 1))" "{self._news}" | tee "{folder}/said"\n'
            f'echo $((seen + $(stat --format %s "{folder}/said"))) >"{self._cursor}"\necho "$@" >"{folder}/asked"\n'
        )
        (tools / "journalctl").chmod(0o755)
        # A start of the machine is one of this keeper, if nothing else is said.
        (tools / "boot_id").write_text(f"{boot or uuid.uuid4()}\n")
        keeper = tools / "keep-journal"
        keeper.write_text(KEEPER.read_text().replace("/proc/sys/kernel/random/boot_id", str(tools / "boot_id")))
        self._asked = folder / "asked"
        environment = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}", "RUNTIME_DIRECTORY": str(run)}
        self._process = subprocess.Popen(
            ["sh", keeper, self.log, str(LIMIT), "0.01", folder / "synchronised"],
            env=environment,
            start_new_session=True,
        )
        while not self._asked.exists():
            assert self._process.poll() is None

    def say(self, words: str) -> None:
        with self._news.open("a") as news:
            news.write(words)

    def heard(self) -> None:
        """Wait until everything was taken."""
        while int(self._cursor.read_text() or 0) < self._news.stat().st_size:
            assert self._process.poll() is None

    def stop(self) -> None:
        self._process.terminate()
        assert self._process.wait() == 0
        self.asked = self._asked.read_text()
        self._asked.unlink()

    def killed(self) -> None:
        """As systemd does it, with its children."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._asked.unlink()

    def kept(self, name: str) -> str:
        return (self.log / name).read_text()

    def said(self, name: str) -> str:
        """What is kept, without the lines that say when."""
        return re.sub(r"(?m)^-- .*\n", "", self.kept(name))


def test_the_start_before_is_kept_beside_this_one(tmp_path: Path) -> None:
    for words in ("first\n", "second\n", "third\n"):
        keeper = Keeper(tmp_path)
        keeper.say(words)
        keeper.stop()
    assert (keeper.said("current"), keeper.said("previous")) == ("third\n", "second\n")
    assert sorted(path.name for path in keeper.log.iterdir()) == ["current", "previous"]


def test_a_start_that_said_nothing_does_not_push_out_what_was_kept(tmp_path: Path) -> None:
    keeper = Keeper(tmp_path)
    keeper.say("why it died\n")
    keeper.stop()
    for _start in range(3):
        keeper = Keeper(tmp_path)
        keeper.stop()
    assert keeper.said("previous") == "why it died\n"


@pytest.mark.parametrize("lines", [1, 10_000])
def test_a_keeper_that_is_started_again_goes_on_and_the_start_before_stays(tmp_path: Path, lines: int) -> None:
    """However it ended, and also once the beginning of the file has been cut off."""
    keeper = Keeper(tmp_path)
    keeper.say("why it died\n")
    keeper.stop()
    for number in range(3):
        keeper = Keeper(tmp_path, boot="this")
        for line in range(lines):
            keeper.say(f"{number} of {line}\n")
        keeper.heard()
        while f"{number} of {lines - 1}\n" not in keeper.kept("current"):
            pass
        keeper.killed()
    assert keeper.said("previous") == "why it died\n"
    assert keeper.kept("current").startswith("-- start this\n")
    assert lines > 1 or keeper.said("current") == "0 of 0\n1 of 0\n2 of 0\n"


def test_its_place_in_the_journal_outlives_it() -> None:
    """The folder of its cursor is otherwise gone when it ends, and this start would be told twice."""
    unit = KEEPER.parents[2] / "lib/systemd/system/inkvm-journal.service"
    assert "\nRuntimeDirectoryPreserve=restart\n" in unit.read_text()


def test_a_full_card_ends_neither_the_keeper_nor_what_it_kept(tmp_path: Path) -> None:
    keeper = Keeper(tmp_path)
    keeper.say("why it died\n")
    keeper.stop()
    keeper = Keeper(tmp_path)
    (tmp_path / "full").symlink_to("/dev/full")
    (tmp_path / "full").replace(keeper.log / "current")
    keeper.say("lost\n" * LIMIT)
    keeper.heard()
    (tmp_path / "room").touch()
    (tmp_path / "room").replace(keeper.log / "current")
    keeper.say("and on\n")
    keeper.heard()
    keeper.stop()
    assert (keeper.said("current"), keeper.said("previous")) == ("and on\n", "why it died\n")


@pytest.mark.parametrize("lines", [10, 100, 10_000])
def test_it_stays_within_its_limit_and_the_end_survives(tmp_path: Path, lines: int) -> None:
    keeper = Keeper(tmp_path)
    for number in range(lines):
        keeper.say(f"line {number:06}\n")
        if number % (lines // 5) == 0:
            keeper.heard()
    keeper.stop()
    kept = keeper.kept("current")
    assert len(kept) <= LIMIT
    assert kept.endswith(f"line {lines - 1:06}\n")
    assert lines > 100 or keeper.said("current").startswith("line 000000")


def test_a_date_is_there_once_it_is_known_and_seconds_since_the_start_always(tmp_path: Path) -> None:
    keeper = Keeper(tmp_path)
    keeper.say("before\n")
    keeper.heard()
    (tmp_path / "synchronised").touch()
    while "before" not in keeper.kept("current"):
        pass
    keeper.say("after\n")
    keeper.stop()
    assert "--output=short-monotonic" in keeper.asked
    found = re.fullmatch(
        r"-- start \S+\n-- ([\d.]+) s after the start: the date is not known\nbefore\n-- ([\d.]+) s after the start: (\S+)\nafter\n",
        keeper.kept("current"),
    )
    assert found is not None
    assert float(found[1]) <= float(found[2]) <= time.clock_gettime(time.CLOCK_BOOTTIME)
    assert abs(datetime.datetime.fromisoformat(found[3]).timestamp() - time.time()) < 3600


def test_what_is_kept_is_nobody_else_s_to_read(tmp_path: Path) -> None:
    keeper = Keeper(tmp_path)
    keeper.say("x\n")
    keeper.stop()
    assert (keeper.log / "current").stat().st_mode & 0o077 == 0
