"""Makes the customisation true: what lasts, once for each file, and what the system forgets, at every start. [e]"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

from app import durable, identity
from app.firstrun import shell
from app.firstrun.customisation import Customisation, Refused

CONNECTIONS = "network"
"""Where NetworkManager keeps them, too (NetworkManager.conf)."""
SETTINGS = "settings.toml"
_LINES = ("hostname", "timezone", "country")
"""Files of one line in the state folder, which the daemon may change later: they are looked at each time."""


class Steps:
    """Where things go.

    Args:
        state: the folder of what lasts.
        runtime: the folder of what holds until the next start.
        zones: the time zone database.
        passwd: the system's accounts.
        name_system: gives the running system its host name.
        owner: user and group that get what the daemon may change; None to leave it ours.
    """

    def __init__(
        self, state: Path, runtime: Path, zones: Path, passwd: Path, *,
        name_system: Callable[[str], None], owner: tuple[int, int] | None,
    ) -> None:  # fmt: skip
        self._state = state
        self._runtime = runtime
        self._zones = zones
        self._passwd = passwd
        self._name_system = name_system
        self._owner = owner

    def is_zone(self, name: str) -> bool:
        """Whether the device knows that time zone."""
        return (self._zones / name).is_file()

    def chosen(self) -> str:
        """The settings file's text; nothing where there is none that can be used. Raises OSError."""
        from app import settings

        try:
            text = (self._state / SETTINGS).read_text("utf-8")
            settings.parse(text)
        except (FileNotFoundError, ValueError):
            return ""
        return text

    def last(self, wanted: Customisation) -> None:
        """Write what lasts. Twice is as good as once. Raises OSError, and then the next start has to go on.

        Raises Refused, too: the settings have been changed since the file was judged, and do not fit it any more.
        """
        from app import settings  # it is once for each file, and every other start does without
        from app.firstrun import networks
        from app.gadget.request import REQUEST

        for name in _LINES:
            value = getattr(wanted, name)
            if value:
                self._give(name, f"{value}\n".encode(), 0o644)
        if wanted.time_servers:
            self._give("time_servers", f"{' '.join(wanted.time_servers)}\n".encode(), 0o644)
        if wanted.settings:
            try:
                merged = settings.merged(self.chosen(), dict(wanted.settings))
            except settings.BadSettings as error:
                raise Refused(str(error)) from error
            self._give(SETTINGS, merged.encode(), 0o640)
        if wanted.extras is not None:
            self._give(REQUEST, f"{' '.join(wanted.extras)}\n".encode(), 0o600)
        self._connect(networks.files(wanted.wifi), networks.PREFIX)

    def _give(self, name: str, content: bytes, mode: int) -> None:
        durable.replace(self._state / name, content, mode, self._owner)

    def _connect(self, files: dict[str, bytes], prefix: str) -> None:
        """The networks of the customisation in place of those of the one before; others stay."""
        folder = self._state / CONNECTIONS
        durable.folder(folder)
        for name, content in files.items():
            durable.replace(folder / name, content)
        gone = [path for path in folder.glob(f"{prefix}*") if path.name not in files]
        for path in gone:
            path.unlink()
        if gone:
            durable.sync(folder)

    def now(self, default: str) -> None:
        """Set host name and time zone as the state folder has them. Raises OSError."""
        name = self._line("hostname") or default
        if name:
            self._name_system(name)
        zone = self._line("timezone")
        draft = self._runtime / ".localtime"
        draft.unlink(missing_ok=True)
        draft.symlink_to(self._zones / (zone if zone and self.is_zone(zone) else "Etc/UTC"))
        draft.rename(self._runtime / "localtime")

    def let_in(self, wanted: Customisation) -> None:
        """Say who may have a shell until the next start, and whose account it is. Raises OSError."""
        user = wanted.user
        self._tell("authorized_keys", shell.authorized_keys(wanted.keys), 0o600)
        name = user.name if user is not None and wanted.keys else ""
        self._tell("passwd", shell.accounts(self._passwd.read_text("utf-8"), name), 0o644)
        account = {"name": user.name, "password": user.hashed} if user is not None and user.hashed else None
        self._tell("account.json", json.dumps(account) if account else "", 0o600)

    def note(self, made: tuple[str, ...]) -> None:
        """Say what this start has set, by name, for the audit log. Raises OSError."""
        self._tell("set.json", json.dumps(made) if made else "", 0o600)

    def _tell(self, name: str, text: str, mode: int) -> None:
        """A file for this start; none where there is nothing to say."""
        path = self._runtime / name
        path.unlink(missing_ok=True)
        if text:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode), "w") as file:
                os.fchmod(file.fileno(), mode)
                file.write(text)

    def _line(self, name: str) -> str:
        """What such a file says; nothing unless it makes sense."""
        try:
            with os.fdopen(os.open(self._state / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
                words = file.read(256).decode().strip()
        except (OSError, ValueError):
            return ""
        from app.firstrun import checks  # few devices have such a file

        sensible = {"hostname": identity.is_hostname, "timezone": checks.is_zone, "country": checks.is_country}
        return words if sensible[name](words) else ""
