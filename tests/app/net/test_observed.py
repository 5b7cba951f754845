"""What NetworkManager's objects come to."""

from __future__ import annotations

from typing import Any

import pytest

from app.net.observed import ACTIVATED, NAME, observe
from app.net.troubles import Troubles

PATH = f"/{NAME.replace('.', '/')}"


def adapter(number: int, name: str, address: str) -> dict[str, Any]:
    """A wired adapter that is up, with an address and no gateway: its own object and that of its address."""
    device = {
        "DeviceType": ("u", 1), "Interface": ("s", name), "State": ("u", ACTIVATED),
        "ActiveConnection": ("o", "/"), "Ip4Config": ("o", f"{PATH}/IP4Config/{number}"), "Ip6Config": ("o", "/"),
    }  # fmt: skip
    data = [{"address": ("s", address), "prefix": ("u", 29)}]
    return {
        f"{PATH}/Devices/{number}": {f"{NAME}.Device": device},
        f"{PATH}/IP4Config/{number}": {f"{NAME}.IP4Config": {"AddressData": ("aa{sv}", data), "Gateway": ("s", "")}},
    }


def test_the_cable_to_the_target_is_no_network() -> None:
    target = adapter(1, "target", "10.213.47.1")
    observed = observe(target, {})
    assert observed.links == ()
    assert Troubles().reason(observed, 0.0) == "no network cable and no Wi-Fi radio"
    observed = observe({**target, **adapter(2, "eth0", "192.168.1.9")}, {})
    assert [(link.name, link.addresses) for link in observed.links] == [("eth0", ("192.168.1.9/29",))]
    assert Troubles().reason(observed, 0.0) == "no gateway on eth0"


@pytest.mark.parametrize(
    ("flags", "wpa", "rsn", "security"),
    [
        (0, 0, 0, "open"),
        (1, 0, 0, "wep"),
        (1, 0x100, 0, "wpa"),
        (1, 0, 0x100 | 0x400, "wpa"),
        (1, 0, 0x400, "sae"),
        (1, 0, 0x200, "enterprise"),
        (1, 0, 0x2000, "enterprise"),
        (0, 0, 0x800, "owe"),
        (0, 0, 0x1000, "open"),
    ],
)
def test_what_a_network_asks_for(flags: int, wpa: int, rsn: int, security: str) -> None:
    """0x1000 is an open network that names its encrypted twin beside it (OWE transition mode)."""
    point = {
        "Ssid": ("ay", b"home"), "Strength": ("y", 60), "Frequency": ("u", 2412), "Mode": ("u", 2), "Flags": ("u", flags),
        "WpaFlags": ("u", wpa), "RsnFlags": ("u", rsn),
    }  # fmt: skip
    (heard,) = observe({f"{PATH}/AccessPoint/1": {f"{NAME}.AccessPoint": point}}, {}).air
    assert heard.security == security
