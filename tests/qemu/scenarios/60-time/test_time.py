"""Two starts of a machine whose clock stands in the year 2000 when the power comes.

In the first a time server says a date six years ahead, and the plug is pulled. In the second the same server says the true one: six years back.
"""

from __future__ import annotations

import subprocess
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

from tests.qemu.card import flashed, place
from tests.qemu.conftest import PASSWORD, needed, script
from tests.qemu.facts import Facts
from tests.qemu.machine import Machine

pytestmark = pytest.mark.soak

HERE = Path(__file__).parent
PATIENCE = 900.0
"""Seconds for one start. One that hangs may not cost the whole run."""
SELECT = 1
HOUR, DAY = 3600.0, 86400.0


class Story:
    """What both starts said."""

    def __init__(self, folder: Path) -> None:
        card = flashed(folder / "card")
        (folder / "inkvm.toml").write_text('[system]\ntime_servers = ["127.0.0.1"]\n')
        subprocess.run(["mcopy", "-i", f"{card}@@{place(card, SELECT)[0]}", folder / "inkvm.toml", "::"], check=True)
        without_battery = ("-rtc", "base=2000-01-01T00:00:00")
        wanted = {"password": PASSWORD, "script": script(HERE), "keep": True, "devices": without_battery}
        with Machine("virt", card, **wanted) as machine:  # type: ignore[arg-type]
            self.first = Facts(machine).until("end", PATIENCE)
        with Machine("virt", card, **wanted) as machine:  # type: ignore[arg-type]
            self.second = Facts(machine).until("end", PATIENCE)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    needed()
    return Story(tmp_path_factory.mktemp("time"))


def test_the_clock_starts_at_the_build_and_no_earlier(story: Story) -> None:
    assert story.first["built"] <= story.first["before-now"] < story.first["built"] + DAY


@pytest.mark.parametrize("start", ["first", "second"])
def test_nothing_shows_a_date_before_somebody_has_said_it(story: Story, start: str) -> None:
    shown = story.first["before"] if start == "first" else story.second["again"]
    assert (shown["head"], shown["audit"], shown["until"]) == ([None, None], None, None)
    assert (shown["status"], shown["info"]) == (False, {"synchronised": False})
    assert shown["panel"].startswith("boot ")


def test_the_journal_says_what_it_knows(story: Story) -> None:
    assert story.first["before-journal"].endswith("s after the start: the date is not known")
    said = datetime.fromisoformat(story.first["after-journal"].rpartition(": ")[2]).timestamp()
    assert 0 <= said - story.first["far"] < HOUR


def test_the_owners_server_alone_is_asked(story: Story) -> None:
    assert story.first["asked"] == [["127.0.0.1"], []]


def test_once_it_is_said_every_date_is_the_true_one(story: Story) -> None:
    far, shown = story.first["far"], story.first["after"]
    assert 0 <= story.first["after-now"] - far < HOUR
    assert 0 <= shown["audit"] - far < HOUR
    assert 0 <= shown["until"] - 2 * HOUR - far < HOUR
    sent, drawn = (parsedate_to_datetime(each).timestamp() for each in shown["head"])
    assert -1 <= sent - far < HOUR
    assert -HOUR < drawn - far < HOUR, "it may have been drawn before, by a clock that was six years behind"
    assert (shown["status"], shown["info"]) == (True, {"synchronised": True})


def test_the_certificate_is_good_before_and_after_however_the_clock_is_set(story: Story) -> None:
    for leaf, now in (
        (story.first["before-leaf"], story.first["before-now"]),
        (story.first["after-leaf"], story.first["after-now"]),
        (story.second["near-leaf"], story.second["near-now"]),
    ):
        good, begin, end = leaf
        assert good
        assert begin <= now < end
        assert end - begin <= 825 * DAY


def test_the_clock_goes_on_where_the_plug_was_pulled(story: Story) -> None:
    assert 0 <= story.second["again-now"] - story.first["far"] < DAY


def test_a_date_that_was_wrong_is_put_right(story: Story) -> None:
    assert 0 <= story.second["near-now"] - story.second["near"] < HOUR


def test_nothing_failed(story: Story) -> None:
    assert (story.first["failed-units"], story.second["failed-units"]) == ("", "")
