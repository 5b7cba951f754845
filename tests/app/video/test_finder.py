"""Where the HDMI input is."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from app.video import finder
from app.video.source import SourceError


class Devices:
    """A machine's video devices, by name: driver, whether it captures, whether it has DV timings or an errno instead."""

    def __init__(self, root: Path, devices: dict[str, tuple[str, bool, bool | int] | int]) -> None:
        self.devices, self.open = devices, 0
        self.sysfs = root / "sys"
        for name in devices:
            (self.sysfs / "class/video4linux" / name).mkdir(parents=True)

    def node(self, path: Path) -> Device:
        found = self.devices[path.name]
        if isinstance(found, int):
            raise OSError(found, "refused")
        self.open += 1
        return Device(self, *found)

    def find(self, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.setattr(finder, "Node", self.node)
        return finder.find_capture(self.sysfs, Path("/dev"))


class Device:
    def __init__(self, machine: Devices, driver: str, captures: bool, timings: bool | int) -> None:
        self._machine, self._driver, self._captures, self._timings = machine, driver, captures, timings

    def names(self) -> tuple[str, str]:
        return self._driver, "card"

    def captures(self) -> bool:
        return self._captures

    def has_dv_timings(self) -> bool:
        if not isinstance(self._timings, bool):
            raise OSError(self._timings, "no inputs")
        return self._timings

    def close(self) -> None:
        self._machine.open -= 1


def test_it_is_found_whatever_its_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Devices(
        tmp_path,
        {
            "video2": ("uvcvideo", True, False),
            "video10": ("bcm2835-codec", False, errno.ENOTTY),
            "video11": ("unicam", False, False),
            "video13": ("unicam", True, True),
            "video31": ("bcm2835-codec", True, errno.EINVAL),
        },
    )
    assert machine.find(monkeypatch) == Path("/dev/video13")
    assert machine.open == 0


def test_a_receiver_in_the_other_mode_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Devices(tmp_path, {"video0": ("unicam", True, False), "video1": errno.EACCES})
    with pytest.raises(SourceError) as caught:
        machine.find(monkeypatch)
    assert str(caught.value) == (
        "no HDMI input among 2 video devices; "
        "video0: the input does not know timings: remove media-controller=1 from dtoverlay=tc358743 in config.txt; "
        "video1: refused"
    )
