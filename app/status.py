"""The whole device as values: what the bus carries and every other view is derived from.

Each part is one topic of the bus. `unknown` is a value: a part that nobody has reported yet says so
instead of claiming a default. Pure, standard library only, so that the panel's process can import it cheaply.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal, Self

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
    """Why a state other than `locked` holds, or a locked signal gives no picture; in words for the user."""


@dataclass(frozen=True, slots=True)
class Encoder:
    """The video encoder; `name` is the implementation in use (`software`, `m2m`), empty while none is."""

    state: EncoderState = "idle"
    name: str = ""
    reason: str = ""
    """Why it does not run; or why it is not the hardware's."""
    missed: int = 0
    """Frames since the start that nobody saw: counted by the input's driver, and not delivered;"""
    starved: int = 0
    """those that found no free buffer;"""
    overtaken: int = 0
    """those that a newer one replaced while the encoder was busy;"""
    spoiled: int = 0
    """those that the encoder took and gave nothing for."""


@dataclass(frozen=True, slots=True)
class Usb:
    """The cable to the target as the USB device controller sees it."""

    state: UsbState = "unknown"
    leds: tuple[str, ...] | None = None
    """Lock LEDs the target has lit (`num`, `caps`, `scroll`, `compose`, `kana`); None until it has said."""
    profile: tuple[str, ...] | None = None
    """What the target is offered beside keyboard and mice: `storage`, `serial`, `network`; None while it is offered nothing."""
    refusal: str = ""
    """Why that is not what was asked for last, in words for the user."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one viewer gets. Times are in milliseconds, None while not known; drops count frames since it joined."""

    number: int
    format: str
    """`h264`, or `jpeg` for a browser that cannot decode it."""
    slide_show: bool = False
    """Its link carries key frames only."""
    stalled: bool = False
    """What was sent is overdue: nothing gets through."""
    fps: float = 0.0
    """Pictures painted per second, by its own account; 0 when it has given none lately."""
    bitrate: int = 0
    """Bits per second acknowledged."""
    median_ms: float | None = None
    """From capture to paint, by its own account; so are the next two."""
    p95_ms: float | None = None
    uncertainty_ms: float | None = None
    histogram: tuple[int, ...] = ()
    """Pictures of the last ten seconds by the same, below 10, 20, 30, 40, 50, 75, 100, 150, 200, 300, 500 and 1000 ms, and above."""
    round_trip_ms: float | None = None
    """The shortest from the start of a frame to its acknowledgement, decoding and painting included."""
    queueing_ms: float | None = None
    """What the last frame took beyond that, or one that is under way takes already."""
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
class Paste:
    """A text that is typed on the target, or was the last to be. Never what it says."""

    client: int | None = None
    """Whose it is while it is being typed; None when it has ended."""
    typed: int = 0
    """Characters."""
    total: int = 0
    reason: str = ""
    """Why it ended early, in words for the user."""


@dataclass(frozen=True, slots=True)
class Jiggling:
    """Whether the mouse is moved now and then, so that the target does not take its user for gone."""

    active: bool = False


@dataclass(frozen=True, slots=True)
class Network:
    """Where the device can be reached. `addresses` are IPv4 before IPv6, without loopback and link-local ones, and the one on the cable last."""

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
class Hotspot:
    """The device's own access point, for its set-up. Shown on the panel alone, like a claim; one without a name ends it."""

    ssid: str
    passphrase: str
    address: str
    """Of the page, as typed into a browser."""
    reason: str = ""
    """Why the network that was chosen there last could not be joined, in words for the user."""
    known: str = ""
    """Why none of the networks that the device knows is joined; empty if it knows none."""


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
    """The target's last frame, small and dithered. Shown on the panel alone, and only if the owner wants it. One without rows ends it."""

    width: int
    height: int
    """Pixels."""
    rows: str
    """In hexadecimal: one bit per pixel, 1 is white, the most significant bit is leftmost, rows padded to whole bytes."""


