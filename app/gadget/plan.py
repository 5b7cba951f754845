"""The USB gadget that is wanted, as data: what its ConfigFS folder holds once it is complete.

Source of the attributes: Documentation/ABI/testing/configfs-usb-gadget*.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.gadget import descriptors

GADGET = "inkvm"
"""The folder under `usb_gadget`."""

IN_ENDPOINTS = 7
"""Of the board's controller, beside endpoint 0; found wanting only when binding, and then without a reason."""

HID_FUNCTIONS = 4
"""The kernel's HIDG_MINORS."""


class GadgetError(Exception):
    """The gadget cannot be had as planned; the message is for the user."""


class DoesNotFitError(GadgetError):
    """The plan asks for more than the controller or the kernel has."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder to make."""

    path: str


@dataclass(frozen=True, slots=True)
class Attribute:
    """A value to write: a number, a text, or bytes that are kept as they are."""

    path: str
    value: int | str | bytes


@dataclass(frozen=True, slots=True)
class Link:
    """A symbolic link; the target is a path in the same gadget."""

    path: str
    target: str


Entry = Folder | Attribute | Link


@dataclass(frozen=True, slots=True)
class Function:
    """One USB function: `name` is its folder, `type.instance`."""

    name: str
    in_endpoints: int
    attributes: tuple[tuple[str, int | str | bytes], ...]


@dataclass(frozen=True, slots=True)
class Identity:
    """How the device introduces itself; without a serial number the host goes by the port."""

    product: str
    serial: str | None
    manufacturer: str = "inkvm"
    vendor_id: int = 0x1D6B  # The Linux Foundation
    product_id: int = 0x0104  # Multifunction Composite Gadget


def hid(instance: str, protocol: int, subclass: int, length: int, descriptor: bytes) -> Function:
    """A HID function. `protocol` is 1 for a boot keyboard, 2 for a boot mouse, `subclass` 1 for either, else 0.

    Without an OUT endpoint, so that output reports come by SET_REPORT: with one, the kernel stalls the
    SET_REPORT by which firmware sets the lock LEDs.
    """
    attributes: tuple[tuple[str, int | str | bytes], ...] = (
        ("protocol", protocol),
        ("subclass", subclass),
        ("no_out_endpoint", 1),
        ("report_length", length),
        ("report_desc", descriptor),
    )
    return Function(f"hid.{instance}", 1, attributes)


# The kernel numbers HID nodes in this order, and some firmware only looks at the first keyboard: append, don't insert.
INPUT = (
    hid("keyboard", 1, 1, descriptors.KEYBOARD_LENGTH, descriptors.KEYBOARD),
    hid("pointer", 0, 0, descriptors.POINTER_LENGTH, descriptors.POINTER),
    hid("mouse", 2, 1, descriptors.MOUSE_LENGTH, descriptors.MOUSE),
)


def plan(identity: Identity, functions: Sequence[Function]) -> tuple[Entry, ...]:
    """Everything to make, in an order the kernel takes; the controller is bound afterwards.

    Raises:
        DoesNotFitError: too many endpoints or HID functions; the message has the sum.
    """
    _check(functions)
    return tuple(_entries(identity, functions))


def _check(functions: Sequence[Function]) -> None:
    wanted = sum(function.in_endpoints for function in functions)
    if wanted > IN_ENDPOINTS:
        terms = " + ".join(f"{function.name} {function.in_endpoints}" for function in functions)
        raise DoesNotFitError(f"{terms} = {wanted} IN endpoints, the USB controller has {IN_ENDPOINTS}")
    names = [function.name for function in functions if function.name.startswith("hid.")]
    if len(names) > HID_FUNCTIONS:
        raise DoesNotFitError(f"{', '.join(names)}: {len(names)} HID functions, the kernel has {HID_FUNCTIONS}")


def _entries(identity: Identity, functions: Sequence[Function]) -> Iterator[Entry]:
    yield Attribute("idVendor", identity.vendor_id)
    yield Attribute("idProduct", identity.product_id)
    yield Attribute("bcdUSB", 0x0200)
    yield Attribute("bcdDevice", 0x0100)
    yield Folder("strings/0x409")
    yield Attribute("strings/0x409/manufacturer", identity.manufacturer)
    yield Attribute("strings/0x409/product", identity.product)
    if identity.serial is not None:
        yield Attribute("strings/0x409/serialnumber", identity.serial)
    for function in functions:
        yield Folder(f"functions/{function.name}")
        for name, value in function.attributes:
            yield Attribute(f"functions/{function.name}/{name}", value)
    yield Folder("configs/c.1")
    yield Attribute("configs/c.1/MaxPower", 250)  # mA
    yield Attribute("configs/c.1/bmAttributes", 0xA0)  # bus powered, can wake the host
    yield Folder("configs/c.1/strings/0x409")
    yield Attribute("configs/c.1/strings/0x409/configuration", identity.product)
    for function in functions:
        yield Link(f"configs/c.1/{function.name}", f"functions/{function.name}")
