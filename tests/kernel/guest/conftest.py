"""The gadget on dummy_hcd's controller, and the HDMI input that vivid plays."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.gadget.apply import Gadget
from app.gadget.functions import planned
from app.gadget.plan import GADGET, Identity, Plan
from app.video.finder import find_capture, open_source
from app.video.v4l2 import V4L2Source
from tests.kernel.guest import target
from tests.kernel.guest.appliance import Appliance
from tests.kernel.guest.bridge import Bridge
from tests.kernel.guest.wireless import RADIOS, Neighbour, System, run

CONFIGFS = Path("/sys/kernel/config")
UDC = "dummy_udc.0"


def plug_in(gadget: Gadget) -> None:
    """Bring the appliance's gadget up, with the one difference that a host in use suspends it: it says that it can wake the host."""
    gadget.up(planned(Identity("KVM", None, wakes=True), ()), UDC)


@pytest.fixture(scope="module")
def appliance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Appliance]:
    """The daemon, started before the gadget is there: it has to find it later."""
    result = Appliance(tmp_path_factory.mktemp("appliance"))
    result.ready()
    gadget = Gadget(CONFIGFS, GADGET)
    plug_in(gadget)
    yield result
    result.stop()
    gadget.down()
    target.unplugged()


@pytest.fixture
def wanted() -> Plan:
    """The appliance's gadget, which the host suspends even while it is in use."""
    return planned(Identity("KVM", "0123", wakes=True), ())


@pytest.fixture
def gadget() -> Iterator[Gadget]:
    """The gadget's folder, not there yet, and gone afterwards."""
    result = Gadget(CONFIGFS, GADGET)
    yield result
    result.down()
    target.unplugged()


@pytest.fixture
def folder(gadget: Gadget, wanted: Plan) -> Path:
    """The folder of the gadget, which is up."""
    gadget.up(wanted, UDC)
    return CONFIGFS / "usb_gadget" / GADGET


@pytest.fixture
def bridge() -> Iterator[Bridge]:
    """The HDMI cable, with 720p60 on it before and after."""
    result = Bridge(find_capture())
    result.mode("1280x720p60")
    result.moving()
    yield result
    result.edid()
    result.mode("1280x720p60")


@pytest.fixture
def source(bridge: Bridge) -> Iterator[V4L2Source]:
    """The HDMI input."""
    result = open_source(find_capture())
    result.changed()
    yield result
    result.close()


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """The services of the network, without NetworkManager."""
    result = System(tmp_path_factory.mktemp("system"))
    result.start(radios=3)
    yield result
    result.stop()


@pytest.fixture(scope="session")
def others(system: System, tmp_path_factory: pytest.TempPathFactory) -> list[Neighbour]:
    """Two neighbours; the first radio is the device's, and NetworkManager has it."""
    _ours, *phys = sorted((phy.name for phy in RADIOS.iterdir()), key=lambda name: int(name.removeprefix("phy")))
    result = [Neighbour(f"beside-{phy}", phy, tmp_path_factory.mktemp(phy)) for phy in phys]
    system.start_manager()
    return result


@pytest.fixture
def near(others: list[Neighbour]) -> Neighbour:
    return others[0]


@pytest.fixture
def far(others: list[Neighbour]) -> Neighbour:
    return others[1]


@pytest.fixture
def wire(system: System) -> Iterator[str]:
    """A namespace at the other end of an Ethernet cable, 192.168.50.1; the device is 192.168.50.9."""
    run("ip", "link", "add", "cable0", "type", "veth", "peer", "name", "far")
    run("ip", "netns", "add", "lan")
    run("ip", "link", "set", "far", "netns", "lan")
    run("ip", "address", "add", "192.168.50.9/24", "dev", "cable0")
    run("ip", "link", "set", "cable0", "up")
    for command in ("address add 192.168.50.1/24 dev far", "link set far up", "link set lo up"):
        run("ip", "netns", "exec", "lan", "ip", *command.split())
    yield "lan"
    run("ip", "link", "del", "cable0")
    run("ip", "netns", "del", "lan")
