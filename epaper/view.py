"""A page as a 1-bit picture of 250 x 122, landscape, made to be read at arm's length, and as the panel's bytes."""

from __future__ import annotations

from collections.abc import Iterator

from PIL import Image, ImageDraw

from epaper import panel
from epaper.page import Notice, Page, Ready, SetUp
from epaper.typeface import Terminus
from epaper.typeset import Block, Fit, Item, Modules, Text, fit, width

WIDTH, HEIGHT = panel.HEIGHT, panel.WIDTH
"""The device lies on its long side."""
MARGIN = 5
INNER = WIDTH - 2 * MARGIN
VALUES = 43
"""Left edge of what stands beside a label."""

_ADDRESS_BREAKS = ".:/-"
_ADDRESS_SIZES = ((32, 1), (28, 1), (24, 1), (22, 1), (20, 1), (20, 2))
_QR_SCALE, _QR_VERSION = 3, 3
"""A module of 3 pixels is 0.6 mm, which a telephone reads at 20 cm; 29 modules and the quiet zone are then 111 high.
Takes 53 bytes; a shorter text gets more error correction instead."""


class View:
    """Draws pages. The stamp is no part of a page, so that time alone is no reason to draw."""

    def __init__(self, terminus: Terminus) -> None:
        """`terminus` is the face of everything."""
        self._terminus = terminus

    def picture(self, page: Page, stamp: str) -> Image.Image:
        """Mode "1", landscape, white is 1."""
        image = Image.new("1", (WIDTH, HEIGHT), 1)
        draw = ImageDraw.Draw(image)
        for item in layout(page, stamp):
            match item:
                case Block((left, top, right, bottom)):
                    draw.rectangle((left, top, right - 1, bottom - 1), fill=0)
                case Text():
                    font = self._terminus.strike(item.size, item.bold)
                    draw.text((item.left, item.top), item.text, fill=int(item.white), font=font)
                case Modules():
                    _draw_modules(draw, item)
        return image

    def frame(self, page: Page, stamp: str) -> bytes:
        """The picture as `panel` sends it."""
        return pack(self.picture(page, stamp))


def pack(picture: Image.Image) -> bytes:
    """A landscape picture as the controller's RAM: turned a quarter counter-clockwise, rows padded with white."""
    frame = Image.new("1", (panel.ROW_BYTES * 8, panel.HEIGHT), 1)
    frame.paste(picture.transpose(Image.Transpose.ROTATE_90), (0, 0))
    return frame.tobytes()


def layout(page: Page, stamp: str) -> list[Item]:
    """Where everything goes. No two texts overlap and none leaves the glass: the tests compute it from the boxes."""
    match page:
        case Ready():
            return list(_ready(page, stamp))
        case SetUp():
            return list(_set_up(page, stamp))
        case Notice():
            return list(_notice(page, stamp))


def _header(host: str, stamp: str) -> tuple[int, list[Item]]:
    """The black bar with the device's name and the page's age; its height first."""
    age = Text(WIDTH - MARGIN - width(stamp, 12), 3, stamp, 12, white=True)
    name = fit(host, (age.left - 2 * MARGIN, 24), ((16, 1), (12, 1), (12, 2)), after="-.")
    height = max(name.height, 16) + 2
    return height, [Block((0, 0, WIDTH, height)), *name.at(MARGIN, 1, bold=True, white=True), age]


