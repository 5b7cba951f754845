"""The display that the device poses as: the owner's choice among the presets, or an EDID of their own."""

from __future__ import annotations

import logging
from pathlib import Path

from app import durable
from app.video.edid import parse
from app.video.flaws import BadEdid, decode, examine
from app.video.presets import DEFAULT, NAMES, preset
from app.video.receiver import BOARD, Link


class Display:
    """Kept in the state folder, so that the target finds the same display after a power cut.

    Args:
        state: the folder of what lasts; the choice made at run time is its `edid.bin`.
        wanted: the setting `video.edid`: a preset's name, or the path of a file.
        serial: tells this device from others of its kind.
        link: the lanes that the picture has to pass.
    """

    def __init__(self, state: Path, wanted: str, serial: str, link: Link = BOARD) -> None:
        self._link = link
        self._chosen = state / "edid.bin"
        self._wanted = wanted
        self._presets = {name: preset(name, serial).build() for name in NAMES}
        self._load()

    @property
    def name(self) -> str:
        """A preset's, or `own`."""
        return next((name for name, data in self._presets.items() if data == self.edid), "own")

    def modes(self) -> tuple[str, ...]:
        """What it offers to the target, the preferred mode first, in words."""
        return tuple(dict.fromkeys(str(mode) for mode in parse(self.edid).modes()))

    def choose(self, name: str) -> None:
        """Pose as a preset from now on. Raises BadEdid for another name, OSError when it cannot be kept."""
        if name not in self._presets:
            raise BadEdid((f"there is no preset {name!r}, expected one of {', '.join(NAMES)}",))
        self._keep(self._presets[name])

    def take(self, upload: bytes) -> None:
        """Pose as somebody's own EDID, bytes or hexadecimal text. Raises BadEdid, OSError when it cannot be kept."""
        data = decode(upload)
        examine(data, self._link)
        self._keep(data)

    def forget(self) -> None:
        """Back to what the setting says."""
        self._chosen.unlink(missing_ok=True)
        self._load()

    def _keep(self, data: bytes) -> None:
        durable.replace(self._chosen, data)
        self._load()

    def _load(self) -> None:
        """What is kept, or else the setting, or else the default: an unusable file must not leave the target without a display."""
        self.edid = self._presets.get(self._wanted, self._presets[DEFAULT])
        """The EDID in force."""
        self.warnings: tuple[str, ...] = ()
        """What is wrong with the choice, and the modes in it that cannot be received."""
        if self._wanted in self._presets:
            self.warnings = self._examined(self.edid)
        paths = [self._chosen] if self._wanted in self._presets else [self._chosen, Path(self._wanted)]
        for path in paths:
            try:
                data = decode(path.read_bytes())
                self.warnings = self._examined(data)
            except FileNotFoundError:
                if path != self._chosen:
                    self._complain(path, "there is no such file")
            except (OSError, BadEdid) as error:
                self._complain(path, str(error))
            else:
                self.edid = data
                return

    def _examined(self, data: bytes) -> tuple[str, ...]:
        """What cannot be received of it. A preset is kept also if that is its preferred mode. Raises BadEdid for any other."""
        try:
            return examine(data, self._link)[1]
        except BadEdid as error:
            if data not in self._presets.values():
                raise
            return error.flaws

    def _complain(self, path: Path, words: str) -> None:
        self.warnings = (f"{path}: {words}",)
        logging.getLogger(__name__).warning("no display as in %s: %s", path, words)
