"""What stands on the target's desk: keyboard, media and power keys, pointer and mouse. Input events in, reports out.

The pointer and the mouse are two devices; the last one moved is the one whose buttons and wheel are used, and moving the other
lets go of its buttons first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.hid import mouse
from app.hid.backlog import Join
from app.hid.keyboard import Keyboard
from app.hid.media import Consumer, System
from app.hid.mouse import BUTTONS, Mouse, Pointer, UnknownButton, axis
from app.hid.output import Output
from app.hid.usages import CONSUMER, MODIFIERS, SYSTEM, UnknownKey, known

Keys = Keyboard | Consumer | System


class Pasting(Exception):
    """A text is being typed: keys in between would spoil it."""

    def __init__(self) -> None:
        super().__init__("a text is being pasted; wait for its end, or stop it")


@dataclass(frozen=True, slots=True)
class Held:
    """Keys by `KeyboardEvent.code` and buttons by name. Raises UnknownKey, UnknownButton."""

    keys: tuple[str, ...] = ()
    buttons: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for code in self.keys:
            if not known(code):
                raise UnknownKey(code)
        for name in self.buttons:
            if name not in BUTTONS:
                raise UnknownButton(name)


class Desk:
    """What one operator does. The outputs are attached once, after construction, because they ask the desk what "released" is.

    Args:
        clock: seconds, monotonic.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self.keyboard = Keyboard()
        self.consumer = Consumer()
        self.system = System()
        self.pointer = Pointer()
        self.mouse = Mouse()
        self.pasting = False
        """While set, keys are not the operator's to press."""
        self._down: dict[str, Keys] = {}
        """The keys that are down, in the order in which they went down, and what each is a key of."""
        self._outputs: dict[Keys | Pointer | Mouse, Output] = {}
        self._relative = False
        self._used: Keys | Pointer | Mouse = self.keyboard
        """What reported last."""
        self._clock = clock
        self._touched = clock()

    def attach(self, keyboard: Output, pointer: Output, mouse: Output, consumer: Output, system: Output) -> None:
        """Where the reports go."""
        self._outputs = {
            self.keyboard: keyboard,
            self.pointer: pointer,
            self.mouse: mouse,
            self.consumer: consumer,
            self.system: system,
        }

    def renew(self) -> None:
        """The target may not know what it was told any more: every device lets go of what it holds, and says where it is."""
        for output in self._outputs.values():
            output.renew()

    @property
    def held(self) -> Held:
        """What the target was told is down."""
        return Held(tuple(self._down), self._pointing.held)

    @property
    def trouble(self) -> str:
        """Why the target takes nothing from the device that was used last, in words; empty while nothing else is known than that it does."""
        return self._outputs[self._used].trouble

    @property
    def idle(self) -> float:
        """Seconds since somebody did something."""
        return self._clock() - self._touched

    def key(self, code: str, pressed: bool, age: float = 0.0) -> None:
        """Press or release a key by its `KeyboardEvent.code`, `age` seconds ago. Raises UnknownKey, Pasting."""
        if pressed and self.pasting:
            raise Pasting
        keys = self._keys(code)
        if self._edge(keys, code, pressed):
            self._send(keys, keys.report(), age)

    def button(self, name: str, pressed: bool, age: float = 0.0) -> None:
        """Press or release a button, `age` seconds ago. Raises UnknownButton."""
        self._touched = self._clock()
        self._send(self._pointing, self._pointing.button(name, pressed), age)

    def hold(self, held: Held, age: float = 0.0) -> None:
        """Make the target hold exactly this, as of `age` seconds ago. Raises Pasting.

        The rest goes up first, then modifiers go down, then keys and buttons.
        """
        self.keep(held)
        before = self.held
        new = [code for code in held.keys if code not in self._down]
        for code in sorted(new, key=lambda code: code not in MODIFIERS):
            self.key(code, True, age)
            if code not in self._down:
                return  # discarded: what follows would be typed without it
        for name in held.buttons:
            if name not in before.buttons:
                self.button(name, True, age)

    def keep(self, held: Held) -> None:
        """Let go of all but this; what is not down stays up."""
        before = self.held
        # In one report: of more than six keys the target knows none, and would take the last six for pressed.
        up = [code for code in before.keys if code not in held.keys]
        lifted = dict.fromkeys(self._down[code] for code in up)
        for code in up:
            self._edge(self._down[code], code, False)
        for keys in lifted:
            self._send(keys, keys.report())
        for name in before.buttons:
            if name not in held.buttons:
                self.button(name, False)

    def move(self, x: int, y: int) -> None:
        """Put the pointer at a place, each axis -32768 to 32767."""
        self._use(relative=False)
        self._send(self.pointer, self.pointer.move(axis(x), axis(y)), join=mouse.newest)

    def shift(self, dx: int, dy: int) -> None:
        """Move the relative mouse, each -127 to 127."""
        self._use(relative=True)
        self._send(self.mouse, self.mouse.move(dx, dy), join=mouse.total)

    def wheel(self, dx: int, dy: int) -> None:
        """Turn the wheel, each -127 to 127, positive `dy` scrolls up."""
        self._touched = self._clock()
        self._send(self._pointing, self._pointing.wheel(dx, dy))

    def jiggle(self) -> None:
        """Move the mouse to and fro by the least there is, unless something is held."""
        if self.held == Held() and not self.pasting:
            for step in (1, -1):
                self._send(self.mouse, self.mouse.move(step, 0), join=mouse.total)

    def release(self) -> bool:
        """Let go of everything that is held; whether anything was. Says nothing to devices that hold nothing."""
        held = self.held
        for keys in dict.fromkeys(self._down.values()):
            self._send(keys, self.dropped(keys))
        if held.buttons:
            self._send(self._pointing, self._pointing.release())
        return held != Held()

    def reset(self) -> None:
        """Somebody wants nothing held, and nothing to move by itself for a while."""
        self._touched = self._clock()
        self.release()

    def dropped(self, keys: Keys) -> bytes:
        """Reports of these keys were lost on their way, so none counts as down; the report that says so."""
        self._down = {code: held for code, held in self._down.items() if held is not keys}
        keys.release()
        return keys.report()

    def _keys(self, code: str) -> Keys:
        if code in CONSUMER:
            return self.consumer
        return self.system if code in SYSTEM else self.keyboard

    def _edge(self, keys: Keys, code: str, pressed: bool) -> bool:
        """Change a key without telling the target; whether there is anything to tell."""
        self._touched = self._clock()
        report = keys.key(code, pressed)
        if pressed:
            self._down.setdefault(code, keys)
        else:
            self._down.pop(code, None)
        return report is not None

    @property
    def _pointing(self) -> Pointer | Mouse:
        return self.mouse if self._relative else self.pointer

    def _send(self, device: Keys | Pointer | Mouse, report: bytes, age: float = 0.0, join: Join | None = None) -> None:
        self._used = device
        self._outputs[device].send(report, join, age=age)

    def _use(self, *, relative: bool) -> None:
        self._touched = self._clock()
        if relative != self._relative:
            if self._pointing.held:
                self._send(self._pointing, self._pointing.release())
            self._relative = relative
