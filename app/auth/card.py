"""What the card's first partition, which every computer can read and write, has to do with access.

Whoever holds the card owns the device. Four files: `inkvm-reset` (or `.txt`) takes everybody's access away;
`custom.toml` as Raspberry Pi Imager writes it names the first administrator; `inkvm-hosts.txt` lists names for
the setting `web.hosts`; `inkvm-claim.txt` is ours, and holds the claim code for a device without a panel.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tomllib
from pathlib import Path

from app import durable
from app.auth import crypt3, passwords
from app.auth.accounts import Accounts
from app.auth.claim import ClaimCode
from app.auth.front import FOLDER, HOSTS
from app.auth.store import Store

_RESETS = ("inkvm-reset", "inkvm-reset.txt")
_CUSTOM = "custom.toml"
_CLAIM = "inkvm-claim.txt"
_CARD_HOSTS = "inkvm-hosts.txt"
_IMPORTED = "imported"


class Card:
    """The partition, mounted at `boot`, and the state folder that it has a say in. Methods raise OSError."""

    def __init__(self, boot: Path, state: Path) -> None:
        self._boot = boot
        self._state = state

    def reset(self) -> bool:
        """Take all access away if that is asked for: accounts, tokens, links, the owner's certificate. Settings stay."""
        asked = [self._boot / name for name in _RESETS if (self._boot / name).exists()]
        if asked:
            reset(self._state)
        for path in asked:
            path.unlink()
        return bool(asked)

    def import_account(self) -> str:
        """Make the account that the customisation file names, once, on a device that nobody owns: its name, or nothing.

        Raises NotAcceptable: the file names one that cannot be.
        """
        try:
            user = tomllib.loads((self._boot / _CUSTOM).read_text("utf-8")).get("user", {})
        except (FileNotFoundError, ValueError):
            return ""  # without a file, or with one that is not ours to judge, there is the claim code
        name, secret = (user.get("name"), user.get("password")) if isinstance(user, dict) else (None, None)
        if not isinstance(name, str) or not isinstance(secret, str):
            return ""
        accounts = Accounts(self._store("accounts"), {})
        mark = hashlib.sha256(f"{name}\0{secret}".encode()).hexdigest()
        if len(accounts) or self._imported() == mark:
            return ""  # after a reset the same account does not come back: its password may be what was lost
        hashed = secret if crypt3.is_hash(secret) else passwords.digest(passwords.acceptable(secret, name))
        accounts.create(name, "admin", hashed)
        durable.replace(self._state / _IMPORTED, mark.encode())
        return name

    def show_claim(self) -> None:
        """Keep the claim code's file as it should be: there while nobody owns the device, gone when somebody does."""
        path = self._boot / _CLAIM
        if len(Accounts(self._store("accounts"), {})):
            path.unlink(missing_ok=True)
            return
        code = ClaimCode(self._store("claim")).show()
        words = f"Open https:// and the device's address in a browser. The code to claim it is {code}\r\n".encode()
        if not path.exists() or path.read_bytes() != words:
            durable.replace(path, words)

    def take_hosts(self) -> None:
        """Names by which browsers may call the device, for whoever cannot reach the settings."""
        source, target = self._boot / _CARD_HOSTS, self._state / HOSTS
        if source.exists():
            content = source.read_bytes()[:4096]
            if not target.exists() or target.read_bytes() != content:
                durable.replace(target, content)
        else:
            target.unlink(missing_ok=True)

    def _store(self, name: str) -> Store:
        return Store(self._state / FOLDER / f"{name}.json")

    def _imported(self) -> str:
        try:
            return (self._state / _IMPORTED).read_text("ascii")
        except (FileNotFoundError, ValueError):
            return ""


def reset(state: Path) -> None:
    """Take all access away; whatever else is in the state folder stays. Raises OSError."""
    folder, going = state / FOLDER, state / f".{FOLDER}.going"
    shutil.rmtree(going, ignore_errors=True)
    if folder.exists():
        folder.rename(going)  # at once: half a reset would be none
        shutil.rmtree(going)
    (state / "tls" / "owner.pem").unlink(missing_ok=True)
    descriptor = os.open(state, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
