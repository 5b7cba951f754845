"""Where everything on a page goes: boxes of 250 x 122 pixels, made to be read at arm's length. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from app.status import Thumbnail
from epaper.page import Certificate, Join, Page, Ready, SetUp
from epaper.scan import join, set_up
from epaper.sheet import BAR, HEIGHT, INNER, LINE, MARGIN, WIDTH, header, place
from epaper.table import rows, table
from epaper.trouble import Notice, Problem
from epaper.typeset import Bitmap, Block, Fit, Item, Text, fit, printable, width

_BYTES = 24
"""Characters of eight bytes of a fingerprint, with the colon behind them."""
_OLD = "last picture"
"""Below the target's picture when there is no signal."""


def layout(page: Page, stamp: str) -> list[Item]:
    """Where everything goes. No two texts overlap and none leaves the glass: the tests compute it from the boxes."""
    match page:
        case Ready():
            return list(_ready(page, stamp))
        case SetUp():
            return list(set_up(page, stamp))
        case Join():
            return list(join(page, stamp))
        case Certificate():
            return list(_certificate(page, stamp))
        case Problem():
            return list(_problem(page, stamp))
        case Notice():
            return list(_notice(page, stamp))


def _ready(page: Ready, stamp: str) -> Iterator[Item]:
    where = place(page.address or page.no_address, (INNER, 40))
    bottom = HEIGHT - BAR if page.in_use else HEIGHT
    lines = rows(page)
    cramped = where.height + 12 * len(lines) > bottom - 30
    if cramped:
        lines = [row for row in lines if row.value != page.web]  # that nobody watches can be missing first
    top, bar = header(page.host, stamp, lines=1 if cramped else 2)
    yield from bar
    block = where.height if cramped else max(where.height, 28)
    yield from where.at(MARGIN, top + 1 + (block - where.height) // 2, bold=True)
    top += block + 1
    other = width(page.other, LINE)
    if 0 < other <= WIDTH and bottom - top - LINE >= 14 * len(lines):  # an address is of no use but whole
        yield from fit(page.other, (WIDTH, LINE), ((LINE, 1),)).at(min(MARGIN, WIDTH - other), top)
        top += LINE
    yield Block((MARGIN, top, WIDTH - MARGIN, top + 1))
    top += 1
    if page.in_use:
        yield Block((0, bottom, WIDTH, HEIGHT))
        user = fit(page.web, (INNER, BAR), ((14, 1), (12, 1)))
        yield from user.at(MARGIN, bottom + (BAR - user.size) // 2, bold=True, white=True)
    right = WIDTH - MARGIN
    if page.thumbnail is not None and page.thumbnail.width <= INNER // 2:
        below = "" if page.signal else _OLD
        if bottom - top >= page.thumbnail.height + 2 + (12 if below else 0):
            left = right - max(page.thumbnail.width, width(below, 12))
            yield _bitmap(page.thumbnail, right - page.thumbnail.width, top + 2)
            if below:
                yield Text(left, top + 2 + page.thumbnail.height, below, 12)
            right = left - MARGIN
    yield from table(lines, (MARGIN, top, right, bottom))


def _bitmap(thumbnail: Thumbnail, left: int, top: int) -> Bitmap:
    return Bitmap(left, top, (thumbnail.width, thumbnail.height), bytes.fromhex(thumbnail.rows))


def _notice(page: Notice, stamp: str) -> Iterator[Item]:
    top, bar = header(page.host, stamp, lines=1 if page.address else 2)
    yield from bar
    bottom = HEIGHT
    if page.foot:
        bottom -= 14
        yield from fit(page.foot, (INNER, 12), ((12, 1),)).at(MARGIN, bottom)
    if page.address:
        where = place(page.address, (INNER, 40))
        bottom -= where.height + 2
        yield from where.at(MARGIN, bottom, bold=True)
    title = fit(page.title, (INNER, min(bottom - top - 12, 32)), ((32, 1), (24, 1), (22, 1), (20, 1)))
    detail = fit(page.detail, (INNER, bottom - top - title.height), ((16, 2), (12, 3)))
    spare = bottom - top - title.height - detail.height
    top += spare // 3
    yield from title.at(MARGIN, top, bold=True)
    yield from detail.at(MARGIN, top + title.height + spare // 4)


def _problem(page: Problem, stamp: str) -> Iterator[Item]:
    """What is wrong in white on black, what to do about it, and where the device is."""
    height, bar = header(page.host, stamp, lines=1)
    yield from bar
    where = place(page.address, (INNER, 40)) if page.address else None
    bottom = HEIGHT - (where.height if where else 0)
    room = min(36, bottom - height - 5 - 3 * LINE)
    what = fit(page.title, (INNER, room), ((24, 1), (22, 1), (20, 1), (16, 1), (16, 2), (12, 3)))
    block = height + 1, height + 1 + what.height + 4
    yield Block((0, block[0], WIDTH, block[1]))
    yield from what.at(MARGIN, block[0] + 2, bold=True, white=True)
    remedy = fit(page.detail, (INNER, bottom - block[1]), ((16, 3), (14, 3), (12, 4)))
    yield from remedy.at(MARGIN, block[1] + (bottom - block[1] - remedy.height) // 2)
    if where:
        yield from where.at(MARGIN, bottom, bold=True)


def _certificate(page: Certificate, stamp: str) -> Iterator[Item]:
    """All 32 bytes, eight in a line, so that two people can read them to each other."""
    top, bar = header(page.host, stamp, lines=1)
    yield from bar
    yield Text(MARGIN, top + 1, "Certificate, SHA-256:", LINE)
    top += LINE + 2
    where = place(page.address, (INNER, 40)) if page.address else None
    bottom = HEIGHT - (where.height if where else 0)
    mark = _bytes(page.fingerprint, bottom - top)
    yield from mark.at(MARGIN, top + (bottom - top - mark.height) // 2, bold=True)
    if where:
        yield from where.at(MARGIN, bottom, bold=True)


def _bytes(fingerprint: str, room: int) -> Fit:
    text = printable(fingerprint)
    lines = tuple(text[start : start + _BYTES] for start in range(0, len(text), _BYTES))
    return Fit(next(size for size in (18, 16, 14, 12) if size * len(lines) <= room), lines)
