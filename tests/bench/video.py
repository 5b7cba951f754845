"""The video path in the kernel's virtual machine, against GStreamer and ustreamer on the same source.

`python -m tests.bench.video`; what is measured and how is in tests/kernel/guest/measure_video.py.
"""

from __future__ import annotations

import base64
import io
import json
import os
import re
import subprocess
import sys
import zipfile

from tests.kernel.guest.measure_video import SECONDS
from tests.qemu.machine import IMAGE, REPOSITORY, Machine, unpacked

START, FIRST = (REPOSITORY / "tests/qemu/guest" / name for name in ("start.py", "first.py"))
_MARK = "MEASURED "


def main() -> int:
    """Print both parts; the exit status."""
    load = os.getloadavg()[0]
    print("# Video\n")
    print(
        f"Load of the machine before: {load:.1f} on {os.cpu_count()} processors. Both machines are emulated (QEMU, TCG).\n"
    )
    status = frames()
    if status:
        return status
    if IMAGE.exists():
        loading()
    else:
        print("\nHow long the video path takes to start was not measured: there is no image (make image BASE=debian).")
    return 0


def frames() -> int:
    """What a frame costs, in the kernel's guest; its exit status."""
    command = [
        sys.executable,
        "-m",
        "tests.kernel.bench",
        "--time-limit",
        "1800",
        "-s",
        "tests/kernel/guest/measure_video.py",
    ]
    guest = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    results = [json.loads(line.partition(_MARK)[2]) for line in guest.stdout.splitlines() if _MARK in line]
    if guest.returncode or not results:
        print(guest.stdout, file=sys.stderr)
        return guest.returncode or 1
    ours = results[0]
    print("vivid at 1280x720, 12 frames a second, to vicodec's FWHT; ustreamer has to compress on the processor.")
    print("The time within the encoder's driver is not in the processor time.\n")
    print(
        "| per frame | processor time | inkvm : it | in user mode | inkvm : it | system calls | inkvm : it | in the encoder's driver | frames |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for result in results:
        print(
            f"| {result['name']} | {result['cpu']:.0f} µs | {ours['cpu'] / result['cpu']:.2f} "
            f"| {result['user']:.0f} µs | {ours['user'] / max(1, result['user']):.2f} | {result['syscalls']:.1f} "
            f"| {ours['syscalls'] / result['syscalls']:.2f} | {result['encoder']:.0f} µs | {result['frames']} |"
        )
    print(
        f"\nFrom the filled buffer to the access unit in Python: median {ours['whole'] / 1000:.1f} ms, {ours['both'] / 1000:.1f} ms without the encoder's own work,\n"
        f"of which before it {ours['before'] / 1000:.1f} ms and after it {ours['after'] / 1000:.1f} ms (medians, all)."
    )
    print(
        f"\n**Added by inkvm: {ours['python'] / 1000:.2f} ms**, the median of {ours['followed']} frames in another {SECONDS:.0f} s of the same process: what of that way\n"
        f"the video thread was in no system call, its waits for a processor included; a tenth of them took less than {ours['quick'] / 1000:.2f} ms.\n"
        f"In system calls, without the encoder's own work: {ours['kernel'] / 1000:.1f} ms."
    )
    for other in results[1:]:
        if "through" in other:
            print(
                f"\nFrom the filled buffer to the dequeued coded one in the kernel's trace, without the encoder's own work: inkvm {ours['through'] / 1000:.1f} ms, "
                f"{other['name']} {other['through'] / 1000:.1f} ms,\ninkvm : it {ours['through'] / other['through']:.2f} (medians of "
                f"{ours['whole ways']} and {other['whole ways']} frames)."
            )
    print(f"\nLoad of the machine after that: {os.getloadavg()[0]:.1f}.")
    return 0


def loading() -> None:
    """How long the video path takes to load, and to its first access unit, on the image's arm64 machine."""
    print(f"\n## Start\n\nLoad of the machine before: {os.getloadavg()[0]:.1f}.")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        for path in sorted((REPOSITORY / "app").rglob("*.py")):
            packed.write(path, path.relative_to(REPOSITORY))
        packed.write(FIRST, FIRST.name)
    script = f"SOURCE = {base64.b64encode(archive.getvalue()).decode()!r}\n{START.read_text('utf-8')}"
    with Machine("virt", unpacked(), script=script) as machine:
        machine.wait_for_console("script ends", 1800)
        said = machine.console.read_text(errors="replace")
    print(
        "\nOn the image's arm64 machine (Cortex-A53 model), best of three new processes; the first reads from the card:\n"
    )
    for line in re.findall(r"(?m)^loaded in .*?$", said):
        print(f"- {line.strip()}")
    print("\nFrom the start of a process to the first access unit, in seconds step by step,")
    print("three new processes one after the other, without the daemon beside them:\n")
    for line in re.findall(r"(?m)^picture in .*?$", said):
        print(f"- {line.strip()}")
    print(f"\nLoad of the machine after that: {os.getloadavg()[0]:.1f}.")


if __name__ == "__main__":
    sys.exit(main())
