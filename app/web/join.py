"""The page of the device's own access point: plain HTTP, because browsers that look for such a page take no certificate.

It can do nothing but list and join. It listens on the access point's address while that is open, and nftables.conf leads there what
comes to port 80 on the radio alone.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from tornado.template import Loader
from tornado.web import Application

from app.chance import Chance
from app.net.observed import AccessPoint
from app.net.profiles import AP_ADDRESS, BadNetwork
from app.net.setup import SetUp, Wish
from app.web.discreet import Discreet
from app.web.listener import Admitting, Listener
from app.web.places import MOST_PLAIN, MOST_PLAIN_EACH, Places
from app.web.ui import FOLDER
from app.wifi import shown

PORT: Final = 8080
"""That of nftables.conf: the daemon may not open port 80."""
_ORIGIN: Final = f"http://{AP_ADDRESS}"
_BODY_MAX, _HEADER_MAX = 4 << 10, 8 << 10
_SLOW = 10.0
"""Seconds for a request."""
_GOODBYE = 2.0
"""Seconds for the answer to reach the telephone before its network goes."""
_OBSTACLES: Final = {
    "sae": "WPA3 only, which this radio cannot join",
    "enterprise": "asks for a user name, which is not supported",
    "owe": "encrypted without a password (OWE), which is not supported",
    "wep": "WEP, which is not supported",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One network on the page."""

    ssid: str
    """In hexadecimal: a name may be any bytes."""
    name: str
    strength: int
    open: bool
    obstacle: str
    """Why it cannot be joined, or empty."""


def choices(air: Iterable[AccessPoint]) -> list[Choice]:
    """Every name once, the strongest first, those that can be joined before the others."""
    best: dict[bytes, AccessPoint] = {}
    for point in sorted(air, key=lambda point: (point.security in _OBSTACLES, -point.strength)):
        if point.ssid.strip(b"\0"):
            best.setdefault(point.ssid, point)
    return [
        Choice(ssid.hex(), shown(ssid), point.strength, point.security == "open", _OBSTACLES.get(point.security, ""))
        for ssid, point in best.items()
    ]


class Door:
    """Opens the page, and closes it."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self._page: Join | None = None

    async def show(self, setup: SetUp | None) -> None:
        """There is a page that lists and joins with this, or none. Raises OSError: the access point has not got its address."""
        if setup is not None and self._page is None:
            page = Join(setup, self._chance)
            page.start(AP_ADDRESS, PORT)
            self._page = page
        elif setup is None and self._page is not None:
            page, self._page = self._page, None
            await page.stop()


class Join(Listener):
    """The page's server.

    Args:
        setup: who lists and joins.
        chance: what the page's own form is known by.
    """

    def __init__(self, setup: SetUp, chance: Chance) -> None:
        application = Application(
            [("/", _List), ("/join", _Choose)],
            default_handler_class=_Astray,
            setup=setup,
            chance=chance,
            token=chance.draw(16).hex(),
            loader=Loader(str(FOLDER)),
            log_function=lambda _handler: None,
        )
        http = Admitting(
            application,
            places=Places(MOST_PLAIN, MOST_PLAIN_EACH),
            max_body_size=_BODY_MAX,
            max_header_size=_HEADER_MAX,
            max_buffer_size=1 << 16,
            body_timeout=_SLOW,
            idle_connection_timeout=_SLOW,
        )
        super().__init__(http)


class _Astray(Discreet):
    """Whatever a telephone asks for to see whether there is an Internet: Android's /generate_204, iOS's /hotspot-detect.html,
    Windows's /connecttest.txt. Every other answer than the expected one tells it that there is a page to be shown first.
    """

    def set_default_headers(self) -> None:
        """Nothing is kept, nothing is loaded, nobody else may frame or call it."""
        self.clear_header("Server")
        self.clear_header("Date")  # nobody has told the device what time it is
        self.nonce = self.settings["chance"].draw(16).hex()
        policy = f"default-src 'none'; style-src 'nonce-{self.nonce}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        self.set_header("Content-Security-Policy", policy)
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Referrer-Policy", "same-origin")
        self.set_header("Cache-Control", "no-store")

    def prepare(self) -> None:
        """Under another name, or at another path, there is nothing here but the way to the page."""
        ours = self.request.host in {AP_ADDRESS, f"{AP_ADDRESS}:80"}
        if self.request.method in {"GET", "HEAD"}:
            if not ours or type(self) is _Astray:
                self.redirect(f"{_ORIGIN}/")
        elif not ours or type(self) is _Astray or self.request.headers.get("Origin", _ORIGIN) != _ORIGIN:
            self.send_error(421)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """In one line."""
        self.set_header("Content-Type", "text/plain; charset=UTF-8")
        self.finish(f"{self._reason}\n")

    @property
    def setup(self) -> SetUp:
        """Who lists and joins."""
        setup: SetUp = self.settings["setup"]
        return setup

    def show(self, page: str, **values: Any) -> None:
        """Finish with one of the two pages."""
        template = self.settings["loader"].load(page)
        self.finish(template.generate(nonce=self.nonce, **values))

    def list(self, reason: str) -> None:
        """Finish with the networks, and with what went wrong before."""
        self.show("join.html", reason=reason, token=self.settings["token"], choices=choices(self.setup.air))


class _List(_Astray):
    def get(self) -> None:
        """The networks."""
        self.setup.visited()
        self.list(self.setup.reason or self.setup.known)

    head = get


class _Choose(_Astray):
    def get(self) -> None:
        """Somebody has reloaded the answer."""
        self.redirect("/")

    def post(self) -> None:
        """Of a form: `ssid` in hexadecimal, or empty and `name`, `passphrase`, and the page's own `token`."""
        self.setup.visited()
        if not hmac.compare_digest(self.get_body_argument("token", "").encode(), self.settings["token"].encode()):
            self.set_status(403)
            self.list("This page was an old one: choose again.")
            return
        try:
            wish = self._wish()
        except BadNetwork as error:
            self.set_status(400)
            self.list(str(error))
            return
        self.show("joining.html", name=shown(wish.ssid))
        asyncio.get_running_loop().call_later(_GOODBYE, self.setup.wish, wish)

    def _wish(self) -> Wish:
        listed, name = self.get_body_argument("ssid", ""), self.get_body_argument("name", "", strip=False)
        try:
            ssid = bytes.fromhex(listed) if listed else name.encode()
        except ValueError:
            raise BadNetwork(f"ssid has value {listed!r}, expected hexadecimal digits") from None
        wish = Wish(ssid, self.get_body_argument("passphrase", "", strip=False), hidden=not listed)
        wish.settings()
        return wish