def _ready(page: Ready, stamp: str) -> Iterator[Item]:
    top, header = _header(page.host, stamp)
    yield from header
    bottom = HEIGHT
    if page.fault:
        bottom -= 14
        yield Block((0, bottom, WIDTH, HEIGHT))
        yield from fit(f"! {page.fault}", (INNER, 12), ((12, 1),)).at(MARGIN, bottom + 1, bold=True, white=True)
    if page.address:
        address = fit(page.address, (INNER, 40), _ADDRESS_SIZES, _ADDRESS_BREAKS)
    else:
        address = fit(page.no_address, (INNER, 40), ((20, 1), (16, 2)))
    block = max(address.height, 32)
    yield from address.at(MARGIN, top + 3 + (block - address.height) // 2, bold=True)
    yield from _rows(page, top + block + 6, bottom)


def _rows(page: Ready, top: int, bottom: int) -> Iterator[Item]:
    """The second address if there is room, a rule, and a labelled line each for HDMI, USB and the browsers."""
    values = [("HDMI", page.hdmi), ("USB", page.usb), ("Web", page.web)]
    size = 16 if bottom - top >= 16 * len(values) else 12
    # What the rows leave over goes to texts that need two lines of 12, the first row first.
    spare = bottom - top - size * len(values)
    rows = []
    for label, value in values:
        row = fit(value, (WIDTH - MARGIN - VALUES, size + spare), ((size, 1), (12, 2)))
        spare -= max(row.height - size, 0)
        rows.append((label, row))
    if page.other and spare >= 12:
        yield from fit(page.other, (INNER, 12), ((12, 1),)).at(MARGIN, top - 2)
        top += 12
        spare -= 12
    yield Block((MARGIN, top - 1, WIDTH - MARGIN, top))
    gap = min(spare // (len(rows) + 1), 5)
    for label, row in rows:
        top += gap
        yield Text(MARGIN, top, label, size)
        yield from row.at(VALUES, top + max(size - row.height, 0) // 2, bold=True)
        top += max(row.height, size)


def _notice(page: Notice, stamp: str) -> Iterator[Item]:
    height, header = _header(page.host, stamp)
    yield from header
    title = fit(page.title, (INNER, 32), ((32, 1), (24, 1), (22, 1), (20, 1)))
    detail = fit(page.detail, (INNER, 48), ((16, 2), (12, 3)))
    top = height + (HEIGHT - height - title.height - 8 - detail.height) // 2
    yield from title.at(MARGIN, top, bold=True)
    yield from detail.at(MARGIN, top + title.height + 8)


def _set_up(page: SetUp, stamp: str) -> Iterator[Item]:
    code = _qr(page.url) if page.url else None
    if code is not None:
        room = code.left - MARGIN
        address = fit(page.address, (room, 40), _ADDRESS_SIZES, _ADDRESS_BREAKS)
        if not address.cut and width(page.code, 16) <= room:
            yield code
            yield Block((0, 0, code.left, 18))
            yield from fit(page.host, (room - MARGIN, 16), ((16, 1), (12, 1))).at(MARGIN, 1, bold=True, white=True)
            yield Text(MARGIN, HEIGHT - 13, stamp, 12)
            yield from _account(page, address, (20, HEIGHT - 13), room)
            return
    height, header = _header(page.host, stamp)
    yield from header
    address = fit(page.address, (INNER, 40), _ADDRESS_SIZES, _ADDRESS_BREAKS)
    yield from _account(page, address, (height + 2, HEIGHT), INNER)


def _account(page: SetUp, address: Fit, rows: tuple[int, int], room: int) -> Iterator[Item]:
    """What to type, between two rows: where, as whom, and with what."""
    top, bottom = rows
    if page.url:
        yield Text(MARGIN, top, "https://", 12)
        top += 12
    yield from address.at(MARGIN, top, bold=True)
    top += address.height
    secret = fit(page.code, (room, min(bottom - top - 16, 28)), ((28, 1), (24, 1), (22, 1), (20, 1), (18, 1), (16, 1)))
    spare = bottom - top - 16 - secret.height
    top += spare // 2
    user = Text(MARGIN + width("user ", 16), top, page.user, 16, bold=True)
    yield from (Text(MARGIN, top, "user", 16), user, Text(user.box[2], top, ", code", 16))
    yield from secret.at(MARGIN, top + 16 + min(spare // 4, 3), bold=True)


def _qr(url: str) -> Modules | None:
    """The code at the right edge, or None when it does not fit at a size that a telephone reads."""
    import segno

    try:
        matrix = segno.make_qr(url, version=_QR_VERSION, error="l").matrix
    except segno.DataOverflowError:
        return None
    rows = tuple(tuple(bool(module) for module in row) for row in matrix)
    side = (len(rows) + 8) * _QR_SCALE
    return Modules(WIDTH - side, (HEIGHT - side) // 2, rows, _QR_SCALE)


def _draw_modules(draw: ImageDraw.ImageDraw, code: Modules) -> None:
    left, top = code.left + 4 * code.scale, code.top + 4 * code.scale
    for y, row in enumerate(code.rows):
        for x, black in enumerate(row):
            if black:
                corner = (left + x * code.scale, top + y * code.scale)
                draw.rectangle((*corner, corner[0] + code.scale - 1, corner[1] + code.scale - 1), fill=0)
