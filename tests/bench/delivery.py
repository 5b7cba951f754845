"""What it costs to bring a frame to a viewer, against the floor and against a peer's way; how soon and how old the picture is.

Processor time is the server process's own; the clients are another process. Run it on an otherwise idle machine: the last two
numbers are wall time. `python -m tests.bench.delivery [--frames N]`
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import statistics
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests import door
from tests.appliance import Appliance
from tests.bench import carriers, reader

VIEWERS = (1, 4, 16)
_REPEATS = 3


def processor_time(kind: str, certificate: Path, viewers: int, frames: int) -> float:
    """Microseconds of the server's processor time per viewer and frame."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    server = context.Process(target=carriers.serve, args=(kind, certificate, viewers, frames, theirs), daemon=True)
    server.start()
    address = ours.recv()
    got, told = context.Pipe()
    clients = context.Process(target=reader.watch, args=(kind, address, viewers, frames, told), daemon=True)
    clients.start()
    answer = ours.recv()
    took, dropped = answer if isinstance(answer, tuple) else (answer, 0)
    received = sum(got.recv()) if got.poll(10) else viewers * frames - dropped
    for process in (clients, server):
        process.kill()
        process.join()
    return float(took) * 1e6 / max(1, received)


def costs(frames: int) -> None:
    """Print the table of processor times and ratios."""
    print(
        f"Processor time of the server per viewer and frame, {carriers.SIZE} bytes at {carriers.FPS} fps, {frames} frames, TLS 1.3, median of {_REPEATS}:\n"
    )
    print("| viewers | bare asyncio TLS | aiohttp, queue of 32 | inkvm | inkvm : bare | inkvm : aiohttp |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        certificate = door.certificate(Path(folder))
        for viewers in VIEWERS:
            # In turns, so that what else the machine does falls on all of them.
            runs = [
                {kind: processor_time(kind, certificate, viewers, frames) for kind in carriers.CARRIERS}
                for _ in range(_REPEATS)
            ]
            floor, peer, inkvm = (statistics.median(run[kind] for run in runs) for kind in ("bare", "aiohttp", "inkvm"))
            print(
                f"| {viewers} | {floor:.0f} µs | {peer:.0f} µs | {inkvm:.0f} µs | {inkvm / floor:.2f} | {inkvm / peer:.2f} |",
                flush=True,
            )


_TAP = """
window.figures = [];
const Real = window.Worker;
window.Worker = class extends Real {
  constructor(...all) {
    super(...all);
    this.addEventListener('message', ({data}) => data.type === 'figures' && window.figures.push(data));
  }
};
"""


def picture(opens: int, seconds: float) -> None:
    """Print how soon the first picture is painted, and how old pictures are when they are."""
    from playwright.sync_api import sync_playwright

    from tests.browser import chromium
    from tests.browser.visitor import expect_live, log_in

    with ExitStack() as stack:
        appliance = Appliance(Path(stack.enter_context(tempfile.TemporaryDirectory())))
        stack.callback(appliance.kill)
        appliance.start()
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=chromium.PATH, args=chromium.ARGUMENTS)
        page = browser.new_context(ignore_https_errors=True).new_page()
        page.add_init_script(_TAP)
        page.goto(appliance.url)
        log_in(page)
        expect_live(page)
        firsts = []
        for _ in range(opens):
            page.reload()
            expect_live(page)
            while (first := page.evaluate("() => window.figures.at(-1)?.first")) is None:
                page.wait_for_timeout(50)
            firsts.append(float(first))
        page.wait_for_timeout(seconds * 1000)
        last: dict[str, Any] = page.evaluate("() => window.figures.at(-1)")
        browser.close()
    print(
        f"\nFrom the socket's opening to the first painted picture, {opens} times: median {statistics.median(firsts):.0f} ms, "
    )
    print(f"worst {max(firsts):.0f} ms.")
    print(f"From capture to paint, simulated source at 1280x720, libx264 on the same machine, {last['fps']:.1f} fps:")
    print(f"median {last['median']:.0f} ms, p95 {last['p95']:.0f} ms, ± {last['uncertainty']:.1f} ms.")


def main() -> None:
    """Everything, as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=120)
    options = parser.parse_args()
    print("# Delivery\n")
    print(f"Load of the machine before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors.\n")
    costs(options.frames)
    picture(opens=10, seconds=12)


if __name__ == "__main__":
    main()
