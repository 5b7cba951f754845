"""The card's first two starts, in the machine's own words."""

import errno
import fcntl
import json
import os
import socket
import stat
import struct
import time
from pathlib import Path

from tests.qemu.guest.say import Api, fact, run, scale, shown, until

UNITS = ["inkvm-gadget", "inkvm-epaper", "NetworkManager", "inkvm", "inkvm-grow"]
LOG = Path("/var/lib/inkvm/log")
TEMPORARY = (
    "/proc",
    "/sys",
    "/dev",
    "/run",
    "/tmp",
    "/var/tmp",
    "/var/log",
    "/var/lib/systemd",
    "/data",
    "/var/lib/inkvm",
)
# struct input_event of linux/input.h, and the request by which a device tells its times by another clock.
EVENT, EV_KEY, EVIOCSCLOCKID = struct.Struct("@llHHi"), 1, 0x400445A0
DOORS = ("tcp", "tcp6", "udp", "udp6", "raw", "raw6")


def files():
    """Everything on the root file system."""
    for folder, names, leaves in Path("/").walk():
        names[:] = [name for name in names if str(folder / name) not in TEMPORARY]
        for name in [*names, *leaves]:
            path = folder / name
            yield str(path), path.lstat().st_mode


def listening():
    """Protocol and local port of every socket that takes what comes."""
    found = set()
    for protocol in DOORS:
        for line in Path("/proc/net", protocol).read_text().splitlines()[1:]:
            _, local, _, state, *_ = line.split()
            if state == "0A" or not protocol.startswith("tcp"):
                found.add(f"{protocol} {int(local.rpartition(':')[2], 16)}")
    return sorted(found)


def addresses():
    shown = json.loads(run("ip", "-json", "address"))
    return sorted(a["local"] for link in shown if link["ifname"] != "lo" for a in link["addr_info"])


def at_home():
    """Whether the machine has its addresses, and has said its name."""
    found = [a for link in json.loads(run("ip", "-json", "address")) for a in link["addr_info"]]
    routed = {a["family"] for a in found if a["scope"] not in ("host", "link") and not a.get("tentative")}
    units = ("avahi-daemon.service", "wpa_supplicant.service")
    active = [shown(unit, "ActiveState") for unit in units]
    return routed == {"inet", "inet6"} and active == ["active"] * 2 and "udp 5353" in listening()


def changes(count):
    """How many changes the status has, of so many times that the target's Caps Lock goes on or off."""
    (led,) = Path("/sys/class/leds").glob("*capslock")
    seen, before = 0, False
    with socket.socket(socket.AF_UNIX) as status:
        status.settimeout(300)
        status.connect("/run/inkvm/status.sock")
        lines = status.makefile()
        for number in range(count):
            wanted = number % 2 == 0
            (led / "brightness").write_text(str(int(wanted)))
            while before != wanted:
                before = "caps" in (json.loads(lines.readline())["usb"]["leds"] or ())
                seen += before == wanted
    return seen


def wears():
    """What a year of use writes: status changes, logins under another clock, rotated logs."""
    fact("changes", changes(500 * scale()))
    run("date", "--set", "+400 days")
    api = Api()
    for _count in range(2 * scale()):
        api.login("admin", "five Quiet otters")
    run("journalctl", "--rotate")
    run("date", "--set", "-400 days")


def hardened():
    """The kernel's settings that are ours."""
    lines = Path("/usr/lib/sysctl.d/60-inkvm.conf").read_text().splitlines()
    return [line.partition("=")[0].strip() for line in lines if not line.startswith("#")]


def refuses(path):
    """The error of a write to the root file system."""
    try:
        Path(path).write_text("x")
    except OSError as error:
        return errno.errorcode[error.errno]
    return "written"


def first():
    exposed = json.loads(run("systemd-analyze", "security", "--json=short", "--no-pager"))
    fact("exposure", {each["unit"]: each["exposure"] for each in exposed if each["unit"].startswith("inkvm")})
    fact("listening", listening())
    fact(
        "users",
        [line.split(":")[0] + ":" + line.split(":")[6] for line in Path("/etc/passwd").read_text().splitlines()],
    )
    fact("passwords", sorted({line.split(":")[1] for line in Path("/etc/shadow").read_text().splitlines()}))
    modes = list(files())
    fact("set-id", [path for path, mode in modes if mode & 0o6000 and stat.S_ISREG(mode)])
    fact(
        "capable", [path for path, mode in modes if stat.S_ISREG(mode) and "security.capability" in os.listxattr(path)]
    )
    fact("world-writable", [path for path, mode in modes if mode & 0o002 and not stat.S_ISLNK(mode)])
    kinds = ("systemctl", "list-units", "--plain", "--no-legend", "--state=active", "--type=service,timer,socket,path")
    # The one that is left out comes and goes with the network's news.
    found = {line.split()[0] for line in run(*kinds).splitlines()} - {"NetworkManager-dispatcher.service"}
    fact("units", sorted(found))
    fact("rules", run("nft", "list", "ruleset").splitlines())
    fact("sysctl", {key: Path("/proc/sys", key.replace(".", "/")).read_text().strip() for key in hardened()})
    fact("refused", [refuses("/probe"), refuses("/etc/probe"), refuses("/usr/lib/inkvm/app/probe")])
    fact("watchdog", run("systemctl", "show", "--value", "-p", "RuntimeWatchdogUSec"))
    wears()
    mark = f"mark-{os.getpid()}-of-the-first-start"
    # Once a second look has added to the file, what the first one added is on the card for good.
    for words in (mark, "and-something-later"):
        run("systemd-cat", "echo", words)
        until(f"{words} is kept", lambda words=words: words in (LOG / "current").read_text(errors="replace"))
    fact("mark", mark)


