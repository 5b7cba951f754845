"""The USB gadget that is wanted, as data: what its ConfigFS folder holds once it is complete.

Source of the attributes: Documentation/ABI/testing/configfs-usb-gadget*.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

GADGET = "inkvm"
"""The folder under `usb_gadget`."""

IN_ENDPOINTS = 7
"""Of the board's controller, beside endpoint 0; found wanting only when binding, and then without a reason."""

HID_FUNCTIONS = 4
"""The kernel's HIDG_MINORS."""

_CONFIG = "configs/c.1"
_ALWAYS, _WAKES = 0x80, 0x20
"""Of bmAttributes (USB 2.0, 9.6.3)."""


class GadgetError(Exception):
    """The gadget cannot be had as planned; the message is for the user."""


class DoesNotFitError(GadgetError):
    """The plan asks for more than the controller or the kernel has."""


Value = int | str | bytes
"""A number, a text, or bytes that are kept as they are."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder to make."""

    path: str


@dataclass(frozen=True, slots=True)
class Attribute:
    """A value to write."""

    path: str
    value: Value


@dataclass(frozen=True, slots=True)
class Link:
    """A symbolic link; the target is a path in the same gadget."""

    path: str
    target: str


Entry = Folder | Attribute | Link


@dataclass(frozen=True, slots=True)
class Function:
    """One USB function: `name` is its folder, `type.instance`. `windows`: its attributes say what driver Windows should take."""

    name: str
    in_endpoints: int
    attributes: tuple[tuple[str, Value], ...] = ()
    windows: bool = False


@dataclass(frozen=True, slots=True)
class Identity:
    """How the device introduces itself; without a serial number the host goes by the port."""

    product: str
    serial: str | None
    manufacturer: str = "inkvm"
    vendor_id: int = 0x1D6B  # The Linux Foundation
    product_id: int = 0x0104  # Multifunction Composite Gadget
    release: int = 0x0100
    """Binary-coded decimal. Another one for every set of functions: Windows keeps what it once learned of a release."""
    wakes: bool = False
    """Whether it says that it can wake the host. The board's controller cannot: its driver has no `wakeup`. A host that saves power
    suspends a keyboard in use only if that says so (Linux: `autosuspend_check` in drivers/usb/core/driver.c), and then nothing
    that is typed would ever wake it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A gadget that fits."""

    entries: tuple[Entry, ...]
    """Everything to make, in an order the kernel takes; the controller is bound afterwards."""
    demand: str
    """The IN endpoints it takes, in words."""


def plan(identity: Identity, functions: Sequence[Function]) -> Plan:
    """The gadget with these functions, which the host sees in this order.

    Raises:
        DoesNotFitError: too many endpoints or HID functions; the message has the sum.
    """
    wanted = sum(function.in_endpoints for function in functions)
    terms = " + ".join(f"{function.name} {function.in_endpoints}" for function in functions)
    words = f"{terms} = {wanted} IN endpoints"
    if wanted > IN_ENDPOINTS:
        raise DoesNotFitError(f"{words}, the USB controller has {IN_ENDPOINTS}")
    names = [function.name for function in functions if function.name.startswith("hid.")]
    if len(names) > HID_FUNCTIONS:
        raise DoesNotFitError(f"{', '.join(names)}: {len(names)} HID functions, the kernel has {HID_FUNCTIONS}")
    return Plan(tuple(_entries(identity, functions)), words)


def _entries(identity: Identity, functions: Sequence[Function]) -> Iterator[Entry]:
    yield Folder("")
    yield Attribute("idVendor", identity.vendor_id)
    yield Attribute("idProduct", identity.product_id)
    yield Attribute("bcdUSB", 0x0200)
    yield Attribute("bcdDevice", identity.release)
    yield Folder("strings/0x409")
    yield Attribute("strings/0x409/manufacturer", identity.manufacturer)
    yield Attribute("strings/0x409/product", identity.product)
    if identity.serial is not None:
        yield Attribute("strings/0x409/serialnumber", identity.serial)
    for function in functions:
        yield Folder(f"functions/{function.name}")
        for name, value in function.attributes:
            yield Attribute(f"functions/{function.name}/{name}", value)
    yield Folder(_CONFIG)
    yield Attribute(f"{_CONFIG}/MaxPower", 250)  # mA
    yield Attribute(f"{_CONFIG}/bmAttributes", _ALWAYS | _WAKES * identity.wakes)  # bus powered
    yield Folder(f"{_CONFIG}/strings/0x409")
    yield Attribute(f"{_CONFIG}/strings/0x409/configuration", identity.product)
    for function in functions:
        yield Link(f"{_CONFIG}/{function.name}", f"functions/{function.name}")
    yield from _windows(any(function.windows for function in functions))


def _windows(wanted: bool) -> Iterator[Entry]:
    """Microsoft's OS descriptors 1.0, by which Windows finds drivers that it would otherwise want a file for."""
    yield Attribute("os_desc/use", int(wanted))
    yield Attribute("os_desc/b_vendor_code", 0xCD)  # any number that no other vendor request has
    yield Attribute("os_desc/qw_sign", "MSFT100")
    if wanted:
        yield Link("os_desc/c.1", _CONFIG)
