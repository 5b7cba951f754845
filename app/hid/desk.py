"""The keyboard, pointer and mouse on the target's desk: input events in, reports out.

The pointer and the mouse are two devices; the last one moved is the one whose buttons and wheel are used, and moving the other
lets go of its buttons first.
"""

from __future__ import annotations

from app.hid.keyboard import Keyboard
from app.hid.mouse import Mouse, Pointer, axis
from app.hid.output import Output


class Desk:
    """What one operator does. The outputs are attached once, after construction, because they ask the desk what "released" is."""

    def __init__(self) -> None:
        self.keyboard = Keyboard()
        self.pointer = Pointer()
        self.mouse = Mouse()
        self._keys: Output
        self._points: Output
        self._moves: Output
        self._relative = False

    def attach(self, keyboard: Output, pointer: Output, mouse: Output) -> None:
        """Where the reports go."""
        self._keys, self._points, self._moves = keyboard, pointer, mouse

    def key(self, code: str, pressed: bool) -> None:
        """Press or release a key by its `KeyboardEvent.code`. Raises UnknownKey."""
        report = self.keyboard.key(code, pressed)
        if report is not None:
            self._keys.send(report)

    def move(self, x: int, y: int) -> None:
        """Put the pointer at a place, each axis -32768 to 32767."""
        self._use(relative=False)
        self._points.send(self.pointer.move(axis(x), axis(y)), motion=True)

    def shift(self, dx: int, dy: int) -> None:
        """Move the relative mouse, each -127 to 127."""
        self._use(relative=True)
        self._moves.send(self.mouse.move(dx, dy))

    def button(self, name: str, pressed: bool) -> None:
        """Press or release a button. Raises UnknownButton."""
        if self._relative:
            self._moves.send(self.mouse.button(name, pressed))
        else:
            self._points.send(self.pointer.button(name, pressed))

    def wheel(self, dx: int, dy: int) -> None:
        """Turn the wheel, each -127 to 127, positive `dy` scrolls up."""
        if self._relative:
            self._moves.send(self.mouse.wheel(dx, dy))
        else:
            self._points.send(self.pointer.wheel(dx, dy))

    def release(self) -> None:
        """Let go of everything that is held; says nothing to devices that hold nothing."""
        if any(self.keyboard.report()):
            self.keyboard.release()
            self._keys.send(self.keyboard.report())
        if self.pointer.held:
            self._points.send(self.pointer.release())
        if self.mouse.held:
            self._moves.send(self.mouse.release())

    def _use(self, *, relative: bool) -> None:
        if relative != self._relative:
            self._relative = relative
            if relative and self.pointer.held:
                self._points.send(self.pointer.release())
            if not relative and self.mouse.held:
                self._moves.send(self.mouse.release())
