"""Where everything on a page goes: boxes of 250 x 122 pixels, made to be read at arm's length. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from app.status import Thumbnail
from epaper import panel, qr
from epaper.page import Certificate, Notice, Page, Problem, Ready, SetUp
from epaper.steady import BARS
from epaper.typeset import Bitmap, Block, Fit, Item, Modules, Text, fit, width

WIDTH, HEIGHT = panel.HEIGHT, panel.WIDTH
"""The device lies on its long side."""
MARGIN = 5
INNER = WIDTH - 2 * MARGIN
VALUES = 49
"""Left edge of what stands beside a label, at the sizes in which a character is 8 wide."""
BAR = 15
"""Height of a black bar with one line in it."""

_ADDRESS_BREAKS = ".:/-"
_ADDRESS_SIZES = ((32, 1), (28, 1), (24, 1), (22, 1), (20, 1), (20, 2))
_QR_SCALE, _QR_VERSION = 3, 3
"""A module of 3 pixels is 0.6 mm, which a telephone reads at 20 cm; 29 modules and the quiet zone are then 111 high.
Takes 53 bytes; a shorter text gets more error correction instead."""
_BAR_WIDTH, _BAR_STEP = 3, 4
_BARS_WIDTH = BARS * _BAR_STEP


def layout(page: Page, stamp: str) -> list[Item]:
    """Where everything goes. No two texts overlap and none leaves the glass: the tests compute it from the boxes."""
    match page:
        case Ready():
            return list(_ready(page, stamp))
        case SetUp():
            return list(_set_up(page, stamp))
        case Certificate():
            return list(_certificate(page, stamp))
        case Problem():
            return list(_problem(page, stamp))
        case Notice():
            return list(_notice(page, stamp))


def _header(host: str, stamp: str, lines: int = 2) -> tuple[int, list[Item]]:
    """The black bar with the device's name, in `lines` at most, and the page's age; its height first."""
    age = Text(WIDTH - MARGIN - width(stamp, 12), 2, stamp, 12, white=True)
    name = fit(host, (age.left - 2 * MARGIN, 24), ((16, 1), (12, 1), (12, lines)), after="-.")
    height = max(name.height + 1, BAR + 1)
    return height, [
        Block((0, 0, WIDTH, height)),
        *name.at(MARGIN, (height - name.height) // 2, bold=True, white=True),
        age,
    ]


def _address(address: str, room: tuple[int, int]) -> Fit:
    return fit(address, room, _ADDRESS_SIZES, _ADDRESS_BREAKS)


def _ready(page: Ready, stamp: str) -> Iterator[Item]:
    where = (
        _address(page.address, (INNER, 40)) if page.address else fit(page.no_address, (INNER, 40), ((20, 1), (16, 2)))
    )
    bottom = HEIGHT - BAR if page.in_use else HEIGHT
    rows = _rows(page)
    cramped = where.height + 12 * len(rows) > bottom - 30
    top, header = _header(page.host, stamp, lines=1 if cramped else 2)
    yield from header
    block = where.height if cramped else max(where.height, 28)
    yield from where.at(MARGIN, top + 1 + (block - where.height) // 2, bold=True)
    top += block + 1
    if page.other and bottom - top - 12 >= 14 * len(rows):
        yield from fit(page.other, (INNER, 12), ((12, 1),)).at(MARGIN, top)
        top += 12
    yield Block((MARGIN, top, WIDTH - MARGIN, top + 1))
    top += 1
    if page.in_use:
        yield Block((0, bottom, WIDTH, HEIGHT))
        user = fit(page.web, (INNER, BAR), ((14, 1), (12, 1)))
        yield from user.at(MARGIN, bottom + (BAR - user.size) // 2, bold=True, white=True)
    right = WIDTH - MARGIN
    if page.thumbnail is not None and bottom - top >= page.thumbnail.height + 2:
        right -= page.thumbnail.width
        yield _bitmap(page.thumbnail, right, top + 2)
        right -= MARGIN
    yield from _table(rows, page.bars, (top, bottom, right))


def _rows(page: Ready) -> list[tuple[str, str]]:
    """Labels and values, the most telling first."""
    rows = [("HDMI", page.hdmi), ("USB", page.usb)]
    if page.wifi:
        rows.append(("Wi-Fi", page.wifi))
    if page.heat:
        rows.append(("Heat", page.heat))
    if not page.in_use:
        rows.append(("Web", page.web))
    return rows


def _table(rows: list[tuple[str, str]], bars: int | None, room: tuple[int, int, int]) -> Iterator[Item]:
    """The rows between top and bottom, left of right: as large as all of them can be, long values in two small lines."""
    top, bottom, right = room
    size = next((size for size in (16, 14) if size * len(rows) <= bottom - top and right > WIDTH // 2 + VALUES), 12)
    values = MARGIN + width("Wi-Fi ", size) if size == 12 else VALUES
    spare = bottom - top - size * len(rows)
    placed = []
    for label, value in rows:
        gauge = _BARS_WIDTH + 4 if label == "Wi-Fi" and bars is not None else 0
        row = fit(value, (right - gauge - values, size + spare), ((size, 1), (12, 1), (12, 2)))
        spare -= max(row.height - size, 0)
        placed.append((label, row, gauge))
    gap = min(spare // (len(rows) + 1), 5)
    for label, row, gauge in placed:
        top += gap
        yield Text(MARGIN, top, label, size)
        yield from row.at(values, top + max(size - row.height, 0) // 2, bold=True)
        if gauge and bars is not None:
            yield from _gauge(right - _BARS_WIDTH, top + size - 2, bars)
        top += max(row.height, size)


def _gauge(left: int, bottom: int, bars: int) -> Iterator[Item]:
    """Four bars, as many of them full as are given; the others are a stroke."""
    for number in range(BARS):
        at = left + number * _BAR_STEP
        height = 3 + 2 * number if number < bars else 1
        yield Block((at, bottom - height, at + _BAR_WIDTH, bottom))


def _bitmap(thumbnail: Thumbnail, left: int, top: int) -> Bitmap:
    return Bitmap(left, top, (thumbnail.width, thumbnail.height), bytes.fromhex(thumbnail.rows))


def _notice(page: Notice, stamp: str) -> Iterator[Item]:
    top, header = _header(page.host, stamp, lines=1 if page.address else 2)
    yield from header
    bottom = HEIGHT
    if page.foot:
        bottom -= 14
        yield from fit(page.foot, (INNER, 12), ((12, 1),)).at(MARGIN, bottom)
    if page.address:
        where = _address(page.address, (INNER, 40))
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
    height, header = _header(page.host, stamp, lines=1)
    yield from header
    where = _address(page.address, (INNER, 40)) if page.address else None
    bottom = HEIGHT - (where.height if where else 0)
    what = fit(page.title, (INNER, 32), ((24, 1), (22, 1), (20, 1), (16, 1), (16, 2), (12, 2)))
    block = height + 1, height + 1 + what.height + 4
    yield Block((0, block[0], WIDTH, block[1]))
    yield from what.at(MARGIN, block[0] + 2, bold=True, white=True)
    remedy = fit(page.detail, (INNER, bottom - block[1]), ((16, 3), (14, 3), (12, 4)))
    yield from remedy.at(MARGIN, block[1] + (bottom - block[1] - remedy.height) // 2)
    if where:
        yield from where.at(MARGIN, bottom, bold=True)


def _certificate(page: Certificate, stamp: str) -> Iterator[Item]:
    """All 32 bytes, in four lines as far as they are in the usual form."""
    top, header = _header(page.host, stamp, lines=1)
    yield from header
    yield Text(MARGIN, top + 1, "Certificate, SHA-256:", 12)
    top += 14
    where = _address(page.address, (INNER, 40)) if page.address else None
    bottom = HEIGHT - (where.height if where else 0)
    mark = fit(page.fingerprint, (INNER, bottom - top), ((16, 4), (14, 4), (12, 3)), after=":")
    yield from mark.at(MARGIN, top + (bottom - top - mark.height) // 2, bold=True)
    if where:
        yield from where.at(MARGIN, bottom, bold=True)


def _set_up(page: SetUp, stamp: str) -> Iterator[Item]:
    code = next((code for url in page.urls if (code := _qr(url)) is not None), None)
    if code is not None:
        room = code.left - MARGIN
        address = _address(page.address, (room, 40))
        if not address.cut and width(page.code, 16) <= room and width(stamp, 12) <= room:
            yield code
            yield Block((0, 0, code.left, BAR))
            yield Text(MARGIN, 1, stamp, 12, white=True)
            yield from _account(page, address, BAR, room)
            return
    height, header = _header(page.host, stamp, lines=1)
    yield from header
    yield from _account(page, _address(page.address, (INNER, 40)), height, INNER)


def _account(page: SetUp, address: Fit, top: int, room: int) -> Iterator[Item]:
    """What to type, and what to compare: the address, the code, the certificate, and how the cables are."""
    if page.urls:
        yield Text(MARGIN, top, "https://", 12)
        top += 12
    yield from address.at(MARGIN, top, bold=True)
    top += address.height
    mark = _mark(page.fingerprint, room)
    left = HEIGHT - top - 12 - mark.height
    secret = fit(page.code, (room, min(left, 28)), ((28, 1), (24, 1), (22, 1), (20, 1), (18, 1), (16, 1)))
    rest = left - secret.height
    yield Text(MARGIN, top, "claim code", 12)
    yield from secret.at(MARGIN, top + 12, bold=True)
    if rest >= 12 and width(page.state, 12) <= room:
        yield Text(MARGIN, top + 12 + secret.height + min((rest - 12) // 2, 4), page.state, 12)
    yield from mark.at(MARGIN, HEIGHT - mark.height)


def _mark(fingerprint: str, room: int) -> Fit:
    """The certificate's fingerprint as far as two lines reach, at whole bytes: eight of them and more."""
    if not fingerprint:
        return Fit(12, ())
    columns = room // width(" ", 12)
    first = "SHA-256 " + fingerprint[: (columns - 8) // 3 * 3]
    rest = fingerprint[len(first) - 8 :]
    second = rest[: (columns + 1) // 3 * 3 - 1]
    return Fit(12, (first, second) if second else (first,))


def _qr(url: str) -> Modules | None:
    """The code at the right edge, or None when it does not fit at a size that a telephone reads."""
    modules = qr.rows(url, _QR_VERSION)
    if modules is None:
        return None
    side = (len(modules) + 8) * _QR_SCALE
    return Modules(WIDTH - side, (HEIGHT - side) // 2, modules, _QR_SCALE)
