"""The HDMI cable: vivid's controls, set from outside as a cable is pulled from outside."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

_CURRENT, _NO_SIGNAL, _NO_LOCK, _OUT_OF_RANGE, _SELECTED = range(5)


class Bridge:
    """What is plugged into the HDMI input of one vivid node."""

    def __init__(self, node: Path) -> None:
        self._node = node
        self._cleared = False
        menu = self._command("--list-ctrls-menus").partition(" dv_timings 0x")[2].partition(" 0x")[0]
        self._modes = {name: int(index) for index, name in re.findall(r"^\s+(\d+): (\S+)$", menu, re.MULTILINE)}

    def mode(self, name: str) -> None:
        """The target switches to a mode such as `1280x720p60`."""
        self.set("dv_timings", self._modes[name])
        self.set("dv_timings_signal_mode", _SELECTED)

    def has(self, name: str) -> bool:
        """Whether this kernel's vivid knows a mode."""
        return name in self._modes

    def no_signal(self) -> None:
        """The target is off, or the cable out."""
        self.set("dv_timings_signal_mode", _NO_SIGNAL)

    def no_lock(self) -> None:
        """There is a signal that cannot be locked to."""
        self.set("dv_timings_signal_mode", _NO_LOCK)

    def out_of_range(self) -> None:
        """The mode is beyond the receiver."""
        self.set("dv_timings_signal_mode", _OUT_OF_RANGE)

    def no_edid(self) -> None:
        """+5 V is there and no picture: the target has been told nothing of the receiver."""
        self._command("--clear-edid")
        self._cleared = True

    def edid(self) -> None:
        """The receiver's EDID is back, if it was gone: while somebody streams it cannot be set."""
        if self._cleared:
            self._command("--set-edid=type=hdmi")
            self._cleared = False

    def moving(self) -> None:
        """Every frame differs from the one before."""
        self.set("horizontal_movement", 6)

    def still(self) -> None:
        """Plain colour bars, every row like the next."""
        self.set("osd_text_mode", 2)
        self.set("horizontal_movement", 3)

    def inject(self, fault: str) -> None:
        """One of vivid's faults: `disconnect`, `inject_...`."""
        self.set(fault, 1)

    def set(self, control: str, value: int) -> None:
        """Any control."""
        self._command(f"--set-ctrl={control}={value}")

    def _command(self, option: str) -> str:
        command = ["v4l2-ctl", "-d", str(self._node), option]
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
