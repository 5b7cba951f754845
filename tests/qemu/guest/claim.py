"""Runs inside the machine, as root: whose the keys are, and what the panel's glass shows, as a picture whenever it changes."""

import base64
import pwd
import stat
import time
from pathlib import Path

PICTURE = Path("/run/inkvm-epaper/panel.png")
SECONDS = 1200

STATE = Path("/var/lib/inkvm")


def owner(path: Path) -> str:
    """The account and the permissions of a file."""
    found = path.stat()
    return f"{pwd.getpwuid(found.st_uid).pw_name} {stat.S_IMODE(found.st_mode):o}"


while not (STATE / "tls/leaf.pem").exists():
    time.sleep(1)
print("authority's key:", owner(STATE / "authority/key.pem"), flush=True)
print("leaf's key:", owner(STATE / "tls/leaf.pem"), flush=True)
last = b""
for _second in range(SECONDS):
    now = PICTURE.read_bytes() if PICTURE.exists() else b""
    if now != last:
        last = now
        print("\nglass:", base64.b64encode(now).decode(), flush=True)
    time.sleep(1)
