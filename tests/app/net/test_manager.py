"""Which network a failure belongs to, and what lasts."""

from __future__ import annotations

import os
from typing import cast

import pytest

from app.net.dbus import Conversation
from app.net.manager import Manager
from tests.app.net.service import RADIO, NetworkManager, profile


async def test_a_failure_is_that_of_the_network_that_was_tried_last() -> None:
    service = NetworkManager("home", "shop")
    manager, failed = Manager(cast(Conversation, service)), list[tuple[str, int]]()
    await manager.listen(lambda: None, lambda path, reason: failed.append((path, reason)))
    service.at(50, "home")
    await manager.observe()
    service.fails(7)
    await manager.activate(profile("shop"), RADIO)
    service.fails(8)
    assert failed == [(profile("home"), 7), (profile("shop"), 8)]


async def test_what_is_kept_is_on_the_card_when_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    service = NetworkManager("home")
    monkeypatch.setattr(os, "sync", lambda: service.told.append(("sync",)))
    await Manager(cast(Conversation, service)).keep(profile("home"))
    assert service.told == [("Save",), ("sync",)]
