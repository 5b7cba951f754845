"""Takes all measurements and keeps what they print: `python -m tests.bench [NAME...]`.

Each is written over in docs/measurements/bench, which holds nothing that a person wrote, and only by one that succeeds.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.bench import NOTHING

REPOSITORY = Path(__file__).resolve().parents[2]
KEPT = REPOSITORY / "docs/measurements/bench"
BENCHES = ("delivery", "panel", "paste", "image", "video", "typing")


def main(names: list[str]) -> int:
    """Measure these; the status of the first that fails."""
    for name in names or BENCHES:
        status = take(name, [sys.executable, "-m", f"tests.bench.{name}"])
        if status:
            return status
    return 0


def take(name: str, command: list[str]) -> int:
    """Run one, show what it prints, and keep that if it measured something."""
    done = subprocess.run(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)
    if done.returncode == NOTHING:
        return 0
    print(done.stdout, flush=True)
    if done.returncode == 0:
        words = ["git", "log", "-1", "--format=Taken at commit %h."]
        commit = subprocess.run(words, cwd=REPOSITORY, check=True, capture_output=True, text=True).stdout
        KEPT.mkdir(parents=True, exist_ok=True)
        (KEPT / f"{name}.md").write_text(f"{done.stdout}\n{commit}")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
