"""What pasting costs the daemon: `python3 -m tests.bench.paste`. Processor time of this machine; the board's is several times slower."""

from __future__ import annotations

import asyncio
import os
import statistics
import time
from collections.abc import Callable

from app.hid import paste
from app.hid.keymaps import Keymaps

SHOWN = ("us", "de", "fr", "br", "de(neo)")


def main() -> None:
    """Print a table."""
    keymaps = Keymaps("us")
    listed = _cost(lambda: keymaps.titles)
    costs = {name: _cost(lambda name=name: keymaps.layout(name)) for name in keymaps.titles}
    ordered = sorted(costs.values())
    slowest = max(costs, key=lambda name: costs[name])
    ways = keymaps.layout("de").ways(caps=False)
    text = ("".join(ways) * paste.LONGEST)[: paste.LONGEST]
    planned = _cost(lambda: paste.planned(text, ways, skip=False))
    pause = asyncio.run(_longest_pause(slowest))
    print("# Pasting\n")
    print(f"Load of the machine before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors.\n")
    print("| what, once | processor time |\n|---|---|")
    print(f"| the list of {len(costs)} layouts | {listed:.1f} ms |")
    for name in SHOWN:
        print(f"| layout `{name}`, with Caps Lock off and on | {costs[name]:.1f} ms |")
    print(
        f"| any layout: median, 95 in 100, longest | {statistics.median(ordered):.1f}, {ordered[len(ordered) * 95 // 100]:.1f}, ",
        end="",
    )
    print(f"{ordered[-1]:.1f} ms (`{slowest}`) |")
    print(f"| planning {len(text)} characters | {planned:.1f} ms |")
    print(
        f"\nThe event loop's longest pause while another thread does the longest layout: {pause:.1f} ms of wall time."
    )


def _cost(act: Callable[[], object]) -> float:
    """Milliseconds of processor time."""
    before = time.thread_time()
    act()
    return (time.thread_time() - before) * 1000


async def _longest_pause(name: str) -> float:
    """Milliseconds between two turns of a loop that has nothing else to do."""
    work = asyncio.get_running_loop().run_in_executor(None, Keymaps("us").layout, name)
    longest, last = 0.0, time.monotonic()
    while not work.done():
        await asyncio.sleep(0)
        longest, last = max(longest, time.monotonic() - last), time.monotonic()
    return longest * 1000


if __name__ == "__main__":
    main()
