"""Runs inside the machine, as root: how long the parts of the video path take to load, and its way to the first access unit.

`SOURCE`, put in front of this by whoever starts it, is the repository's `app` and `first.py` as a zip archive in base64: the image may be older.
The daemon is stopped, so that it neither computes beside it nor has the input open.
"""

import base64
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = 3
PARTS = {
    "an interpreter and nothing else": "pass",
    "the kernel's structures (linuxpy)": "import linuxpy.video.raw",
    "input and hardware encoder (app.video.finder, m2m, pipeline)": "import app.video.finder, app.video.m2m, app.video.pipeline",
    "software encoder (app.video.software, PyAV)": "import app.video.software",
}
TIMED = "import time; began = time.perf_counter(); {}; print(time.perf_counter() - began)"

subprocess.run(["systemctl", "stop", "inkvm.service"], check=True)
with tempfile.TemporaryDirectory() as folder:
    archive = Path(folder) / "app.zip"
    archive.write_bytes(base64.b64decode(SOURCE))  # noqa: F821 # type: ignore[name-defined]
    subprocess.run([sys.executable, "-m", "zipfile", "-e", str(archive), folder], check=True)
    subprocess.run([sys.executable, "-m", "compileall", "-q", folder], check=True)
    for name, statement in PARTS.items():
        command = [sys.executable, "-c", TIMED.format(statement)]
        times = [
            float(subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, check=True).stdout)
            for _round in range(ROUNDS)
        ]
        print(f"\nloaded in {min(times):.2f} s, first {times[0]:.2f} s: {name}", flush=True)
    for _round in range(ROUNDS):
        command = [sys.executable, "first.py", str(time.monotonic())]
        said = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, check=True)
        steps = json.loads(said.stdout)
        words = ", ".join(f"{step} {seconds:.2f}" for step, seconds in steps.items())
        print(f"\npicture in {sum(steps.values()):.2f} s: {words}", flush=True)
print("\nscript ends", flush=True)
