"""The HTTPS server and its routes."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from typing import Any

from tornado.routing import URLSpec
from tornado.web import Application

from app.web import (
    accounts,
    audit,
    auth,
    certificate,
    display,
    guard,
    hands,
    hid,
    info,
    network,
    own,
    panel,
    streamer,
    ui,
    usb,
)
from app.web.listener import Admitting, Listener
from app.web.places import MOST, MOST_EACH, Places
from app.web.services import Services
from app.web.ws_control import ControlSocket
from app.web.ws_stream import StreamSocket

_MESSAGE_MAX = 64 << 10
_BODY_MAX = 64 << 10
"""Bytes of a request's body, unless its handler lets in more from who may send it; see `hid.Print`."""
_HEADER_MAX = 16 << 10
_BUFFER_MAX = 256 << 10
"""Bytes of one connection that wait to be handled."""
_SLOW = 15.0
"""Seconds a client may take for a request's body, or hold an idle connection's next header."""


def application(services: Services, places: Places) -> Application:
    """The routes. Whatever is not listed is guarded and not found."""
    files: dict[str, Any] = {"path": str(ui.FOLDER)}
    return Application(
        [
            URLSpec("/api/auth/login", auth.Login),
            URLSpec("/api/auth/check", auth.Check),
            URLSpec("/api/auth/logout", auth.Logout),
            URLSpec("/api/auth/claim", auth.Claim),
            URLSpec("/api/auth/link", auth.Visit),
            URLSpec("/api/auth/password", own.Password),
            URLSpec("/api/auth/totp", own.OneTimeCodes),
            URLSpec("/api/auth/sessions", own.SessionList),
            URLSpec("/api/auth/sessions/([0-9a-f]+)", own.OneSession),
            URLSpec("/api/auth/tokens", own.TokenList),
            URLSpec("/api/auth/tokens/([0-9a-f]+)", own.OneToken),
            URLSpec("/api/auth/links", own.LinkList),
            URLSpec("/api/auth/links/([0-9a-f]+)", own.OneLink),
            URLSpec("/api/accounts", accounts.AccountList),
            URLSpec("/api/accounts/([^/]+)", accounts.OneAccount),
            URLSpec("/api/audit", audit.AuditLog),
            URLSpec("/api/tls/authority", certificate.Authority),
            URLSpec("/api/tls/certificate", certificate.Certificate),
            URLSpec("/api/info", info.Info),
            URLSpec("/api/panel", panel.Panel),
            URLSpec(r"/api/panel\.png", panel.Picture),
            URLSpec("/api/hid", hands.State),
            URLSpec("/api/hid/reset", hands.Reset),
            URLSpec("/api/hid/set_params", hands.Parameters),
            URLSpec("/api/hid/inactivity", hands.Inactivity),
            URLSpec("/api/hid/events/send_key", hands.SendKey),
            URLSpec("/api/hid/events/send_shortcut", hands.SendShortcut),
            URLSpec("/api/hid/events/send_mouse_button", hands.SendMouseButton),
            URLSpec("/api/hid/events/send_mouse_move", hands.SendMouseMove),
            URLSpec("/api/hid/events/send_mouse_relative", hands.SendMouseRelative),
            URLSpec("/api/hid/events/send_mouse_wheel", hands.SendMouseWheel),
            URLSpec("/api/hid/shortcuts", hands.ShortcutList),
            URLSpec("/api/hid/shortcuts/([^/]+)", hands.OneShortcut),
            URLSpec("/api/hid/keymaps", hid.Keymaps),
            URLSpec("/api/hid/keymaps/([^/]+)", hid.Keymap),
            URLSpec("/api/hid/print", hid.Print),
            URLSpec("/api/streamer/snapshot", streamer.Snapshot, {"turn": asyncio.Semaphore()}),
            URLSpec("/api/streamer/set_params", streamer.Parameters),
            URLSpec("/api/streamer/edid", display.Edid),
            URLSpec("/api/streamer/replug", display.Replug),
            URLSpec("/api/usb/profile", usb.UsbProfile),
            URLSpec("/api/network", network.State),
            URLSpec("/api/network/scan", network.Scan),
            URLSpec("/api/network/join", network.Joining),
            URLSpec("/api/network/address", network.Address),
            URLSpec("/api/network/name", network.Name),
            URLSpec("/api/network/trial", network.Trying),
            URLSpec("/api/ws", ControlSocket),
            URLSpec("/api/stream", StreamSocket),
            URLSpec("/(favicon.ico)", ui.Page, files),
            URLSpec("/ui/(.*)", ui.Page, files),
            URLSpec("/()", ui.Page, {**files, "default_filename": "index.html"}),
        ],
        default_handler_class=guard.NotFound,
        services=services,
        places=places,
        websocket_max_message_size=_MESSAGE_MAX,
        log_function=lambda _handler: None,
    )


class Server(Listener):
    """The page, the API and the sockets over TLS."""

    def __init__(self, services: Services, tls: Callable[[], ssl.SSLContext]) -> None:
        """`tls` is asked with every connection: another certificate is another context."""
        places = Places(MOST, MOST_EACH)
        http = Admitting(
            application(services, places),
            places=places,
            tls=tls,
            max_body_size=_BODY_MAX,
            max_header_size=_HEADER_MAX,
            max_buffer_size=_BUFFER_MAX,
            body_timeout=_SLOW,
            idle_connection_timeout=_SLOW,
        )
        super().__init__(http)
