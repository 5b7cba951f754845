"""Sockets that systemd hands over: a real process that starts with them, as systemd would start it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from app.inherited import listeners
from tests.appliance import ROOT
from tests.client import Client

LAUNCHER = """
import fcntl, os, sys
for place, given in enumerate([fcntl.fcntl(int(number), fcntl.F_DUPFD, 10) for number in sys.argv[1:3]], 3):
    os.dup2(given, place)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="2", LISTEN_FDNAMES="https:http")
os.execv(sys.executable, [sys.executable, "-m", "app", *sys.argv[3:]])
"""


def test_a_process_that_was_not_meant_gets_none() -> None:
    meant = {"LISTEN_PID": "1", "LISTEN_FDS": "2", "LISTEN_FDNAMES": "https:http"}
    assert listeners(meant, 2) == {}
    assert listeners({}, 2) == {}


def test_names_and_numbers_have_to_agree() -> None:
    with pytest.raises(ValueError, match="LISTEN_FDNAMES names 1 sockets, expected LISTEN_FDS=2"):
        listeners({"LISTEN_PID": "2", "LISTEN_FDS": "2", "LISTEN_FDNAMES": "https"}, 2)


def test_the_daemon_serves_the_sockets_it_was_given(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as https, socket.create_server(("127.0.0.1", 0)) as http:
        command = [sys.executable, "-c", LAUNCHER, str(https.fileno()), str(http.fileno()), "--simulate"]
        command += ["--state", str(tmp_path / "state"), "--runtime", str(tmp_path / "run"), "--port", "1"]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        with subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            pass_fds=(https.fileno(), http.fileno()),
        ) as daemon:  # fmt: skip
            try:
                port = https.getsockname()[1]
                assert daemon.stdout is not None
                assert daemon.stdout.readline().endswith(f":{port}/\n")
                client = Client(f"https://127.0.0.1:{port}")
                assert client.request("GET", "/").status == 200
                client.close()
                with socket.create_connection(http.getsockname()) as plain, plain.makefile("rb") as answer:
                    plain.sendall(b"GET /x HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
                    lines = answer.read().decode().splitlines()
                assert lines[0].startswith("HTTP/1.1 308 ")
                assert f"Location: https://127.0.0.1:{port}/x" in lines
            finally:
                daemon.terminate()
                _out, words = daemon.communicate()
        assert daemon.returncode == 0
        assert f"web.listen and web.port do not count: systemd listens on port {port}" in words
