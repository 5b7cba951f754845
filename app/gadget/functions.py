"""The USB functions that the appliance can have, and the profiles they make up."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from app.gadget import descriptors
from app.gadget.plan import Function, GadgetError, Identity, Plan, Value, plan

Profile = tuple[str, ...]
"""What there is beside keyboard, mice and media keys: keys of EXTRAS, in their order; empty by default."""


class UnknownProfileError(GadgetError):
    """A profile names something that is not there to be had."""

    def __init__(self, name: str) -> None:
        super().__init__(f"profile has {name!r}, expected {', '.join(EXTRAS)}, or nothing for keyboard and mice alone")


def hid(instance: str, protocol: int, subclass: int, length: int, descriptor: bytes) -> Function:
    """A HID function. `protocol` is 1 for a boot keyboard, 2 for a boot mouse, `subclass` 1 for either, else 0.

    Without an OUT endpoint, so that output reports come by SET_REPORT: with one, the kernel stalls the
    SET_REPORT by which firmware sets the lock LEDs.
    """
    attributes: tuple[tuple[str, Value], ...] = (
        ("protocol", protocol),
        ("subclass", subclass),
        ("no_out_endpoint", 1),
        ("report_length", length),
        ("report_desc", descriptor),
    )
    return Function(f"hid.{instance}", 1, attributes)


# Some firmware only looks at the first keyboard: append, don't insert.
INPUT = (
    hid("keyboard", 1, 1, descriptors.KEYBOARD_LENGTH, descriptors.KEYBOARD),
    hid("pointer", 0, 0, descriptors.POINTER_LENGTH, descriptors.POINTER),
    hid("mouse", 2, 1, descriptors.MOUSE_LENGTH, descriptors.MOUSE),
    hid("media", 0, 0, descriptors.MEDIA_LENGTH, descriptors.MEDIA),
)


def storage(_identity: Identity) -> Function:
    """A drive without a medium. Which one it gets is decided while it runs, and no part of the plan."""
    return Function(
        "mass_storage.storage",
        1,
        (
            ("stall", 0),  # dwc2 halts endpoints badly: see raspberrypi/linux 7452
            ("lun.0/removable", 1),
            ("lun.0/inquiry_string", f"{'inkvm':8}{'Virtual drive':16}0100"),  # vendor 8, product 16, revision 4
        ),
    )


def serial(_identity: Identity) -> Function:
    """A serial line, `/dev/ttyGS0` on the device."""
    return Function("acm.serial", 2)


def network(identity: Identity) -> Function:
    """A network adapter. Its addresses belong to the device, or the host would meet another adapter at every start."""
    attributes: list[tuple[str, Value]] = []
    if identity.serial is not None:
        attributes = [(f"{side}_addr", _address(side, identity.serial)) for side in ("dev", "host")]
    return Function("ncm.network", 2, (*attributes, ("os_desc/interface.ncm/compatible_id", "WINNCM")), windows=True)


EXTRAS: dict[str, Callable[[Identity], Function]] = {"storage": storage, "serial": serial, "network": network}
"""What a profile can add to INPUT; the name is the instance's as well."""


def profile(names: Iterable[str]) -> Profile:
    """The profile with these extras, in any order. Raises UnknownProfileError."""
    wanted = set(names)
    for name in sorted(wanted - EXTRAS.keys()):
        raise UnknownProfileError(name)
    return tuple(name for name in EXTRAS if name in wanted)


def profiles() -> Iterator[Profile]:
    """All of them, those included that do not fit."""
    for size in range(len(EXTRAS) + 1):
        yield from itertools.combinations(EXTRAS, size)


def planned(identity: Identity, wanted: Profile) -> Plan:
    """The gadget of a profile. Raises DoesNotFitError."""
    bits = sum(1 << place for place, name in enumerate(EXTRAS) if name in wanted)
    own = replace(identity, release=identity.release | bits)
    return plan(own, [*INPUT, *(EXTRAS[name](own) for name in wanted)])


def of(names: Iterable[str]) -> Profile:
    """The profile that a gadget with these functions has; what is no extra's is left out."""
    return profile(EXTRAS.keys() & {name.partition(".")[2] for name in names})


def _address(side: str, number: str) -> str:
    """A locally administered MAC address."""
    import hashlib  # it loads OpenSSL, which the keyboard need not wait for

    digest = bytearray(hashlib.blake2b(f"{side} {number}".encode(), person=b"inkvm usb net", digest_size=6).digest())
    digest[0] = digest[0] & 0xFC | 0x02
    return digest.hex(":")
