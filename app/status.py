"""The whole device as values: what the bus carries and every other view is derived from.

Each part is one topic of the bus. `unknown` is a value: a part that nobody has reported yet says so
instead of claiming a default. Pure, standard library only, so that the panel's process can import it cheaply.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Literal, Self, get_args

SignalState = Literal["unknown", "no_power", "no_signal", "no_lock", "unsupported", "locked"]
EncoderState = Literal["idle", "running", "stalled", "failed"]
# The kernel's own words (usb_state_string in drivers/usb/common/common.c), and ours for "nobody looked yet" and "no UDC".
UsbState = Literal[
    "unknown", "absent", "not attached", "attached", "powered", "reconnecting", "unauthenticated",
    "default", "addressed", "configured", "suspended",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Signal:
    """What arrives on the HDMI input. Sizes are in pixels, 0 unless `locked` or `unsupported`."""

    state: SignalState = "unknown"
    width: int = 0
    height: int = 0
    fps: float = 0.0
    reason: str = ""
    """Why a state other than `locked` holds, in words for the user."""


@dataclass(frozen=True, slots=True)
class Encoder:
    """The video encoder; `name` is the implementation in use (`software`, `m2m`), empty while none is."""

    state: EncoderState = "idle"
    name: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Usb:
    """The cable to the target as the USB device controller sees it."""

    state: UsbState = "unknown"
    leds: tuple[str, ...] | None = None
    """Lock LEDs the target has lit (`num`, `caps`, `scroll`, `compose`, `kana`); None until it has said."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one viewer gets. Times are in milliseconds, None while not known; drops count frames since it joined."""

    number: int
    format: str
    """`h264`, or `jpeg` for a browser that cannot decode it."""
    slide_show: bool = False
    """Its link carries key frames only."""
    fps: float = 0.0
    """Pictures painted per second, by its own account."""
    bitrate: int = 0
    """Bits per second acknowledged."""
    median_ms: float | None = None
    """From capture to paint, by its own account; so are the next two."""
    p95_ms: float | None = None
    uncertainty_ms: float | None = None
    round_trip_ms: float | None = None
    """The shortest from the start of a frame to its acknowledgement, decoding and painting included."""
    queueing_ms: float | None = None
    """What the last frame took beyond that."""
    late: int = 0
    """Too old to start."""
    full: int = 0
    """The queue overflowed."""
    waiting: int = 0
    """Not decodable before the next key frame."""
    skipped: int = 0
    """Left out of a slide show."""
    decoder: int = 0
    """Lost in the browser."""


@dataclass(frozen=True, slots=True)
class Viewers:
    """Browsers that are being sent video, and what the encoder does for all of them."""

    count: int = 0
    bitrate: int = 0
    """Bits per second the encoder aims at, 0 while not known."""
    divisor: int = 1
    """One of so many of the source's frames is encoded."""
    fixed: int | None = None
    """Bits per second that somebody chose; None while it follows the links."""
    each: tuple[Delivery, ...] = ()


@dataclass(frozen=True, slots=True)
class Control:
    """Who types. `holder` is the account's name and `client` that connection's number; both None when nobody does."""

    holder: str | None = None
    client: int | None = None


@dataclass(frozen=True, slots=True)
class Network:
    """Where the device can be reached. `addresses` are IPv4 before IPv6, without loopback and link-local ones."""

    hostname: str = ""
    addresses: tuple[str, ...] | None = None
    """None until somebody has looked; empty when there is no address."""
    port: int = 443
    name: str = ""
    """As published by mDNS, `.local` included; empty while it is not."""
    wifi: str = ""
    """The network's name (SSID); empty when there is none, or nobody has looked."""
    strength: int | None = None
    """Of the Wi-Fi signal, in percent; None while not known."""
    reason: str = ""
    """Why there is no network, in words for the user."""


@dataclass(frozen=True, slots=True)
class Claim:
    """How the owner gets in. Shown on the panel alone: never sent to a browser, never logged. One without a code ends it."""

    url: str
    code: str


@dataclass(frozen=True, slots=True)
class Trust:
    """What a browser should see of the device's certificate."""

    fingerprint: str = ""
    """SHA-256 as browsers print it; empty until it is known."""


@dataclass(frozen=True, slots=True)
class Panel:
    """What the e-paper panel was asked to show instead of its page: `fingerprint`, or nothing."""

    show: str = ""


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """The target's last frame, small and dithered. Shown on the panel alone, and only if the owner wants it."""

    width: int
    height: int
    """Pixels."""
    rows: str
    """In hexadecimal: one bit per pixel, 1 is white, the most significant bit is leftmost, rows padded to whole bytes."""


