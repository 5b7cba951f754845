"""What a frame costs on the way from vivid to an encoder: ours, GStreamer's, and ustreamer's. Run by tests/bench/video.py.

Processor time is the scheduler's own count of the process's threads. Vicodec mostly encodes within the system call that gives it a frame, so that
the time in its `device_run`, taken by a kernel probe, is subtracted: on the board that work is the video processor's.
"""

from __future__ import annotations

import json
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.kernel.guest.bridge import Bridge
from tests.kernel.guest.frametrace import SYSCALLS, TRACING, Frame, Period, followed, probes, trace

SECONDS = 10.0
MODE, DROPPED = "1280x720p24", 50
"""What the emulated encoder can follow: of 24 frames a second every other one is left out at the source."""

PROGRAMS: Mapping[str, list[str]] = {
    "inkvm": [sys.executable, "-m", "tests.kernel.guest.streamer"],
    "GStreamer": [
        "gst-launch-1.0", "-q", "v4l2src", "device=/dev/video0", "io-mode=dmabuf",
        "!", "video/x-raw,format=UYVY,width=1280,height=720",
        "!", "v4l2fwhtenc", "output-io-mode=dmabuf-import", "!", "fakesink", "sync=false",
    ],
    "ustreamer (MJPEG)": [
        "ustreamer", "--device=/dev/video0", "--format=UYVY", "--dv-timings", "--persistent", "--encoder=CPU", "--workers=1",
        "--host=127.0.0.1", "--port=8000", "--log-level=0",
    ],
}  # fmt: skip


def threads(pid: int) -> set[int]:
    """All of a process's."""
    return {int(path.name) for path in Path(f"/proc/{pid}/task").iterdir()}


def on_cpu(pid: int) -> float:
    """Microseconds that they have run, by the scheduler."""
    return sum(int(Path(f"/proc/{pid}/task/{tid}/schedstat").read_text().split()[0]) for tid in threads(pid)) / 1e3


def in_user_mode(pid: int) -> float:
    """Microseconds that they have run outside the kernel, by its own division of the above."""
    fields = [Path(f"/proc/{pid}/task/{tid}/stat").read_text().rpartition(")")[2].split() for tid in threads(pid)]
    return sum(int(field[11]) for field in fields) * 1e6 / os.sysconf("SC_CLK_TCK")


def period(pid: int, seconds: float) -> Period:
    """Look at a process for so long, from outside."""
    (TRACING / "trace").write_text("")
    before, user = on_cpu(pid), in_user_mode(pid)
    time.sleep(seconds)
    spent, user = on_cpu(pid) - before, in_user_mode(pid) - user
    mine, events = threads(pid), trace()
    return Period(events, [event for event in events if event.thread in mine], spent, user)


def syscalls(pid: int) -> float:
    """System calls for each frame."""
    trigger = SYSCALLS / "trigger"
    trigger.write_text("hist:keys=common_pid")
    seen = period(pid, SECONDS)
    counts = re.findall(r"common_pid: +(\d+) \} hitcount: +(\d+)", (SYSCALLS / "hist").read_text())
    trigger.write_text("!hist:keys=common_pid")
    mine = threads(pid)
    return sum(int(hits) for tid, hits in counts if int(tid) in mine) / seen.frames


@contextmanager
def killed(process: subprocess.Popen[str]) -> Iterator[None]:
    """Whatever happens, it does not outlive this."""
    try:
        yield
    finally:
        process.kill()


def measure(command: list[str]) -> dict[str, float]:
    """One program on the source, once it streams: what it loads and sets up is no cost of a frame."""
    with (
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process,
        killed(process),
    ):
        deadline = time.monotonic() + 300
        while period(process.pid, 4.0).frames < 3:
            assert time.monotonic() < deadline, f"it does not stream; the trace: {trace()[-3:]}"
        seen = period(process.pid, SECONDS)
        result = {
            "frames": seen.frames,
            "cpu": (seen.spent - seen.inside) / seen.frames,
            "user": seen.user / seen.frames,
            "encoder": sum(end - begin for _thread, begin, end in seen.spans) * 1e6 / seen.frames,
            "syscalls": syscalls(process.pid),
        }
        if seen.ways:
            through = [way.coded - way.filled - (way.ended - way.begun) for way in seen.ways]
            result |= {"through": statistics.median(through) * 1e6, "whole ways": len(through)}
        if "tests.kernel.guest.streamer" in command:
            with followed(seen.encoding):
                closely = period(process.pid, SECONDS)
            said, _none = process.communicate("", timeout=60)
            published = json.loads(said)
            result |= latency(published, seen) | divided(published, closely)
        return result


def ways(published: list[tuple[int, int]], seen: Period) -> list[tuple[Frame, float]]:
    """The frames that became access units in that time, and when Python had these, in seconds."""
    out = dict(published)
    last = seen.everything[-1].seconds
    return [(way, out[way.stamp] / 1e6) for way in seen.ways if way.stamp in out and out[way.stamp] / 1e6 < last]


def latency(published: list[tuple[int, int]], seen: Period) -> dict[str, float]:
    """Medians in microseconds: from the filled buffer to Python, and that without the encoder's work, before it and after."""
    found = ways(published, seen)
    return {
        "whole": statistics.median(out - way.filled for way, out in found) * 1e6,
        "before": statistics.median(way.begun - way.filled for way, _out in found) * 1e6,
        "after": statistics.median(out - way.ended for way, out in found) * 1e6,
        "both": statistics.median(out - way.filled - (way.ended - way.begun) for way, out in found) * 1e6,
    }


def divided(published: list[tuple[int, int]], seen: Period) -> dict[str, float]:
    """Medians in microseconds of the same way: in which part of it our thread was in a system call, and in which not.

    Not in one, it runs our program or waits for a processor; the cost of tracing its calls is on both sides.
    """
    python, kernel = [], []
    for way, out in ways(published, seen):
        called = sum(max(0.0, min(out, over) - max(way.filled, under)) for under, over in seen.calls)
        python.append((out - way.filled - called) * 1e6)
        kernel.append((called - (way.ended - way.begun)) * 1e6)
    return {
        "python": statistics.median(python),
        "quick": statistics.quantiles(python, n=10)[0],
        "kernel": statistics.median(kernel),
        "followed": len(python),
    }


def test_measure(bridge: Bridge) -> None:
    bridge.mode(MODE)
    bridge.set("percentage_of_dropped_buffers", DROPPED)
    subprocess.run(["v4l2-ctl", "-d", "/dev/video0", "--set-dv-bt-timings", "query"], check=True)
    with probes():
        for name, command in PROGRAMS.items():
            print("MEASURED", json.dumps({"name": name, **measure(command)}))
