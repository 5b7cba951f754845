"""The pipeline as a process of its own, to be measured: streams until its input closes, then says when each frame came out.

One line of JSON: pairs of the capture's and the publication's time, in microseconds of CLOCK_MONOTONIC.
"""

from __future__ import annotations

import json
import sys

from tests.kernel.guest.video import Video, clock


def main() -> None:
    times: list[tuple[int, int]] = []
    video = Video(lambda unit: times.append((unit.captured_us, clock())))
    video.pipeline.watch(True)
    video.pipeline.start()
    sys.stdin.read()
    video.pipeline.stop()
    print(json.dumps(times))


if __name__ == "__main__":
    main()
