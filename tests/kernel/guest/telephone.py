"""What a telephone does on a new Wi-Fi: gets an address, and looks whether there is an Internet. Run in its namespace; says it in JSON.

Source: RFC 2131 and 2132 (DHCP), RFC 1035 (DNS).
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import struct
import subprocess
import sys
import urllib.parse
from pathlib import Path

PATIENCE = 60
PROBES = (
    "http://connectivitycheck.gstatic.com/generate_204",  # Android
    "http://captive.apple.com/hotspot-detect.html",  # iOS
    "http://www.msftconnecttest.com/connecttest.txt",  # Windows
    "http://www.msftncsi.com/ncsi.txt",
)


def options(packet: bytes) -> dict[int, bytes]:
    """Those of a DHCP message."""
    found, at = {}, 240
    while packet[at] != 255:
        found[packet[at]] = packet[at + 2 : at + 2 + packet[at + 1]]
        at += 2 + packet[at + 1]
    return found


def lease(interface: str) -> tuple[str, str]:
    """An address, which the interface gets, and the name server that comes with it."""
    mac = bytes.fromhex(Path(f"/sys/class/net/{interface}/address").read_text().strip().replace(":", ""))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as channel:
        channel.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        channel.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())
        channel.bind(("0.0.0.0", 68))
        channel.settimeout(PATIENCE)
        offer = _exchange(channel, mac, b"\x35\x01\x01")
        address, server = offer[16:20], options(offer)[54]
        answer = _exchange(channel, mac, b"\x35\x01\x03\x32\x04" + address + b"\x36\x04" + server)
    given = socket.inet_ntoa(answer[16:20])
    subprocess.run(["ip", "address", "replace", f"{given}/24", "dev", interface], check=True)
    return given, socket.inet_ntoa(options(answer)[6][:4])


def _exchange(channel: socket.socket, mac: bytes, wanted: bytes) -> bytes:
    """Ask everybody, and to be answered so that one without an address hears it."""
    number = os.urandom(4)
    head = struct.pack("!4B4s2H16x6s10x192x4s", 1, 1, 6, 0, number, 0, 0x8000, mac, b"\x63\x82\x53\x63")
    channel.sendto(head + wanted + b"\xff", ("255.255.255.255", 67))
    while True:
        packet = channel.recv(2048)
        if packet[4:8] == number:
            return packet


def resolved(name: str, server: str) -> str:
    """The first address of a name."""
    question = b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0\0\1\0\1"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as channel:
        channel.settimeout(PATIENCE)
        channel.sendto(b"\x12\x34\x01\0\0\1\0\0\0\0\0\0" + question, (server, 53))
        return socket.inet_ntoa(channel.recv(512)[-4:])


def fetched(url: str, server: str, form: str = "") -> tuple[int, str, str]:
    """Status, where it leads, and the page."""
    parts = urllib.parse.urlsplit(url)
    assert parts.hostname is not None
    host = parts.hostname if parts.hostname.replace(".", "").isdigit() else resolved(parts.hostname, server)
    connection = http.client.HTTPConnection(host, 80, timeout=PATIENCE)
    headers = {"Host": parts.hostname, "Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST" if form else "GET", parts.path or "/", form or None, headers)
    answer = connection.getresponse()
    return answer.status, answer.getheader("Location", ""), answer.read().decode()


def main() -> None:
    """`INTERFACE` probes and shows the page; with `FORM` it sends that as well, with the page's token."""
    interface, *form = sys.argv[1:]
    address, server = lease(interface)
    probes = {url: fetched(url, server)[:2] for url in PROBES}
    page = fetched(next(iter(probes.values()))[1], server)
    answer = None
    if form:
        token = page[2].partition('name="token" value="')[2].partition('"')[0]
        answer = fetched("http://10.42.0.1/join", server, f"{form[0]}&token={token}")
    print(json.dumps({"address": address, "server": server, "probes": probes, "page": page, "answer": answer}))


if __name__ == "__main__":
    main()
