"""What the card's first partition, which every computer can read and write, has to do with access.

Whoever holds the card owns the device. Three files: `inkvm-reset` (or `.txt`) takes everybody's access away;
`inkvm-hosts.txt` lists names for the setting `web.hosts`; `inkvm-claim.txt` is ours, and holds the claim code for a device
without a panel. The customisation file is `app.firstrun`'s to read, which hands over the administrator that it names.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path

from app import durable
from app.auth.accounts import Accounts
from app.auth.claim import ClaimCode
from app.auth.store import FOLDER, HOSTS, Store
from app.chance import Chance

_RESETS = ("inkvm-reset", "inkvm-reset.txt")
_CLAIM = "inkvm-claim.txt"
_CARD_HOSTS = "inkvm-hosts.txt"
_IMPORTED = "imported"
_SECTOR = 512
_OWNED = "This device has an owner."


class Card:
    """The partition, mounted at `boot`, and the state folder that it has a say in. Methods raise OSError.

    `owner` is who gets what is made in there.
    """

    def __init__(self, boot: Path, state: Path, chance: Chance, owner: durable.Owner | None = None) -> None:
        self._boot = boot
        self._state = state
        self._chance = chance
        self._owner = owner

    def reset(self) -> bool:
        """Take all access away if that is asked for: accounts, tokens, links, the owner's certificate. Settings stay."""
        asked = [self._boot / name for name in _RESETS if (self._boot / name).exists()]
        if asked:
            reset(self._state)
        for path in asked:
            path.unlink()
        return bool(asked)

    def import_account(self, handed: Path) -> str:
        """Make the account that the customisation file names, once, on a device that nobody owns: its name, or nothing.

        Args:
            handed: a JSON file with its `name` and `password`, a hash; there is none where the card names nobody.

        Raises:
            NotAcceptable: it cannot be.
        """
        try:
            user = json.loads(handed.read_bytes())
        except FileNotFoundError:
            return ""
        accounts = Accounts(self._store("accounts"), {})
        mark = hashlib.sha256(f"{user['name']}\0{user['password']}".encode()).hexdigest()
        if len(accounts) or self._imported() == mark:
            return ""  # after a reset the same account does not come back: its password may be what was lost
        accounts.create(user["name"], "admin", user["password"])
        durable.replace(self._state / _IMPORTED, mark.encode(), owner=self._owner)
        return str(user["name"])

    @staticmethod
    def set_by(told: Path) -> list[str]:
        """What the customisation file has set at this start, by name."""
        try:
            return [str(name) for name in json.loads(told.read_bytes())]
        except (FileNotFoundError, ValueError):
            return []

    def show_claim(self) -> None:
        """Keep the claim code's file as it should be: with the code while nobody owns the device, without it afterwards.

        FAT has no journal: a file that is made, renamed or removed can be found empty, or its cluster lost, after a power
        cut. This one comes with the image, and is only ever written over: one sector, which is the old or the new.
        """
        words = _OWNED
        if not len(Accounts(self._store("accounts"), {})):
            code = ClaimCode(self._store("claim"), self._chance).show()
            words = f"Open https:// and the device's address in a browser. The code to claim it is {code}"
        path, content = self._boot / _CLAIM, words.encode().ljust(_SECTOR - 2) + b"\r\n"
        if path.exists() and path.read_bytes()[:_SECTOR] == content:
            return
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.pwrite(descriptor, content, 0)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def take_hosts(self) -> None:
        """Names by which browsers may call the device, for whoever cannot reach the settings."""
        source, target = self._boot / _CARD_HOSTS, self._state / HOSTS
        if source.exists():
            content = source.read_bytes()[:4096]
            if not target.exists() or target.read_bytes() != content:
                durable.replace(target, content, owner=self._owner)
        else:
            target.unlink(missing_ok=True)

    def _store(self, name: str) -> Store:
        return Store(self._state / FOLDER / f"{name}.json", self._owner)

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
    durable.sync(state)
