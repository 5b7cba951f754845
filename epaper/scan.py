"""The two pages with a code for a telephone's camera: becoming the administrator, and joining the access point. Pure.

What the code says stands beside it, for who has to type it.
"""

from __future__ import annotations

from collections.abc import Iterator

from epaper import qr
from epaper.page import Join, SetUp
from epaper.sheet import ADDRESS_BREAKS, BAR, HEIGHT, INNER, LINE, MARGIN, WIDTH, header, place, short_header
from epaper.typeset import ELLIPSIS, Fit, Item, Modules, Text, fit, width

_SCALE, _QUIET = 3, 4
"""A module of 3 pixels is 0.6 mm, which a telephone reads at 20 cm; the quiet zone is so many modules wide."""
_VERSIONS = (2, 3)
"""With the quiet zone 99 and 111 pixels high. The small one leaves room for a whole bar above it, and holds the URL with an
IPv4 address at the usual port; what room is left in either goes into error correction."""
_JOIN_SIZES = ((24, 1), (22, 1), (20, 1), (20, 2), (16, 1), (12, 1))
_CODE_SIZES = ((28, 1), (24, 1), (22, 1), (20, 1), (18, 1), (16, 1))
_CODE_LEAST, _CODE_LARGE = 16, 20
"""Height of the claim code, and below which it does not get for a line that can be missing."""
_ADDRESS_LARGEST = 24
"""Height of an address beside a code: two lines of a note fit below it."""
_NOTHING = Fit(LINE, ())


def set_up(page: SetUp, stamp: str) -> Iterator[Item]:
    """Address, claim code and certificate beside the code for the first URL that has room for all of it, or without one."""
    for url in page.urls:
        code = _code(url)
        if code is None:
            continue
        room = code.left - MARGIN
        where = place(_typed(url), (code.left, 40), _ADDRESS_LARGEST)
        if not where.cut and width(page.code, _CODE_LEAST) <= room and width(stamp, LINE) <= room:
            yield code
            # Beside a large code the address is the name, or one with a port, which leaves no room for it.
            top, bar = _bar(page.host, stamp, code, tight=True)
            yield from bar
            yield from _account(page, where, top, room)
            return
    top, bar = header(page.host, stamp, lines=1)
    yield from bar
    yield from _account(page, place(page.address, (INNER, 40)), top, INNER)


def _bar(host: str, stamp: str, code: Modules | None, *, tight: bool) -> tuple[int, list[Item]]:
    """A whole bar where the code leaves it, else one as far as the code: without the name where the page is `tight`."""
    if code is None or code.top > BAR:
        return header(host, stamp, lines=1)
    return short_header("" if tight else host, stamp, code.left)


def _account(page: SetUp, where: Fit, top: int, room: int) -> Iterator[Item]:
    """What to type, and what to compare."""
    mark = _mark(page.fingerprint, room)
    bottom = HEIGHT - mark.height
    scheme, secret, note = _shares(page, where, room, bottom - top - where.height - LINE)
    if scheme:
        yield Text(MARGIN, top, "https://", LINE)
        top += LINE
    yield from where.at(min(MARGIN, MARGIN + room - _widest(where)), top, bold=True)
    top += where.height
    yield Text(MARGIN, top, "claim code", LINE)
    yield from secret.at(MARGIN, top + LINE, bold=True)
    top += LINE + secret.height
    yield from note.at(MARGIN, top + min((bottom - top - note.height) // 2, 4))
    yield from mark.at(MARGIN, bottom)


def _shares(page: SetUp, where: Fit, room: int, height: int) -> tuple[bool, Fit, Fit]:
    """Whether the scheme has a line, the claim code, and the note: of `height` pixels, what is most needed first."""
    spare = height - _CODE_LEAST
    scheme = bool(page.urls) and _ported("".join(where.lines))
    note = _note(page.note, room, spare - LINE * scheme)
    spare -= note.height
    # At the usual port the device itself sends on who leaves it out.
    scheme = scheme or (bool(page.urls) and spare >= LINE)
    spare -= LINE * scheme
    if not note.lines and spare >= LINE + _CODE_LARGE - _CODE_LEAST:
        note = _note(page.state, room, LINE)
        spare -= LINE
    return scheme, fit(page.code, (room, min(_CODE_LEAST + spare, _CODE_SIZES[0][0])), _CODE_SIZES), note


def _note(text: str, room: int, height: int) -> Fit:
    return fit(text, (room, height), ((LINE, 1), (LINE, 2))) if text and height >= LINE else _NOTHING


def _widest(lines: Fit) -> int:
    return max((width(line, lines.size) for line in lines.lines), default=0)


def _typed(url: str) -> str:
    """A URL of the set-up as one types it."""
    return url.partition("://")[2].partition("#")[0].rstrip("/")


def _ported(typed: str) -> bool:
    """Whether it names a port."""
    return ":" in typed.rpartition("]")[2]


def _mark(fingerprint: str, room: int) -> Fit:
    """The certificate's fingerprint as far as two lines reach, at whole bytes: eight of them and more."""
    if not fingerprint:
        return _NOTHING
    columns = room // width(" ", LINE)
    first = "SHA-256 " + fingerprint[: (columns - 8) // 3 * 3]
    rest = fingerprint[len(first) - 8 :]
    second = rest[: columns // 3 * 3 - 1]
    more = ELLIPSIS if len(second) < len(rest) else ""
    return Fit(LINE, (first, second + more) if second else (first,))


def join(page: Join, stamp: str) -> Iterator[Item]:
    """The network's name and password, and where its page is; the device's name where the reason leaves room for it."""
    code = _code(page.code)
    room = INNER if code is None else code.left - MARGIN
    why = _note(page.reason, room, 2 * LINE)
    if code is not None:
        yield code
    top, bar = _bar(page.host, stamp, code, tight=len(why.lines) > 1)
    yield from bar
    yield from why.at(MARGIN, top, bold=True)
    top += why.height
    where = fit(page.address, (room, HEIGHT - top - 5 * LINE), _JOIN_SIZES, ADDRESS_BREAKS)
    each = (HEIGHT - top - LINE - where.height) // 2
    for label, value in (("Join this Wi-Fi", page.ssid), ("password", page.passphrase)):
        yield Text(MARGIN, top, label, LINE)
        yield from fit(value, (room, each - LINE), ((16, 1), (14, 1), (12, 1))).at(MARGIN, top + LINE, bold=True)
        top += each
    yield Text(MARGIN, HEIGHT - where.height - LINE, "then open http://", LINE)
    yield from where.at(MARGIN, HEIGHT - where.height, bold=True)


def _code(text: str) -> Modules | None:
    """The code at the right edge, below a bar if it is small; None when it does not fit at a size that a telephone reads."""
    for version in _VERSIONS:
        modules = qr.rows(text, version)
        if modules is not None:
            side = (len(modules) + 2 * _QUIET) * _SCALE
            spare = HEIGHT - side
            bar = BAR + 2 if spare >= BAR + 2 else 0
            return Modules(WIDTH - side, bar + (spare - bar) // 2, modules, _SCALE)
    return None