def shell():
    """What who holds the card may do: log in by the key that it lists, whose other half the test left there as well."""
    folder = Path("/run/card")
    folder.mkdir()
    run("mount", "-o", "ro,umask=0077", "/dev/disk/by-partuuid/494b564d-01", str(folder))
    until("there is a shell", lambda: shown("inkvm-ssh.service", "ActiveState") == "active")
    quiet = ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR"]
    fact("shell", run("ssh", *quiet, "-i", str(folder / "key"), "root@localhost", "id", "-u"))
    run("umount", str(folder))
    fact("doors", doors())
    run("systemctl", "stop", "inkvm-ssh.service")
    fact("doors-after", doors())


def doors():
    """The ports that the firewall lets in."""
    (found,) = (
        each["set"]["elem"]
        for each in json.loads(run("nft", "--json", "list", "set", "inet", "inkvm", "open"))["nftables"]
        if "set" in each
    )
    return sorted(found)


def dies():
    """The daemon dies while a key is down on the target: when that goes up, and when the next daemon starts, in µs since the start."""
    process, restarts = int(shown("inkvm.service", "MainPID")), int(shown("inkvm.service", "NRestarts"))
    (node,) = Path("/sys/class/leds").glob("*capslock/device/event*")
    with Path("/dev/input", node.name).open("rb", buffering=0) as keys:
        fcntl.ioctl(keys, EVIOCSCLOCKID, struct.pack("i", time.CLOCK_MONOTONIC))
        api = Api()
        api.login("admin", "five Quiet otters")
        api.begin("/api/hid/print?delay=5", "A")  # a key is down for seconds
        edge(keys, 1)
        os.kill(process, 9)
        up = edge(keys, 0)
    until("the daemon was started again", lambda: int(shown("inkvm.service", "NRestarts")) > restarts)
    until("it answers", lambda: shown("inkvm.service", "ActiveState") == "active")
    return {"up": up, "again": int(shown("inkvm.service", "ExecMainStartTimestampMonotonic"))}


def edge(keys, wanted):
    """When the next key goes down (1) or up (0)."""
    while True:
        seconds, micros, kind, _code, value = EVENT.unpack(keys.read(EVENT.size))
        if (kind, value) == (EV_KEY, wanted):
            return seconds * 1_000_000 + micros


def second():
    shell()
    fact("previous", (LOG / "previous").read_text(errors="replace")[-200_000:].count("-of-the-first-start"))
    fact("kept", sum(path.stat().st_size for path in LOG.iterdir()))
    fact("died", dies())
    process, restarts = int(shown("inkvm.service", "MainPID")), int(shown("inkvm.service", "NRestarts"))
    os.kill(process, 19)  # it hangs
    until("the daemon was started again", lambda: int(shown("inkvm.service", "NRestarts")) > restarts)
    until("it answers", lambda: shown("inkvm.service", "ActiveState") == "active")
    fact("hung", shown("inkvm.service", "MainPID") != str(process))
    run("modprobe", "i6300esb")
    # Not by a reload: that takes systemd longer on a busy computer than the watchdog, once it counts, waits for it.
    manager = ("org.freedesktop.systemd1", "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager")
    wanted = run("busctl", "get-property", *manager, "RuntimeWatchdogUSec").split()
    run("busctl", "set-property", *manager, "RuntimeWatchdogUSec", *wanted)
    timer = Path("/sys/class/watchdog/watchdog0")
    until("the hardware's watchdog is armed", lambda: (timer / "state").read_text() == "active\n")
    fact("timeout", int((timer / "timeout").read_text()))
    os.kill(1, 11)  # systemd itself hangs: a crash of the first process freezes it


until("growth is over", lambda: shown("inkvm-grow.service", "ExecMainExitTimestampMonotonic") not in ("", "0"))
fact("started", {unit: int(shown(f"{unit}.service", "ExecMainStartTimestampMonotonic")) for unit in UNITS})
fact("up", {unit: int(shown(f"{unit}.service", "ActiveEnterTimestampMonotonic")) for unit in ("inkvm-gadget", "inkvm")})
fact("failed-units", run("systemctl", "list-units", "--failed", "--plain", "--no-legend"))
data = os.statvfs("/data")
fact("data", data.f_blocks * data.f_frsize)
until("the network is there", at_home)
fact("addresses", addresses())
fact("machine-id", Path("/etc/machine-id").read_text().strip())
if (LOG / "previous").exists():
    second()
else:
    first()
fact("end", True)
