"""What every scenario's program begins with: `conftest.script` puts it in the place of its import. Runs inside the machine, as root.

Facts go to the console as lines of JSON; the test outside reads them off.
"""

import http.client
import json
import re
import ssl
import subprocess
import time
from pathlib import Path
from urllib.parse import urlencode


def fact(name, value):
    # On a line of its own, whatever systemd has begun to say on the same console.
    print(f"\nfact: {name} {json.dumps(value)}", flush=True)


def scale():
    """What the counts are multiplied with."""
    return int(re.search(r"\binkvm\.scale=(\d+)", Path("/proc/cmdline").read_text())[1])


def run(*words):
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()


def until(what, condition, patience=1200.0):
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            fact("failed", f"{what} did not happen within {patience:.0f} s")
            raise SystemExit(1)
        time.sleep(0.5)


def shown(unit, name):
    return run("systemctl", "show", "--value", "-p", name, unit)


class Api:
    """The daemon's REST, as a browser on this machine would use it: at `host`, which is a name or an address of it."""

    def __init__(self, host="localhost"):
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        self._connection = http.client.HTTPSConnection(host, 443, context=context, timeout=300)
        self._headers = {"Origin": f"https://{host}"}

    def call(self, method, path, **body):
        """The answer's result; an error is one of this program."""
        headers = {**self._headers, "Content-Type": "application/json"}
        return self._result(method, path, json.dumps(body) if body else None, headers)

    def login(self, user, password):
        headers = {**self._headers, "Content-Type": "application/x-www-form-urlencoded"}
        self._result("POST", "/api/auth/login", urlencode({"user": user, "passwd": password}), headers)

    def begin(self, path, text):
        """Post a text, and wait for no answer."""
        self._connection.request("POST", path, text, self._headers)

    def _result(self, method, path, body, headers):
        for attempt in (1, 2):
            try:
                self._connection.request(method, path, body, headers)
                answer = self._connection.getresponse()
                break
            except (ConnectionError, http.client.RemoteDisconnected):
                self._connection.close()  # an idle connection is closed by the daemon
                if attempt == 2:
                    raise
        content = json.loads(answer.read())
        if answer.headers["Set-Cookie"]:
            self._headers["Cookie"] = answer.headers["Set-Cookie"].partition(";")[0]
        if not content["ok"]:
            raise SystemExit(f"{method} {path}: {content}")
        return content["result"]
