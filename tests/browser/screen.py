"""What is painted on the page's canvas, read back and decoded."""

from __future__ import annotations

import base64
from collections.abc import Callable

from playwright.sync_api import Page

from app.sim import strip
from app.sim.strip import Strip

_MOST_FRAMES = 300
"""How many frames to wait for something: ten seconds of the simulated target."""

# Collects the strip of each newly painted picture, as base64 of one byte of brightness a pixel, until there are `count`
# or nothing new was painted for five seconds.
_COLLECT = """
async ({count, height}) => {
  const canvas = document.querySelector('canvas');
  const copy = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const found = [];
  let before = window.lastStrip ?? '';
  let changed = performance.now();
  while (found.length < count && performance.now() - changed < 5000) {
    await new Promise(requestAnimationFrame);
    copy.canvas.width = canvas.width;
    copy.canvas.height = height;
    copy.drawImage(canvas, 0, height - canvas.height);
    const {data} = copy.getImageData(0, 0, canvas.width, height);
    let luma = '';
    for (let at = 0; at < data.length; at += 4)
      luma += String.fromCharCode(Math.round(0.299 * data[at] + 0.587 * data[at + 1] + 0.114 * data[at + 2]));
    if (luma === before) continue;
    before = luma;
    changed = performance.now();
    found.push(btoa(luma));
  }
  window.lastStrip = before;
  return found;
}
"""


class Screen:
    """The target's screen as the user sees it."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def frames(self, count: int) -> list[Strip]:
        """The strips of the next pictures painted, each once; fewer than `count` when painting stopped."""
        found: list[str] = self._page.evaluate(_COLLECT, {"count": count, "height": strip.HEIGHT})
        return [_decoded(base64.b64decode(luma)) for luma in found]

    def until(self, what: Callable[[Strip], bool]) -> Strip:
        """The first picture painted that `what` is true of. Raises AssertionError with the last one otherwise."""
        last = None
        for _ in range(_MOST_FRAMES):
            found = self.frames(1)
            if not found:
                break
            last = found[0]
            if what(last):
                return last
        raise AssertionError(f"not seen on the screen; the last picture was {last}")


def _decoded(luma: bytes) -> Strip:
    width = len(luma) // strip.HEIGHT
    return strip.decode(lambda x, y: luma[y * width + x], top=0)
