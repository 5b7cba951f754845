"""The request from daemon to root's one-shot, and the answer: one side is trusted less than the other."""

from __future__ import annotations

import asyncio
import fcntl
import os
import threading
from pathlib import Path

import pytest

from app.gadget import request
from app.gadget.apply import Gadget
from app.gadget.functions import UnknownProfileError
from app.gadget.monitor import Monitor
from app.gadget.request import BadRequestError, Requests, alone, answer, asked, until_unchanged
from app.status import Usb, UsbState


def _gadget(folder: Path) -> Gadget:
    return Gadget(folder / "configfs", "inkvm", folder / "udc")


def _bound(folder: Path, to: str) -> None:
    """The controller says whose it is."""
    (folder / "udc/dummy_udc.0").mkdir(parents=True, exist_ok=True)
    (folder / "udc/dummy_udc.0/function").write_text(to)


@pytest.fixture
def requests(tmp_path: Path) -> Requests:
    return Requests(tmp_path, tmp_path / "run", _gadget(tmp_path))


def test_what_is_asked_for_is_read_on_the_other_side(tmp_path: Path, requests: Requests) -> None:
    assert asked(tmp_path) == ()
    requests.ask(("storage", "serial"))
    assert asked(tmp_path) == ("storage", "serial")
    requests.ask(())
    assert asked(tmp_path) == ()


@pytest.mark.parametrize("content", [b"\xff\xfe", b"storage " * 100, b"x" * 257])
def test_what_is_no_list_of_names_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / request.REQUEST).write_bytes(content)
    with pytest.raises(BadRequestError, match="usb-profile is no list of profile names"):
        asked(tmp_path)


def test_an_unknown_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / request.REQUEST).write_text("storage ../../etc/shadow\n")
    with pytest.raises(UnknownProfileError):
        asked(tmp_path)


