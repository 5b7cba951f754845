"""The network on the cable to the target, whose other end is a laptop with another's DHCP client: an address, the page, and nothing else."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from app import cable
from app.gadget.apply import Gadget
from app.gadget.functions import planned
from app.gadget.plan import Identity
from epaper.own import Own
from epaper.page import Join, page
from tests.kernel.guest import target
from tests.kernel.guest.conftest import UDC
from tests.kernel.guest.mdns import Resolver, published, running
from tests.kernel.guest.networked import Daemon, forget
from tests.kernel.guest.registry import Registry, asked
from tests.kernel.guest.wireless import KEYFILES, OVERLAY, Neighbour, System, run, until

pytestmark = pytest.mark.soak
HTTPS, ELSEWHERE = 443, 2222
"""Ports: the page's, and one that another unit opens."""
SILENCE = 5.0
"""Seconds without an answer that count as one."""
END = Path("/sys/class/net", cable.INTERFACE)
IDENTITY = Identity("KVM", "0123456789abcdef")
IPV4 = Path("/proc/sys/net/ipv4")
LAN = "192.168.50.1"


class Laptop:
    """A namespace with the adapter that the gadget is to it."""

    name: Final = "laptop"

    def __init__(self, adapter: str) -> None:
        self._adapter = adapter
        run("ip", "link", "set", adapter, "netns", self.name)
        for link in ("lo", adapter):
            self.inside("ip", "link", "set", link, "up")

    def inside(self, *command: str) -> str:
        return run("ip", "netns", "exec", self.name, *command)

    def lease(self) -> dict[str, str]:
        """What klibc's DHCP client, which takes all that it is offered, makes of the answer."""
        self.inside("/usr/lib/klibc/bin/ipconfig", "-t", "60", "-c", "dhcp", "-d", self._adapter)
        found = re.findall(r"(?m)^(\w+)='(.*)'$", Path(f"/run/net-{self._adapter}.conf").read_text())
        return dict(found)

    def does(self, *words: object) -> str:
        return self.inside("python3", "-m", "tests.kernel.guest.laptop", *map(str, words)).strip()

    def reaches(self, address: str, port: int = HTTPS) -> str:
        return self.does("reach", address, port, SILENCE)


@pytest.fixture(scope="module", autouse=True)
def configured(others: list[Neighbour]) -> None:
    """What of the image concerns the cable; NetworkManager runs."""
    run("modprobe", "-a", "cdc_ncm", "usb_f_ncm")
    firewall()
    shutil.copy(OVERLAY / "usr/lib/udev/rules.d/70-inkvm.rules", "/etc/udev/rules.d")
    shutil.copytree(OVERLAY / "etc/inkvm", "/etc/inkvm", dirs_exist_ok=True)
    run("udevadm", "control", "--reload")
    (IPV4 / "ip_forward").write_text("0")  # as the image has it


@pytest.fixture
def router(configured: None) -> Iterator[None]:
    """Of what comes in anywhere, which neither the image nor NetworkManager with its settings makes of it."""
    (IPV4 / "ip_forward").write_text("1")
    yield
    (IPV4 / "ip_forward").write_text("0")


@pytest.fixture
def laptop(gadget: Gadget, system: System) -> Iterator[Laptop]:
    """Plugged in, and switched on."""
    connection = KEYFILES / "target.nmconnection"
    shutil.copy(OVERLAY / "usr/lib/NetworkManager/system-connections/target.nmconnection", connection)
    connection.chmod(0o600)
    asked(Registry.reload)
    with plugged_in(gadget) as result:
        yield result
    print(system.said("NetworkManager"))
    forget()


@contextmanager
def plugged_in(gadget: Gadget) -> Iterator[Laptop]:
    gadget.up(planned(IDENTITY, ("network",)), UDC)
    until(END.exists, "the device's end has not the name that the firewall knows it by")
    with dhcp_server():
        run("ip", "netns", "add", Laptop.name)
        try:
            yield Laptop(target.wait_for(_adapter, "adapter"))
        finally:
            run("ip", "netns", "del", Laptop.name)


def _adapter() -> str | None:
    """Its name, which udev gives it."""
    device = target.usb_device()
    run("udevadm", "settle")
    found = list(device.glob("*:1.*/net/*")) if device else []
    return found[0].name if found else None


@contextmanager
def dhcp_server() -> Iterator[None]:
    """As its unit has it, and with its capabilities: without more than these it starts."""
    unit = (OVERLAY / "usr/lib/systemd/system/inkvm-cable.service").read_text()
    (command,) = re.findall(r"(?m)^ExecStart=(.*)$", unit)
    (held,) = re.findall(r"(?m)^AmbientCapabilities=(.*)$", unit)
    capabilities = ",".join(["-all", *(f"+{name.lower().removeprefix('cap_')}" for name in held.split())])
    confined = [f"--{kind}={capabilities}" for kind in ("bounding-set", "inh-caps", "ambient-caps")]
    with running("setpriv", "--reuid=nobody", "--clear-groups", *confined, *shlex.split(command)):
        yield


@contextmanager
def listening(port: int) -> Iterator[None]:
    """Somebody on the device who is not ours."""
    with socket.create_server(("0.0.0.0", port)):
        yield


