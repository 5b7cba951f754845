"""The kernel's own addresses, changed in a network namespace of the test's own."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from app.net.addresses import Addresses

PROBE = """
import select, subprocess, sys
from app.net.addresses import Addresses
addresses = Addresses()
def ip(*words): subprocess.run(["ip", *words], check=True)
def settle():
    assert select.select([addresses.fileno()], [], [], 20)[0], "no news"
    addresses.drain()
print(addresses.now())
ip("link", "set", "lo", "up")
ip("link", "add", "d0", "type", "veth", "peer", "name", "d1")
ip("link", "set", "d1", "up")
ip("link", "set", "d0", "up")
addresses.drain()
ip("addr", "add", "198.51.100.7/24", "dev", "d0"); settle(); print(addresses.now())
ip("addr", "add", "2001:db8::7/64", "dev", "d0", "nodad"); settle(); print(addresses.now())
ip("addr", "add", "169.254.1.1/16", "scope", "link", "dev", "d0"); settle(); print(addresses.now())
ip("addr", "add", "192.0.2.1/24", "dev", "d0"); settle(); print(addresses.now())
ip("addr", "add", "10.213.47.1/29", "dev", "d0"); settle(); print(addresses.now())
ip("addr", "del", "198.51.100.7/24", "dev", "d0"); settle(); print(addresses.now())
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="network namespaces need root")
def test_addresses_come_and_go() -> None:
    run = subprocess.run(
        ["unshare", "--net", sys.executable, "-c", PROBE], capture_output=True, text=True, check=False, timeout=60
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines() == [
        "()",
        "('198.51.100.7',)",
        "('198.51.100.7', '2001:db8::7')",
        "('198.51.100.7', '2001:db8::7')",
        "('192.0.2.1', '198.51.100.7', '2001:db8::7')",
        "('192.0.2.1', '198.51.100.7', '2001:db8::7', '10.213.47.1')",
        "('192.0.2.1', '2001:db8::7', '10.213.47.1')",
    ]


def test_it_agrees_with_ip() -> None:
    addresses = Addresses()
    shown = json.loads(
        subprocess.run(["ip", "-j", "addr", "show", "scope", "global"], capture_output=True, check=True).stdout
    )
    passing = {"temporary", "deprecated", "tentative"}
    entries = [entry for link in shown for entry in link.get("addr_info", []) if entry]
    expected = {entry["local"] for entry in entries if not passing & entry.keys()}
    assert set(addresses.now()) == expected
    addresses.close()
