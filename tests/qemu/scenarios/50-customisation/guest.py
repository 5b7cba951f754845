"""What a start made of the customisation file, in the machine's own words."""

import base64
import json
import os
import pwd
import socket
import stat
import subprocess
import sys
from pathlib import Path

from tests.qemu.guest.say import Api, fact, run, shown, until

STATE = Path("/var/lib/inkvm")
CARD = Path("/run/card")
PANEL = Path("/run/inkvm-epaper/panel.json")


def status():
    """The daemon's word to the panel."""
    with socket.socket(socket.AF_UNIX) as daemon, daemon.makefile("rb") as lines:
        daemon.connect("/run/inkvm/status.sock")
        return json.loads(lines.readline())


def picture():
    """Whether the glass shows the page that the status makes."""
    from app.status_line import from_json
    from epaper.own import Own
    from epaper.page import page
    from epaper.picture import png, unpack
    from epaper.steady import Steady
    from epaper.typeface import Terminus
    from epaper.view import View

    wanted = page(Steady().settle(from_json(json.dumps(status()).encode())), Own(os.uname().nodename))
    stamp = json.loads(PANEL.read_text())["as_of"]
    return (PANEL.parent / "panel.png").read_bytes() == png(unpack(View(Terminus()).frame(wanted, stamp)))


def logged_in(user):
    """The user's number after a login with the key, whose other half the test left on the card."""
    quiet = ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR"]
    return run("ssh", *quiet, "-i", str(CARD / "key"), f"{user}@localhost", "id", "-u")


def secrets():
    """Every file of what lasts that has a password of the card's in it, with its mode and its owner."""
    found = {}
    for path in STATE.rglob("*"):
        content = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
        if b"the very first secret" in content or b"nine Grey herons" in content:
            mode = path.stat()
            found[str(path.relative_to(STATE))] = [oct(stat.S_IMODE(mode.st_mode)), mode.st_uid]
    return found


def far_end():
    """The interface that the target has of the cable, which is this machine's as well; NetworkManager asks for an address there."""
    drivers = {path.parents[1].name: path.resolve().name for path in Path("/sys/class/net").glob("*/device/driver")}
    return next((name for name, driver in drivers.items() if driver == "cdc_ncm"), None)


def lease():
    found = json.loads(run("ip", "-json", "-4", "address", "show", "dev", far_end())) if far_end() else []
    return [each["local"] for link in found for each in link["addr_info"]]


def certified(name):
    text = run("openssl", "x509", "-noout", "-ext", "subjectAltName", "-in", str(STATE / "tls/leaf.pem"))
    return name in text


def cable(api):
    """The network on the cable, which the card asked for, until the page takes it away."""
    until("the far end has an address", lease)
    until("the certificate is for the cable, too", lambda: certified("IP Address:10.213.47.1"))
    exposed = json.loads(run("systemd-analyze", "security", "--json=short", "--no-pager"))
    yield "exposure", next(each["exposure"] for each in exposed if each["unit"] == "inkvm-cable.service")
    yield "lease", lease()
    yield "routes", [route["dst"] for route in json.loads(run("ip", "-json", "route", "show", "dev", far_end()))]
    yield "resolvers", Path("/etc/resolv.conf").read_text()
    yield "forwarding", Path("/proc/sys/net/ipv4/ip_forward").read_text().strip()
    yield "addresses", status()["network"]["addresses"]
    yield "asked", run("ss", "-Hlun", "sport", "=", ":67").split()
    api.call("POST", "/api/usb/profile", extras=[])
    until("the cable is as it was", lambda: not Path("/sys/class/net/target").exists() and far_end() is None)
    until("its service has ended", lambda: shown("inkvm-cable.service", "ActiveState") == "inactive")
    yield "asked-after", run("ss", "-Hlun", "sport", "=", ":67")


def addresses():
    return status()["network"]["addresses"]


def moved(api):
    """The wired link gets an address of its own instead of DHCP's, which is kept from there, as the page does it."""
    (link,) = (link for link in api.call("GET", "/api/network")["links"] if link["gateway"])
    (way,) = json.loads(run("ip", "-json", "-4", "route", "show", "default"))
    interface = next(each for each in link["addresses"] if "." in each)
    given, _, prefix = interface.partition("/")
    address = given.rpartition(".")[0] + ".200"
    api.call("POST", "/api/network/address", link=link["name"], address=f"{address}/{prefix}", gateway=way["gateway"])
    until("the link has it", lambda: address in addresses())
    there = Api(address)
    there.login("ann", "nine Grey herons")
    there.call("PUT", "/api/network/trial")
    return given, address


def ask_for_a_reboot():
    """As the daemon does when only that helps: in a file, with no right of its own, and with what its sandbox lets it see."""
    daemon = pwd.getpwnam("inkvm")
    inside = ("nsenter", "--target", shown("inkvm.service", "MainPID"), "--mount")
    inside += ("--setuid", str(daemon.pw_uid), "--setgid", str(daemon.pw_gid), "--")
    words = "Reboot(Path('/var/lib/inkvm'), Path('/run/inkvm')).request('a test')"
    program = f"from pathlib import Path; from app.reboot import Reboot; print({words})"
    subprocess.run([*inside, sys.executable, "-c", program], check=True)


CARD.mkdir()
# Not read-only: that would be in the way of the unit that may mount it at the same time.
run("mount", "-o", "umask=0077", "/dev/disk/by-partuuid/494b564d-01", str(CARD))
fact("card", sorted(path.name for path in CARD.iterdir()))
fact("name", os.uname().nodename)
fact("zone", run("date", "+%Z"))
fact("country", run("iw", "reg", "get"))
fact("told", status().get("card"))
fact("failed-units", run("systemctl", "list-units", "--failed", "--plain", "--no-legend"))
fact(
    "order",
    [shown(f"{unit}.service", "ExecMainStartTimestampMonotonic") for unit in ("inkvm-gadget", "inkvm-firstrun")],
)
if status().get("card", {}).get("refusal"):
    until("the panel says so", picture)
    fact("shell", shown("inkvm-ssh.service", "ActiveState"))
else:
    until("there is a shell", lambda: shown("inkvm-ssh.service", "ActiveState") == "active")
    fact("shell", [logged_in("root"), logged_in("ann")])
    api = Api()
    api.login("ann", "nine Grey herons")
    fact("claim", "claim" in status())
    fact("certified", certified("DNS:kvm-rack3.local"))
    fact("cable", dict(cable(api)))
    fact("moved", moved(api))
    fact("secrets", secrets())
    fact("panel", [status()["health"]["faults"], (STATE / "settings.toml").read_text()])
    until("its name is published", lambda: status()["network"].get("name"))
    until("the panel says so", picture)
    fact("glass", base64.b64encode((PANEL.parent / "panel.png").read_bytes()).decode())
until("the network is there", addresses)
fact("network", status()["network"])
run("umount", str(CARD))
refused = bool(status().get("card", {}).get("refusal"))
fact("end", True)
if refused:
    ask_for_a_reboot()
