"""A machine without a clock of its own before somebody tells it the time, and afterwards; with a time server of this program's."""

import contextlib
import json
import os
import re
import socket
import ssl
import struct
import subprocess
import threading
import time
import urllib.request
from pathlib import Path

from tests.qemu.guest.say import Api, fact, run, until

MARK = Path("/run/systemd/timesync/synchronized")
SAVED = Path("/var/lib/inkvm/clock/clock")
LOG = Path("/var/lib/inkvm/log/current")
SINCE_1900 = 2_208_988_800
DAY = 86400


class TimeServer(threading.Thread):
    """Answers as RFC 5905 wants it, with a date that goes on from the one it was given, whatever this machine believes."""

    def __init__(self, date, address="127.0.0.1"):
        super().__init__(daemon=True)
        self._ahead = date - time.monotonic()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((address, 123))
        self.asked = 0

    def run(self):
        while True:
            with contextlib.suppress(OSError):
                request, client = self._socket.recvfrom(512)
                now = struct.pack("!Q", int((time.monotonic() + self._ahead + SINCE_1900) * 2**32))
                head = struct.pack("!BBbbII4s", 0x24, 1, 6, -20, 0, 0, b"TEST")
                self._socket.sendto(head + now + request[40:48] + now + now, client)
                self.asked += 1


def servers(kind):
    words = ["org.freedesktop.timesync1", "/org/freedesktop/timesync1", "org.freedesktop.timesync1.Manager"]
    return re.findall(r'"([^"]+)"', run("busctl", "get-property", *words, f"{kind}NTPServers"))


def known():
    """What the daemon says."""
    with socket.socket(socket.AF_UNIX) as daemon, daemon.makefile("rb") as lines:
        daemon.connect("/run/inkvm/status.sock")
        return json.loads(lines.readline())["time"]["synchronised"]


def leaf():
    """Of what is really served: whether OpenSSL's clock is between its dates, and both."""
    pem = ssl.get_server_certificate(("127.0.0.1", 443))
    said = subprocess.run(
        ["openssl", "x509", "-noout", "-startdate", "-enddate"], input=pem, capture_output=True, text=True
    )
    begin, end = (ssl.cert_time_to_seconds(line.partition("=")[2]) for line in said.stdout.splitlines())
    return [begin <= time.time() < end, begin, end]


def dates():
    """Everything that could show one: the head of an answer, the audit log, a link, the panel, its picture's age, the journal."""
    api = Api()
    api.login("admin", "five Quiet otters")
    link = api.call("POST", "/api/auth/links", label="the plumber", hours=2)
    request = urllib.request.Request("https://localhost/api/panel.png", headers=api._headers)
    context = ssl._create_unverified_context()
    with urllib.request.urlopen(request, context=context) as answer:
        head = [answer.headers["Date"], answer.headers["Last-Modified"]]
    run("systemd-cat", "echo", f"news at {time.monotonic()}")
    return {
        "head": head,
        "audit": api.call("GET", "/api/audit")[0]["time"],
        "until": link["until"],
        "panel": api.call("GET", "/api/panel")["as_of"],
        "status": known(),
        "info": api.call("GET", "/api/info")["state"]["time"],
    }


def journal(words):
    """The header of the last look that had news, once there is one that says so."""
    until(f"the journal says {words}", lambda: any(words in line for line in headers()))
    return [line for line in headers() if words in line][-1]


def headers():
    return [line for line in LOG.read_text(errors="replace").splitlines() if line.startswith("-- ")]


def told(date):
    """There is a time server now, and in the end the machine has asked it."""
    server = TimeServer(date)
    server.start()
    until("the clock is set", MARK.exists)
    until("the daemon has noticed", known)
    until("the certificate is good", lambda: leaf()[0])
    return server


def first():
    fact("before", dates())
    fact("before-now", time.time())
    fact("before-leaf", leaf())
    fact("before-journal", journal("not known"))
    fact("asked", [servers("Runtime"), servers("Fallback")])
    far = time.time() + 6 * 365 * DAY
    told(far)
    fact("far", far)
    fact("after-now", time.time())
    fact("after-leaf", leaf())
    fact("after", dates())
    fact("after-journal", journal("start: 20"))
    until("the clock is saved", lambda: SAVED.stat().st_mtime >= far)
    os.sync()


def second():
    fact("again-now", time.time())
    fact("again", dates())
    near = Path("/usr/lib/clock-epoch").stat().st_mtime + 40 * DAY
    # As after a crash of the service: what it had been told is told again.
    run("systemctl", "restart", "systemd-timesyncd")
    until("it was told again", lambda: servers("Runtime") == ["127.0.0.1"])
    told(near)
    fact("near", near)
    fact("near-now", time.time())
    fact("near-leaf", leaf())


fact("built", Path("/usr/lib/clock-epoch").stat().st_mtime)
until("the panel has drawn", Path("/run/inkvm-epaper/panel.json").exists)
until("the servers are named", lambda: servers("Runtime"))
second() if SAVED.exists() and SAVED.stat().st_mtime > Path(
    "/usr/lib/clock-epoch"
).stat().st_mtime + 365 * DAY else first()
fact("failed-units", run("systemctl", "list-units", "--failed", "--plain", "--no-legend"))
fact("end", True)
