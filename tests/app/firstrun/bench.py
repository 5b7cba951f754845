"""A device with a card on this machine: folders for the partition, the data and the run time, and starts one after another."""

from __future__ import annotations

from pathlib import Path

from app import status
from app.chance import Chance
from app.firstrun.card import Card
from app.firstrun.customisation import Customisation
from app.firstrun.formats import World
from app.firstrun.run import Run
from app.firstrun.steps import Steps
from app.firstrun.vault import Vault

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHVzZSB5b3VyIG93biBwdWJsaWMga2V5IGhlcmUhISEh ann@laptop"
WORLD = World(Customisation(), lambda name: name == "Europe/Berlin", lambda password, user: f"hash of {len(password)}")
"""A world that keeps no passwords."""
PASSWD = "root:x:0:0:root:/root:/bin/bash\nsshd:x:100:65534::/run/sshd:/usr/sbin/nologin\n"
FULL = f"""
[system]
hostname = "KVM-rack3"
timezone = "Europe/Berlin"
time_servers = ["127.0.0.1"]
country = "DE"
[user]
name = "ann"
password = "nine Grey herons"
[ssh]
enabled = true
authorized_keys = ["{KEY}"]
[[wifi]]
ssid = "workshop"
password = "the very first secret"
[[wifi]]
ssid = "attic"
password = "other secret"
hidden = true
address = ["192.168.1.50/24", "fd00::5/64"]
gateway = ["192.168.1.1"]
dns = ["192.168.1.1", "fd00::1"]
[usb]
extras = ["network", "storage"]
[panel]
version = "v3"
reset = 5
"""
SECRETS = ("nine Grey herons", "the very first secret", "other secret")


class Device:
    """Folders below one of the test's own."""

    def __init__(self, folder: Path) -> None:
        self.boot, self.state, self.runtime = folder / "boot", folder / "state", folder / "run"
        self.zones, self.passwd = folder / "zones", folder / "passwd"
        for each in (self.boot, self.state, self.runtime, self.zones / "Europe", self.zones / "Etc"):
            each.mkdir(parents=True, exist_ok=True)
        (self.boot / "autoboot.txt").touch()
        (self.zones / "Europe/Berlin").touch()
        (self.zones / "Etc/UTC").touch()
        self.passwd.write_text(PASSWD)
        self.names: list[str] = []
        self.troubles: list[str] = []
        self.lasts = True

    def put(self, content: str | bytes, name: str = "inkvm.toml") -> Path:
        path = self.boot / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def start(self) -> status.Card:
        """Root's one-shot, once."""
        for each in self.runtime.iterdir():
            each.unlink()
        steps = Steps(self.state, self.runtime, self.zones, self.passwd, name_system=self.names.append, owner=None)
        run = Run(Card(self.boot), Vault(self.state / "firstrun"), steps, Chance(), lasts=self.lasts)
        told = status.Card(*run.once("inkvm-4f2a"))
        self.troubles = run.troubles
        return told

    def lasting(self) -> dict[str, bytes]:
        """What lasts, but for root's own notes."""
        files = [path for path in self.state.rglob("*") if path.is_file()]
        return {
            str(path.relative_to(self.state)): path.read_bytes() for path in files if path.parent.name != "firstrun"
        }

    def now(self) -> dict[str, str]:
        """What holds for this start."""
        return {path.name: path.read_text() for path in self.runtime.iterdir() if not path.is_symlink()}