def firewall() -> None:
    """As the image has it."""
    run("nft", "-f", str(OVERLAY / "etc/nftables.conf"))


def addressed(device: Daemon) -> None:
    """Return when the device has its address on the cable."""
    device.shows(lambda shown: cable.ADDRESS in (shown.network.addresses or ()))


def in_the_lan(command: str) -> str:
    return run("ip", "netns", "exec", "lan", *shlex.split(command))


def test_the_target_gets_an_address_and_the_page_and_nothing_else(laptop: Laptop, tmp_path: Path) -> None:
    with published(), Daemon(tmp_path, claimed=True, port=HTTPS) as device:
        addressed(device)
        shown = device.shows(lambda shown: shown.network.reason == "no Wi-Fi network is set up")
        assert shown.network.addresses == (cable.ADDRESS,)
        lease = laptop.lease()
        assert re.fullmatch(r"10\.213\.47\.[2-6]", lease["IPV4ADDR"])
        assert (lease["ROOTSERVER"], lease["IPV4GATEWAY"], lease["IPV4DNS0"]) == (cable.ADDRESS, "0.0.0.0", "0.0.0.0")
        (route,) = json.loads(laptop.inside("ip", "-json", "route"))
        assert route["dst"] == "10.213.47.0/29"
        authority = tmp_path / "state/tls/authority.pem"
        until(lambda: laptop.does("page", authority, cable.ADDRESS, cable.ADDRESS) == "inkvm", "it is not trusted")
        assert "not valid for '10.213.47.2'" in laptop.does("page", authority, "10.213.47.2", cable.ADDRESS)
        resolver = Resolver(laptop.name)
        with resolver.running():
            name = device.shows(lambda shown: shown.network.name).network.name
            until(lambda: resolver.address(name) == cable.ADDRESS, f"nobody is called {name}")
            until(lambda: laptop.does("page", authority, name, cable.ADDRESS) == "inkvm", "it is not trusted")
        assert laptop.reaches(cable.ADDRESS, 80) == "open"
        for name in ("ip_forward", "conf/target/forwarding"):
            assert (IPV4 / name).read_text() == "0\n"
        assert re.findall(r"(?m)^table .*", run("nft", "list", "ruleset")) == ["table inet inkvm {"]


def test_what_other_units_open_is_not_for_the_target(laptop: Laptop, wire: str, tmp_path: Path) -> None:
    with Daemon(tmp_path, claimed=True, port=HTTPS) as device, listening(ELSEWHERE):
        addressed(device)
        laptop.lease()
        run("nft", "add", "element", "inet", "inkvm", "open", f"{{ {ELSEWHERE} }}")
        try:
            asked = ("python3", "-m", "tests.kernel.guest.laptop", "reach", "192.168.50.9", str(ELSEWHERE), "60")
            assert run("ip", "netns", "exec", wire, *asked) == "open\n"
            assert laptop.reaches(cable.ADDRESS) == "open"
            for port in (ELSEWHERE, 22, 53, 8080):
                assert laptop.reaches(cable.ADDRESS, port) == "silent"
        finally:
            run("nft", "delete", "element", "inet", "inkvm", "open", f"{{ {ELSEWHERE} }}")


def test_nothing_is_passed_on_not_even_where_something_has_made_a_router_of_the_device(
    laptop: Laptop, wire: str, router: None, tmp_path: Path
) -> None:
    """Nobody owns the device and there is no Wi-Fi: the cable is no network, and does not keep the access point shut."""
    with Daemon(tmp_path, claimed=False, port=HTTPS) as device:
        addressed(device)
        shown = device.shows(lambda shown: shown.hotspot)
        panel = page(device.shows(lambda shown: shown.claim), Own("inkvm"))
        assert isinstance(panel, Join)
        assert panel.reason.startswith(f"by USB: {cable.ADDRESS}, claim code ")
        lease = laptop.lease()  # there are two DHCP servers now
        assert (lease["ROOTSERVER"], lease["IPV4GATEWAY"]) == (cable.ADDRESS, "0.0.0.0")
        assert shown.hotspot is not None
        laptop.inside("ip", "route", "add", "192.168.50.0/24", "via", cable.ADDRESS)
        in_the_lan("ip route add 10.213.47.0/29 via 192.168.50.9")
        with running("ip", "netns", "exec", wire, "python3", "-m", "http.server", str(HTTPS)):
            run("nft", "add", "chain", "inet", "inkvm", "forward", "{ policy accept; }")
            until(lambda: laptop.reaches(LAN) == "open", "the test's own way through the device leads nowhere")
            firewall()
            assert laptop.reaches(LAN) == "silent"


def test_both_ends_keep_their_addresses_and_there_is_none_without_the_profile(gadget: Gadget) -> None:
    seen = []
    for _time in range(2):
        with plugged_in(gadget) as laptop:
            own = (END / "address").read_text().strip()
            (far,) = (link for link in json.loads(laptop.inside("ip", "-json", "link")) if link["ifname"] != "lo")
            seen.append((own, far["address"]))
        gadget.up(planned(IDENTITY, ()), UDC)
        until(lambda: not END.exists() and _adapter() is None, "it stays")
    assert seen[0] == seen[1]
    assert seen[0][0] != seen[0][1]