@dataclass(frozen=True, slots=True)
class Health:
    """The daemon itself, and the board it runs on."""

    version: str = ""
    faults: tuple[str, ...] = ()
    """One line per part that is down and being restarted."""
    temperature: float | None = None
    """Of the processor, in degrees Celsius; None where nobody says."""
    slowed: bool | None = None
    """Whether heat slows the processor down now; None where nobody says. Of its supply the board knows nothing."""


Part = Signal | Encoder | Usb | Viewers | Control | Network | Claim | Trust | Panel | Thumbnail | Health


@dataclass(frozen=True, slots=True)
class Device:
    """Everything at one moment."""

    signal: Signal = field(default_factory=Signal)
    encoder: Encoder = field(default_factory=Encoder)
    usb: Usb = field(default_factory=Usb)
    viewers: Viewers = field(default_factory=Viewers)
    control: Control = field(default_factory=Control)
    network: Network = field(default_factory=Network)
    health: Health = field(default_factory=Health)
    trust: Trust = field(default_factory=Trust)
    panel: Panel = field(default_factory=Panel)
    thumbnail: Thumbnail | None = None
    claim: Claim | None = None

    def with_part(self, part: Part) -> Self:
        """The same device with one part replaced."""
        changed: dict[str, Any] = {topic(type(part)): part}
        if isinstance(part, Claim) and not part.code:
            changed = {"claim": None}
        return replace(self, **changed)

    def public(self) -> Self:
        """What a logged-in browser may see: everything but the claim and the panel's small picture."""
        return replace(self, claim=None, thumbnail=None)


_TOPICS: dict[type, str] = {
    Signal: "signal", Encoder: "encoder", Usb: "usb", Viewers: "viewers", Control: "control",
    Network: "network", Health: "health", Trust: "trust", Panel: "panel", Thumbnail: "thumbnail", Claim: "claim",
}  # fmt: skip


def topic(kind: type) -> str:
    """The name of the part's field in `Device`."""
    return _TOPICS[kind]


def to_dict(device: Device) -> dict[str, Any]:
    """JSON-ready form: tuples become lists, an absent claim or thumbnail is left out."""
    return {name: part for name, part in asdict(device).items() if part is not None}


def to_json(device: Device) -> bytes:
    """One line, without its newline: a message of the status socket."""
    return json.dumps(to_dict(device), separators=(",", ":"), ensure_ascii=False).encode()


def from_json(line: bytes) -> Device:
    """Read one line of the status socket. Unknown keys are skipped, so that a newer daemon can talk to an older panel.

    Raises:
        ValueError: the line is not a JSON object, or a known key has a value of the wrong type.
    """
    try:
        raw = json.loads(line)
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ValueError(f"status line is not JSON: {error}") from error
    if not isinstance(raw, dict):
        raise ValueError(f"status line is {type(raw).__name__}, expected an object")
    parts: dict[str, Any] = {}
    for kind, name in _TOPICS.items():
        if raw.get(name) is not None:
            parts[name] = _part(kind, name, raw[name])
    return Device(**parts)


def _part(kind: type, name: str, raw: object) -> Any:
    if not isinstance(raw, dict):
        raise ValueError(f"status key {name!r} has value {raw!r}, expected an object")
    known = {f.name: f.type for f in fields(kind)}
    values = {key: _value(f"{name}.{key}", str(known[key]), value) for key, value in raw.items() if key in known}
    try:
        return kind(**values)
    except TypeError as error:
        raise ValueError(f"status key {name!r} is incomplete: {error}") from error


_STATES = {"SignalState": get_args(SignalState), "EncoderState": get_args(EncoderState), "UsbState": get_args(UsbState)}
_SCALARS: dict[str, tuple[type, ...]] = {
    "int": (int,), "float": (float, int), "str": (str,), "bool": (bool,),
    "str | None": (str, type(None)), "int | None": (int, type(None)), "float | None": (float, int, type(None)),
    "bool | None": (bool, type(None)),
}  # fmt: skip


def _value(name: str, annotation: str, value: object) -> object:
    """One field's value, checked against its annotation as written above."""
    if annotation in _STATES:
        if value not in _STATES[annotation]:
            raise ValueError(
                f"status key {name!r} has value {value!r}, expected one of {', '.join(_STATES[annotation])}"
            )
        return value
    if annotation.startswith("tuple[str, ...]"):
        if value is None and annotation.endswith("None"):
            return None
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise ValueError(f"status key {name!r} has value {value!r}, expected a list of strings")
        return tuple(value)
    if annotation == "tuple[Delivery, ...]":
        if not isinstance(value, list):
            raise ValueError(f"status key {name!r} has value {value!r}, expected a list")
        return tuple(_part(Delivery, f"{name}.{index}", item) for index, item in enumerate(value))
    if not isinstance(value, _SCALARS[annotation]) or (isinstance(value, bool) and "bool" not in annotation):
        raise ValueError(f"status key {name!r} has value {value!r}, expected {annotation}")
    return value
