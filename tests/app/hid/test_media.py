from __future__ import annotations

from typing import Any

import pytest

from app.hid.desk import Desk
from app.hid.media import CONSUMER_RELEASED, SYSTEM_RELEASED, Consumer, System
from app.hid.usages import CONSUMER, KEYS, MODIFIERS, SYSTEM, UnknownKey


class Wire:
    """Stands for an output."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    def send(self, report: bytes, join: object = None, *, age: float = 0.0) -> None:
        self.sent.append(report)


def test_consumer_keys_go_down_and_up() -> None:
    consumer = Consumer()
    assert consumer.key("AudioVolumeUp", True) == bytes([1, 0xE9, 0, 0, 0, 0, 0, 0, 0])
    assert consumer.key("BrowserHome", True) == bytes([1, 0xE9, 0, 0x23, 0x02, 0, 0, 0, 0])
    assert consumer.key("BrowserHome", True) is None
    assert consumer.key("AudioVolumeUp", False) == bytes([1, 0x23, 0x02, 0, 0, 0, 0, 0, 0])
    assert consumer.key("AudioVolumeUp", False) is None
    consumer.release()
    assert consumer.report() == CONSUMER_RELEASED


def test_a_fifth_consumer_key_lets_go_of_the_first_for_good() -> None:
    consumer = Consumer()
    for code in ("MediaPlay", "MediaPause", "MediaRecord", "MediaFastForward"):
        consumer.key(code, True)
    assert consumer.key("MediaRewind", True) == bytes([1, 0xB1, 0, 0xB2, 0, 0xB3, 0, 0xB4, 0])
    assert consumer.key("MediaRewind", False) == bytes([1, 0xB1, 0, 0xB2, 0, 0xB3, 0, 0, 0])
    assert consumer.key("MediaPlay", False) is None


def test_system_keys_are_bits() -> None:
    system = System()
    assert system.key("Power", True) == bytes([2, 1])
    assert system.key("WakeUp", True) == bytes([2, 5])
    assert system.key("Power", True) is None
    assert system.key("Power", False) == bytes([2, 4])
    system.release()
    assert system.report() == SYSTEM_RELEASED
    assert system.key("Sleep", False) is None


@pytest.mark.parametrize("keys", [Consumer(), System()])
def test_an_unknown_key_is_named(keys: Consumer | System) -> None:
    with pytest.raises(UnknownKey, match="key has value 'KeyA'"):
        keys.key("KeyA", True)


def test_no_code_has_two_places() -> None:
    tables: list[dict[str, Any]] = [KEYS, MODIFIERS, CONSUMER, SYSTEM]
    assert len(set().union(*tables)) == sum(map(len, tables))
    assert len(set(CONSUMER.values())) == len(CONSUMER)


def test_each_key_goes_to_its_device_and_all_are_let_go_of() -> None:
    desk = Desk(lambda: 0.0)
    keys, points, moves, consumer, system = (Wire() for _ in range(5))
    desk.attach(keys, points, moves, consumer, system)  # type: ignore[arg-type]
    for code in ("KeyA", "MediaPlayPause", "Sleep"):
        desk.key(code, True)
    desk.release()
    desk.release()
    assert keys.sent == [bytes([0, 0, 4, 0, 0, 0, 0, 0]), bytes(8)]
    assert consumer.sent == [bytes([1, 0xCD, 0, 0, 0, 0, 0, 0, 0]), CONSUMER_RELEASED]
    assert system.sent == [bytes([2, 2]), SYSTEM_RELEASED]
    assert (points.sent, moves.sent) == ([], [])
