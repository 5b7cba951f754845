"""Names and passphrases as enemies choose them, from the card and from the page, read back from NetworkManager."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from hypothesis import event, example, given, settings
from hypothesis import strategies as st

from app import wifi
from app.net.errors import NotDone
from app.net.profiles import Settings, station
from tests.conftest import EFFORT
from tests.kernel.guest.networked import applied, forget
from tests.kernel.guest.registry import Registry, asked
from tests.kernel.guest.wireless import Neighbour, System, run

Network = tuple[bytes, str]

PRINTABLE = "".join(map(chr, range(32, 127)))
HOME, HALL = (b"home", "correct horse"), (b"hall", "")
"""Two harmless ones, beside which the others differ in nothing but name and passphrase."""
letters = st.characters(exclude_categories=["Cs", "Cc"])
secrets = (
    st.text(letters, min_size=8, max_size=63)
    | st.text(PRINTABLE, min_size=63, max_size=63)
    | st.text(" \\;#=[]\"'`$%&\u2028", min_size=8, max_size=63)
    | st.text("0123456789abcdefABCDEF", min_size=64, max_size=64)
).filter(lambda text: wifi.is_secret(text) and text.strip("*"))
names = (
    st.binary(min_size=1, max_size=32)
    | st.binary(min_size=32, max_size=32)
    | st.text(min_size=1, max_size=32).map(str.encode).filter(wifi.is_name)
    | st.text(PRINTABLE, min_size=1, max_size=32).map(str.encode)
    | st.text("0123456789;", min_size=1, max_size=32).map(str.encode)
)
networks = st.lists(st.tuples(names, secrets | st.just("")), min_size=8, max_size=14, unique_by=lambda each: each[0])
STRANGE: list[Network] = [
    (b"\n[ipv4]\nmethod=disabled\n", "eight]\\n;#= "),
    (b"\x00\xff;1;2;", "  both ends  "),
    (b";", "        "),
    (b"#[connection]", "\\s\\t\\n\\\\end\\"),
    (b"\xff" * 32, PRINTABLE[:63]),
    (b"\0" * 32, PRINTABLE[-63:]),
    (b"=", '"quoted"; `sh`; $(sh)'),
    (b"a" * 32, "x" * 63),
    (b" ", "0123456789abcdefABCDEF0123456789" * 2),
    ("grüße\u202e".encode(), "größer als \N{SNOWMAN}"),
    (b"\\x00", ""),
    (b"65;", "\xa0" * 4),
]


async def reloaded(registry: Registry) -> dict[str, Settings]:
    await registry.reload()
    return await registry.networks()


def tried(network: Network) -> Settings:
    return asked(lambda registry: registry.add(station(*network)))


def bare(found: Settings, network: Network) -> Settings:
    """The settings without what the network is called and protected by, which is as it was asked for."""
    ssid, secret = network
    assert found["802-11-wireless"].pop("ssid") == ("ay", ssid)
    assert found["connection"].pop("id") == ("s", wifi.shown(ssid))
    assert found["connection"].pop("uuid") == ("s", wifi.identity(ssid))
    if secret:
        assert found["802-11-wireless-security"].pop("psk") == ("s", secret)
    return found


@pytest.fixture(autouse=True)
def known(others: list[Neighbour]) -> Iterator[None]:
    """Every test starts without a network, and leaves none."""
    yield
    forget()


@settings(max_examples=3 * EFFORT)
@given(networks)
@example(STRANGE)
def test_the_card_s_networks_are_what_was_written_and_nothing_beside(
    tmp_path_factory: pytest.TempPathFactory, strange: list[Network]
) -> None:
    wanted = [HOME, HALL, *(each for each in strange if each[0] not in {HOME[0], HALL[0]})]
    lines = [
        f"[[wifi]]\nssid_hex = '{ssid.hex()}'\npassword = {json.dumps(secret, ensure_ascii=False)}\n"
        for ssid, secret in wanted
    ]
    applied(tmp_path_factory.mktemp("card"), "inkvm.toml", "".join(lines))
    found = asked(reloaded)
    assert len(found) == len(wanted)
    plain: dict[bool, Settings] = {}
    for position, network in enumerate(wanted):
        rest = bare(found[wifi.identity(network[0])], network)
        assert rest["connection"].pop("autoconnect-priority") == ("i", 100 - position)
        assert rest == plain.setdefault(bool(network[1]), rest)
        event("with a passphrase" if network[1] else "open")


@settings(max_examples=10 * EFFORT)
@given(names, secrets | st.just(""))
def test_the_page_s_networks_are_what_was_asked_for(ssid: bytes, secret: str) -> None:
    home, other = tried((b"home", secret)), tried((ssid, secret))
    assert bare(other, (ssid, secret)) == bare(home, (b"home", secret))


@settings(max_examples=20 * EFFORT)
@given(st.text(letters, max_size=70) | st.text("0aFg", min_size=63, max_size=65))
@example("7 chars")
@example("größen")
@example("x" * 63)
@example("x" * 64)
@example("é" * 32)
def test_what_the_device_takes_for_a_passphrase_networkmanager_takes_as_well(secret: str) -> None:
    made = station(b"home", "correct horse")
    made["802-11-wireless-security"]["psk"] = ("s", secret)
    try:
        asked(lambda registry: registry.add(made))
        taken = True
    except NotDone:
        taken = False
    assert taken == wifi.is_secret(secret)


def test_networkmanager_knows_every_key_of_our_configuration(system: System) -> None:
    """It goes on without those that it does not know."""
    said = run("NetworkManager", "--print-config")
    assert "WARNING" not in said
    assert "autoconnect-retries-default=0" in said.splitlines()
