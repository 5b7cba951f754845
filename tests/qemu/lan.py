"""A local network with another computer in it, which gives addresses and hears what is announced: a namespace of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Self, TypeVar

from tests.links import wire

NEEDED = ("avahi-browse", "avahi-daemon", "dbus-daemon", "dnsmasq", "ip")
PATIENCE = 120.0
_Answer = TypeVar("_Answer")
_TAP = "tap0"
_AVAHI = f"[server]\nhost-name=neighbour\nallow-interfaces={_TAP}\nuse-ipv6=no\n[publish]\npublish-workstation=no\n"
# The computer that runs this may have an avahi of its own, whose notes these are. Seen by this one alone.
_ALONE = "mkdir -p /run/avahi-daemon && mount -t tmpfs tmpfs /run/avahi-daemon && exec avahi-daemon --no-drop-root --no-chroot -f $0"


def possible() -> str:
    """Why there can be none here, or nothing."""
    missing = [tool for tool in NEEDED if shutil.which(tool) is None]
    return f"not installed: {', '.join(missing)}" if missing else wire.possible()


@dataclass(frozen=True)
class Service:
    """What a computer in the network has been told of another one."""

    title: str
    host: str
    address: str
    port: int
    keys: Mapping[str, str]


class Lan:
    """Made on entering, gone on leaving.

    A machine is plugged into it by what its QEMU is started with: `inside` in front, and `adapter` in its own words.
    """

    def __init__(self) -> None:
        self._name = f"inkvm-lan-{os.getpid()}"
        self._stack = ExitStack()
        self.inside = ["ip", "netns", "exec", self._name]
        self.adapter = f"tap,id=net,ifname={_TAP},script=no,downscript=no"

    def __enter__(self) -> Self:
        with self._stack:  # ends what was begun when the rest fails
            self._folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="inkvm-lan-")))
            self._ip("netns", "add", self._name)
            self._stack.callback(self._ip, "netns", "del", self._name)
            for words in (
                f"tuntap add dev {_TAP} mode tap",
                f"address add 192.168.79.1/24 dev {_TAP}",
                f"link set {_TAP} up",
            ):
                self._ip("-n", self._name, *words.split())
            self._give_addresses()
            self._listen()
            self._stack = self._stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def heard(self, kind: str) -> Service:
        """Who offers something of that kind, once there is somebody. Raises TimeoutError, and ValueError for more than one."""
        (line,) = self._until(lambda: self._resolved(kind), f"nobody offers {kind}")
        _, _, _, title, _, _, host, address, port, texts = line.split(";", 9)
        return Service(title, host, address, int(port), _keys(texts))

    def _resolved(self, kind: str) -> list[str]:
        """The lines of who is there, each once: a service that is announced anew is listed again."""
        lines = self._browse(kind).stdout.splitlines()
        return list(dict.fromkeys(line for line in lines if line.startswith(f"=;{_TAP};IPv4;")))

    def _give_addresses(self) -> None:
        files = (f"--dhcp-leasefile={self._folder}/leases", f"--pid-file={self._folder}/pid", "--conf-file=/dev/null")
        options = (
            "--keep-in-foreground", "--no-resolv", "--no-hosts", "--bind-dynamic", "--dhcp-authoritative", "--user=root",
        )  # fmt: skip
        self._spawn("dnsmasq", *options, *files, f"--interface={_TAP}", "--dhcp-range=192.168.79.50,192.168.79.99,1h")

    def _listen(self) -> None:
        self._spawn("dbus-daemon", "--session", "--nofork", "--nopidfile", f"--address=unix:path={self._bus}")
        self._until(self._bus.exists, "the message bus does not start")
        config = self._folder / "avahi.conf"
        config.write_text(_AVAHI)
        self._spawn("sh", "-c", _ALONE, str(config))
        self._until(lambda: self._browse("_nobody._tcp").returncode == 0, "avahi does not start")

    def _browse(self, kind: str) -> subprocess.CompletedProcess[str]:
        words = ("avahi-browse", "--resolve", "--parsable", "--terminate", "--no-db-lookup", kind)
        return subprocess.run([*self.inside, *words], env=self._environment(), capture_output=True, text=True)

    @property
    def _bus(self) -> Path:
        return self._folder / "bus"

    def _environment(self) -> dict[str, str]:
        return {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={self._bus}"}

    def _spawn(self, *command: str) -> None:
        """A process there, which ends with the rest."""
        with (self._folder / f"{command[0]}.log").open("ab") as log:
            process = subprocess.Popen([*self.inside, *command], env=self._environment(), stdout=log, stderr=log)
        self._stack.callback(_ended, process)

    def _until(self, true: Callable[[], _Answer], what: str) -> _Answer:
        deadline = time.monotonic() + PATIENCE
        while not (answer := true()):
            if time.monotonic() > deadline:
                said = "".join(log.read_text(errors="replace")[-1000:] for log in self._folder.glob("*.log"))
                raise TimeoutError(f"{what}\n{said}")
            time.sleep(0.2)
        return answer

    def _ip(self, *words: str) -> None:
        subprocess.run(["ip", *words], check=True)


def _keys(texts: str) -> dict[str, str]:
    """The records that avahi-browse prints, each in quotes."""
    return dict(text.split("=", 1) for text in texts.strip('"').split('" "') if text)


def _ended(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait(PATIENCE)
