"""What an independent parser makes of the descriptors, and that the reports of `app.hid` mean there what they should."""

from __future__ import annotations

import pytest
from hidtools.hid import HidField, HidReport, ReportDescriptor

from app.gadget import descriptors
from app.hid.keyboard import Keyboard
from app.hid.media import Consumer, System
from app.hid.mouse import Mouse, Pointer
from app.hid.usages import CONSUMER, KEYS, MODIFIERS, SYSTEM

NO_ID = -1
"""The parser's number of a report without an ID."""

APPLICATIONS = [
    (descriptors.KEYBOARD, {NO_ID: "Keyboard"}, descriptors.KEYBOARD_LENGTH),
    (descriptors.POINTER, {NO_ID: "Mouse"}, descriptors.POINTER_LENGTH),
    (descriptors.MOUSE, {NO_ID: "Mouse"}, descriptors.MOUSE_LENGTH),
    (descriptors.MEDIA, {1: "Consumer Control", 2: "System Control"}, descriptors.MEDIA_LENGTH),
]


def _report(descriptor: bytes, identifier: int = NO_ID) -> HidReport:
    return ReportDescriptor.from_bytes(descriptor).input_reports[identifier]


def _pressed(report: HidReport, content: bytes) -> set[int]:
    """The usages, page in the upper 16 bits, that a report says are down."""
    fields = [field for field in report if not field.is_const]
    down: set[int] = set()
    for field in fields:
        for value in field.get_values(content):
            if field.is_array:
                down |= {field.usages[value - field.logical_min]} if value else set()
            elif value:
                down.add(field.usage)
    return down


def _values(report: HidReport, content: bytes) -> dict[str, int]:
    """What a report without arrays says, by usage."""

    def of(field: HidField) -> int:
        (value,) = field.get_values(content)
        return int(value)

    return {field.usage_name: of(field) for field in report}


@pytest.mark.parametrize(("descriptor", "applications", "length"), APPLICATIONS)
def test_reports_have_the_length_that_is_declared(descriptor: bytes, applications: dict[int, str], length: int) -> None:
    reports = ReportDescriptor.from_bytes(descriptor).input_reports
    assert {identifier: report.application_name for identifier, report in reports.items()} == applications
    assert max(report.size for report in reports.values()) == length
    assert all(report.bitsize % 8 == 0 for report in reports.values())


@pytest.mark.parametrize(("code", "usage"), [*KEYS.items()])
def test_every_key_is_within_the_keyboards_array(code: str, usage: int) -> None:
    keyboard = Keyboard()
    keyboard.key(code, True)
    assert _pressed(_report(descriptors.KEYBOARD), keyboard.report()) == {0x07 << 16 | usage}


def test_every_modifier_has_its_bit() -> None:
    report = _report(descriptors.KEYBOARD)
    for place, code in enumerate(MODIFIERS):
        keyboard = Keyboard()
        keyboard.key(code, True)
        assert _pressed(report, keyboard.report()) == {0x07 << 16 | 0xE0 + place}


def test_the_keyboards_leds_are_one_byte_of_five() -> None:
    (report,) = ReportDescriptor.from_bytes(descriptors.KEYBOARD).output_reports.values()
    assert report.size == 1
    names = [field.usage_name for field in report if not field.is_const]
    assert names == ["Num Lock", "Caps Lock", "Scroll Lock", "Compose", "Kana"]


def test_the_pointer_says_where_it_is() -> None:
    report = _report(descriptors.POINTER)
    pointer = Pointer()
    pointer.move(1, 32766)
    pointer.button("right", True)
    said = _values(report, pointer.wheel(-3, 4))
    assert said == {f"B{n}": int(n == 2) for n in range(1, 9)} | {"X": 1, "Y": 32766, "Wheel": 4, "AC Pan": -3}
    limits = {field.usage_name: (field.logical_min, field.logical_max) for field in report}
    assert (limits["X"], limits["Y"]) == ((0, 32767), (0, 32767))


def test_the_mouse_says_how_far() -> None:
    report = _report(descriptors.MOUSE)
    mouse = Mouse()
    mouse.button("left", True)
    buttons = {f"B{n}": int(n == 1) for n in range(1, 9)}
    assert _values(report, mouse.move(-127, 127)) == buttons | {"X": -127, "Y": 127, "Wheel": 0, "AC Pan": 0}
    assert _values(report, mouse.wheel(1, -1)) == buttons | {"X": 0, "Y": 0, "Wheel": -1, "AC Pan": 1}


@pytest.mark.parametrize("descriptor", [descriptors.POINTER, descriptors.MOUSE])
def test_what_points_is_a_pointer_in_a_physical_collection(descriptor: bytes) -> None:
    """Apple's recovery ignores a mouse that is not."""
    report = _report(descriptor)
    assert {field.physical_name for field in report} == {"Pointer"}


def test_media_keys_are_read_back_from_their_reports() -> None:
    consumer, system = Consumer(), System()
    for code, usage in CONSUMER.items():
        report = consumer.key(code, True)
        assert report is not None
        assert _pressed(_report(descriptors.MEDIA, 1), report) == {0x0C << 16 | usage}
        consumer.key(code, False)
    for code, usage in SYSTEM.items():
        report = system.key(code, True)
        assert report is not None
        assert _pressed(_report(descriptors.MEDIA, 2), report) == {0x01 << 16 | usage}
        system.key(code, False)
