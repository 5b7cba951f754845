"""Virtual radios that hear each other: the appliance's, with NetworkManager, and other people's in namespaces of their own."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

Answer = TypeVar("Answer")
OVERLAY = Path(__file__).resolve().parents[3] / "rootfs-overlay"
PATIENCE = 120.0
"""Seconds for what takes a radio some: under emulation a scan takes ten."""
PASSPHRASE = "correct horse"
POOL = "--dhcp-range=192.168.77.50,192.168.77.99,10m"
KEYFILES = Path("/var/lib/inkvm/network")
RADIOS = Path("/sys/class/ieee80211")


def run(*command: str, check: bool = True) -> str:
    """What a command prints."""
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert not check or done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


def until(true: Callable[[], Answer], what: str) -> Answer:
    """Return when it is, and what it is."""
    deadline = time.monotonic() + PATIENCE
    while not (answer := true()):
        assert time.monotonic() < deadline, what
        time.sleep(0.2)
    return answer


class System:
    """The services that the appliance finds on its board, as its image configures them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._processes: list[subprocess.Popen[bytes]] = []
        self._manager: subprocess.Popen[bytes] | None = None

    def start(self, radios: int) -> None:
        """The root disk is read-only, so what is written goes into memory."""
        socket.sethostname("kvm")
        for place in ("/var/lib", "/etc"):
            self._over(Path(place))
        for name in ("NetworkManager", "dbus-1"):
            shutil.copytree(OVERLAY / "etc" / name, Path("/etc") / name, dirs_exist_ok=True)
        for number, name in enumerate(("inkvm", "stranger"), 900):
            run("useradd", "--uid", str(number), "--no-create-home", "--user-group", name)
        KEYFILES.mkdir(0o700, parents=True)
        Path("/run/dbus").mkdir(exist_ok=True)
        self.spawn("/usr/lib/systemd/systemd-udevd")
        until(Path("/run/udev/control").exists, "udevd does not start")
        run("udevadm", "control", "--ping")
        run("modprobe", "mac80211_hwsim", f"radios={radios}")
        run("udevadm", "trigger", "--action=add", "--subsystem-match=net", "--subsystem-match=ieee80211")
        run("udevadm", "settle")
        self.spawn("dbus-daemon", "--system", "--nofork", "--nopidfile")
        until(Path("/run/dbus/system_bus_socket").exists, "the message bus does not start")
        self.spawn("wpa_supplicant", "-u", "-s", "-O", "/run/wpa_supplicant")

    def _over(self, place: Path) -> None:
        upper, work = self._folder / place.name, self._folder / f"{place.name}-work"
        upper.mkdir()
        work.mkdir()
        run("mount", "-t", "overlay", "-o", f"lowerdir={place},upperdir={upper},workdir={work}", "overlay", str(place))

    def spawn(self, *command: str) -> subprocess.Popen[bytes]:
        """A process that ends with the rest."""
        with (self._folder / f"{Path(command[0]).name}.log").open("ab") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log)
        self._processes.append(process)
        return process

    def start_manager(self) -> None:
        """NetworkManager, which reads its connections."""
        self._manager = self.spawn("NetworkManager", "--no-daemon")

    def lose_manager(self) -> None:
        """NetworkManager is gone at once, with what it had in memory, as after a power cut."""
        assert self._manager is not None
        self._manager.kill()
        self._manager.wait()
        shutil.rmtree("/run/NetworkManager")
        run("ip", "address", "flush", "dev", "wlan0")

    def said(self, service: str) -> str:
        """What a service has said last."""
        return (self._folder / f"{service}.log").read_text(errors="replace")[-6000:]

    def stop(self) -> None:
        """End all of them; the last one first."""
        for process in reversed(self._processes):
            process.terminate()
            process.wait(PATIENCE)


class Neighbour:
    """A radio in a namespace of its own, which is somebody else's machine."""

    def __init__(self, name: str, phy: str, folder: Path) -> None:
        self.name = name
        self._folder = folder
        self.interface = next((RADIOS / phy / "device/net").iterdir()).name
        run("ip", "netns", "add", name)
        run("iw", "phy", phy, "set", "netns", "name", name)
        self.inside("ip", "link", "set", "lo", "up")

    def inside(self, *command: str, check: bool = True) -> str:
        """What a command prints there."""
        return run("ip", "netns", "exec", self.name, *command, check=check)

    @contextmanager
    def running(self, *command: str) -> Iterator[None]:
        """A process there, for as long as the block lasts."""
        with (self._folder / f"{self.name}.log").open("ab") as log:
            process = subprocess.Popen(["ip", "netns", "exec", self.name, *command], stdout=log, stderr=log)
        try:
            yield
        finally:
            process.terminate()
            process.wait(PATIENCE)

    @contextmanager
    def network(
        self,
        ssid: str,
        passphrase: str = PASSPHRASE,
        *lines: str,
        dhcp: str = POOL,
    ) -> Iterator[None]:
        """An access point that gives addresses where `dhcp` is not empty. `lines` are hostapd's."""
        settings = (
            f"interface={self.interface}", "driver=nl80211", f"ssid2={ssid.encode().hex()}", "hw_mode=g", "channel=1", "wpa=2",
            "wpa_key_mgmt=WPA-PSK", "rsn_pairwise=CCMP", f"wpa_passphrase={passphrase}", *lines, "",
        )  # fmt: skip
        file = self._folder / f"{self.name}.conf"
        file.write_text("\n".join(settings))
        with self.running("hostapd", str(file)):
            self.inside("ip", "address", "replace", "192.168.77.1/24", "dev", self.interface)
            with self.addresses(dhcp):
                yield

    @contextmanager
    def addresses(self, dhcp: str) -> Iterator[None]:
        """Given out there, as dnsmasq's options say; nothing is where they are empty."""
        if not dhcp:
            yield
            return
        files = (f"--dhcp-leasefile={self._folder}/{self.name}.leases", f"--pid-file={self._folder}/{self.name}.pid")
        options = ("--keep-in-foreground", "--no-resolv", "--no-hosts", "--bind-dynamic", "--dhcp-authoritative")
        with self.running("dnsmasq", *options, f"--interface={self.interface}", *dhcp.split(), *files):
            yield

    @contextmanager
    def joined(self, ssid: str, passphrase: str) -> Iterator[None]:
        """As a telephone that somebody has shown the code: with an address, and the name server that comes with it."""
        file = self._folder / f"{self.name}.wpa"
        file.write_text(f'network={{\nssid="{ssid}"\npsk="{passphrase}"\n}}\n')
        with self.running("wpa_supplicant", "-i", self.interface, "-c", str(file)):
            until(lambda: "Connected" in self.inside("iw", "dev", self.interface, "link"), f"{ssid} is not joined")
            yield