@dataclass(frozen=True, slots=True)
class Card:
    """What the customisation file on the card came to at this start. It may say what only the owner should know."""

    file: str = ""
    """The file's name; empty where there is none."""
    refusal: str = ""
    """Why it is not applied: key, value and what is accepted, in words; empty where it is."""
    warnings: tuple[str, ...] = ()
    """What in it is not used, and what did not work."""
    ignored: tuple[str, ...] = ()
    """Other files that somebody may expect to work."""


@dataclass(frozen=True, slots=True)
class Health:
    """The daemon itself, and the board it runs on."""

    version: str = ""
    faults: tuple[str, ...] = ()
    """One line per part that is down and being restarted; and why changes are lost, if they are."""
    temperature: float | None = None
    """Of the processor, in degrees Celsius; None where nobody says."""
    slowed: bool | None = None
    """Whether heat slows the processor down now; None where nobody says. Of its supply the board knows nothing."""
    loss: str = ""
    """The one of `faults` that keeps nothing from working: why changes are lost, in words for the owner."""


@dataclass(frozen=True, slots=True)
class Time:
    """The device's clock, which has no battery."""

    synchronised: bool | None = None
    """Whether it was set from the network since the start: no date of before that is to be believed. None until somebody has looked."""


Part = (
    Signal
    | Encoder
    | Usb
    | Viewers
    | Control
    | Paste
    | Jiggling
    | Network
    | Claim
    | Hotspot
    | Trust
    | Panel
    | Thumbnail
    | Health
    | Time
    | Card
)


@dataclass(frozen=True, slots=True)
class Device:
    """Everything at one moment."""

    signal: Signal = field(default_factory=Signal)
    encoder: Encoder = field(default_factory=Encoder)
    usb: Usb = field(default_factory=Usb)
    viewers: Viewers = field(default_factory=Viewers)
    control: Control = field(default_factory=Control)
    paste: Paste = field(default_factory=Paste)
    jiggling: Jiggling = field(default_factory=Jiggling)
    network: Network = field(default_factory=Network)
    health: Health = field(default_factory=Health)
    time: Time = field(default_factory=Time)
    trust: Trust = field(default_factory=Trust)
    panel: Panel = field(default_factory=Panel)
    thumbnail: Thumbnail | None = None
    card: Card | None = None
    claim: Claim | None = None
    hotspot: Hotspot | None = None

    def with_part(self, part: Part) -> Self:
        """The same device with one part replaced."""
        changed: dict[str, Any] = {topic(type(part)): part}
        if isinstance(part, Claim) and not part.code:
            changed = {"claim": None}
        if isinstance(part, Thumbnail) and not part.rows:
            changed = {"thumbnail": None}
        if isinstance(part, Hotspot) and not part.ssid:
            changed = {"hotspot": None}
        return replace(self, **changed)

    def public(self) -> Self:
        """What a logged-in browser may see: everything but the ways in, the panel's small picture, and what is on the card."""
        return replace(self, claim=None, hotspot=None, thumbnail=None, card=None)


TOPICS: dict[type, str] = {
    Signal: "signal", Encoder: "encoder", Usb: "usb", Viewers: "viewers", Control: "control",
    Paste: "paste", Jiggling: "jiggling", Network: "network", Health: "health", Time: "time", Trust: "trust", Panel: "panel", Thumbnail: "thumbnail", Claim: "claim",
    Hotspot: "hotspot", Card: "card",
}  # fmt: skip
"""Kind of part to the name of its field in `Device`."""


def topic(kind: type) -> str:
    """The name of the part's field in `Device`."""
    return TOPICS[kind]


def to_dict(device: Device) -> dict[str, Any]:
    """JSON-ready form: tuples become lists, an absent claim, access point, thumbnail or card is left out."""
    return {name: part for name, part in asdict(device).items() if part is not None}