def test_only_a_file_is_read_and_nothing_waited_for(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("storage")
    (tmp_path / request.REQUEST).symlink_to(secret)
    with pytest.raises(OSError, match="symbolic link"):
        asked(tmp_path)
    (tmp_path / request.REQUEST).unlink()
    os.mkfifo(tmp_path / request.REQUEST)
    with pytest.raises(BadRequestError, match="is no file"):
        asked(tmp_path)


def test_a_refusal_is_told_until_there_is_none(tmp_path: Path, requests: Requests) -> None:
    assert requests.refusal() == ""
    (tmp_path / "run").mkdir()
    answer(tmp_path / "run", "a, b = 8 IN endpoints, the USB controller has 7")
    assert requests.refusal() == "a, b = 8 IN endpoints, the USB controller has 7"
    assert (tmp_path / "run" / request.REFUSAL).stat().st_mode & 0o777 == 0o644
    requests.ask(())
    assert requests.refusal() == "", "it was about something else"
    answer(tmp_path / "run", "it is still so")
    assert requests.refusal() == "it is still so"
    answer(tmp_path / "run", "")
    answer(tmp_path / "run", "")
    assert requests.refusal() == ""


@pytest.mark.parametrize("fate", ["nothing", "done", "refused"])
def test_a_request_that_nobody_heard_is_made_again_once(tmp_path: Path, fate: str) -> None:
    now = [0.0]
    requests = Requests(tmp_path, tmp_path / "run", _gadget(tmp_path), lambda: now[0])
    requests.ask(("storage",) if fate != "done" else ())
    if fate == "refused":
        (tmp_path / "run").mkdir()
        answer(tmp_path / "run", "it does not fit")
    elif fate == "done":
        _bound(tmp_path, to="inkvm\n")
    touched = []
    for _ in range(4):
        os.utime(tmp_path / request.REQUEST, (1, 1))
        requests.remind()
        touched.append((tmp_path / request.REQUEST).stat().st_mtime != 1)
        now[0] += 6.0
    assert touched == [False, False, fate == "nothing", False]
    assert asked(tmp_path) == (("storage",) if fate != "done" else ())


def test_one_shots_take_turns(tmp_path: Path) -> None:
    (tmp_path / request.LOCK).touch()
    with (tmp_path / request.LOCK).open() as another:
        with alone(tmp_path), pytest.raises(BlockingIOError):
            fcntl.flock(another, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fcntl.flock(another, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_what_is_asked_for_meanwhile_is_done_as_well(tmp_path: Path, requests: Requests) -> None:
    seen = []
    for _ in until_unchanged(tmp_path):
        seen.append(asked(tmp_path))
        if len(seen) < 3:
            requests.ask(("storage", "serial")[: len(seen)])
    assert seen == [(), ("storage",), ("storage", "serial")]


def test_what_the_target_sees_is_what_is_bound(tmp_path: Path, requests: Requests) -> None:
    assert requests.now() is None
    folder = tmp_path / "configfs/usb_gadget/inkvm"
    (folder / "configs/c.1/strings").mkdir(parents=True)
    for name in ("hid.keyboard", "acm.serial"):
        (folder / "configs/c.1" / name).symlink_to(folder)
    os.mkfifo(folder / "UDC")  # whoever opens it waits, as while the kernel binds
    for owner in ("", "g1\n"):
        _bound(tmp_path, to=owner)
        assert requests.now() is None
    _bound(tmp_path, to="inkvm\n")
    assert requests.now() == ("serial",)


class Cable:
    """A controller and a switch under the test's hand."""

    loop: asyncio.AbstractEventLoop

    def __init__(self) -> None:
        self.state: UsbState = "configured"
        self.profile: tuple[str, ...] | None = ()
        self.words = ""
        self.reminders: asyncio.Queue[int] = asyncio.Queue()
        """The threads on which they came."""

    def now(self) -> tuple[str, ...] | None:
        return self.profile

    def refusal(self) -> str:
        return self.words

    def ask(self, wanted: tuple[str, ...]) -> None:
        self.profile = wanted

    def remind(self) -> None:
        self.loop.call_soon_threadsafe(self.reminders.put_nowait, threading.get_ident())


def test_the_status_has_every_change_and_no_other() -> None:
    cable, seen = Cable(), list[Usb]()
    monitor = Monitor(lambda: cable.state, cable, seen.append, lambda: None)
    monitor.look()
    monitor.leds(("caps",))
    monitor.leds(("caps",))
    cable.state = "suspended"
    monitor.look()
    monitor.look()
    cable.profile, cable.words = None, "it does not fit"
    monitor.look()
    cable.state = "not attached"
    monitor.look()
    assert seen == [
        Usb("configured", None, ()),
        Usb("configured", ("caps",), ()),
        Usb("suspended", ("caps",), ()),
        Usb("suspended", ("caps",), None, "it does not fit"),
        Usb("not attached", None, None, "it does not fit"),
    ]


async def test_a_request_is_made_again_on_no_loop() -> None:
    cable = Cable()
    cable.loop = asyncio.get_running_loop()
    watching = asyncio.ensure_future(Monitor(lambda: cable.state, cable, lambda _usb: None, lambda: None).run())
    assert await cable.reminders.get() != threading.get_ident()
    watching.cancel()


def test_who_types_is_told_of_a_target_that_may_have_forgotten() -> None:
    cable, renewed = Cable(), list[str]()
    monitor = Monitor(lambda: cable.state, cable, lambda _usb: None, lambda: renewed.append(cable.state))

    def told() -> bool:
        before = len(renewed)
        monitor.look()
        return len(renewed) > before

    assert told()
    assert not told()
    monitor.leds(("caps",))
    assert not told()
    cable.state = "suspended"
    assert not told()
    cable.state = "configured"
    assert told()
    cable.profile = ("serial",)
    assert told()
    assert not told()
    cable.state = "addressed"
    assert not told()
