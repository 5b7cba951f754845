"""Clients, leases, hosts and time in any order: nothing stays down that nobody holds.

100 000 steps in the soak. What the lease promises is told again here from the clients' side: who may hold, until when, and what.
"""

from __future__ import annotations

import errno
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from app.hid import mouse
from app.hid.desk import Desk, Held
from app.hid.lease import Lease, NotAsked, Refused
from app.hid.operator import Operator
from app.hid.output import Output
from app.hid.usages import CONSUMER, KEYS, MODIFIERS, SYSTEM
from app.status import Control
from tests.app.hid.bench import KernelPort, Loop

STEPS = 50
"""In each of 100 runs, and of 2 000 in the soak."""

CODES = [
    "ShiftLeft",
    "AltRight",
    "KeyA",
    "KeyB",
    "Enter",
    "F1",
    "Digit1",
    "Tab",
    "Space",
    "KeyZ",
    "AudioVolumeUp",
    "Sleep",
]
BITS = {**MODIFIERS, **{code: 1 << usage - SYSTEM["Power"] + 8 for code, usage in SYSTEM.items()}}
USAGES = {**KEYS, **CONSUMER}
"""The first bytes of their reports go by bits, and the others by bytes that are usages."""
BUTTONS = ["left", "right"]
ROLLED_OVER = {1}
"""More keys than six: the target knows none of them."""

codes = (st.lists(st.sampled_from(CODES), unique=True) | st.permutations(CODES)).map(tuple)
buttons = st.lists(st.sampled_from(BUTTONS), unique=True).map(tuple)


@dataclass
class Client:
    """One, as it sees itself."""

    operator: Operator
    page: bool
    sign: float
    """When it last gave a sign of life: a hold or a keep that was not late, or a pong."""
    claims: Held = field(default_factory=Held)
    """What it said last that it holds."""


class Hands(RuleBasedStateMachine):
    """Up to three clients on one desk."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = Loop()
        loop: Any = self.loop
        self.ports = [KernelPort(self.loop, number) for number in range(7, 12)]
        self.desk = Desk(self.loop.time)
        self.holder = Control()
        self.lease = Lease(self.desk.release, self.pass_on, self.lapse, loop)
        desk = self.desk
        functions = (
            (desk.keyboard.report, lambda: desk.dropped(desk.keyboard)),
            (desk.pointer.report, desk.pointer.release),
            (desk.mouse.report, desk.mouse.release),
            (desk.consumer.report, lambda: desk.dropped(desk.consumer)),
            (desk.system.report, lambda: desk.dropped(desk.system)),
        )
        outputs = [
            Output(port, loop, state, released, lost=lambda _count, _why: None)
            for port, (state, released) in zip(self.ports, functions, strict=True)
        ]
        self.desk.attach(*outputs)
        self.desk.renew()
        self.clients: dict[int, Client] = {}
        self.joined = 0
        self.woken = 0.0

    def pass_on(self, holder: Control) -> None:
        self.holder = holder

    def lapse(self, client: int) -> None:
        assert client == self.holder.client

    @property
    def down(self) -> tuple[int, set[int], int]:
        """What the host has down: modifiers, usages, buttons of both mice."""
        keys, pointer, mouse, consumer, system = (port.host[-1] if port.host else bytes(9) for port in self.ports)
        return keys[0] | system[1] << 8, {*keys[2:], *consumer[1:]} - {0}, pointer[0] | mouse[0]

    def client(self, choice: int, kinds: tuple[bool, ...] = (True, False)) -> Client:
        """One of them all, of the pages alone, or of the others."""
        fitting = [client for _number, client in sorted(self.clients.items()) if client.page in kinds]
        return fitting[choice % len(fitting)]

    @initialize()
    def somebody_is_there(self) -> None:
        """Else most runs would be about hosts that nobody types on."""
        self.join(page=True)
        self.join(page=False)

    @rule(page=st.booleans())
    @precondition(lambda self: len(self.clients) < 3)
    def join(self, page: bool) -> None:
        self.joined += 1
        operator = Operator(
            self.joined, "ann", self.lease, self.desk, lost=lambda _count, _why: None, clock=self.loop.time
        )
        self.clients[self.joined] = Client(operator, page, self.loop.now)

    @rule(choice=st.integers(0, 2), what=codes, buttons=buttons, late=st.booleans(), press=st.booleans())
    @precondition(lambda self: any(client.page for client in self.clients.values()))
    def page_says(self, choice: int, what: tuple[str, ...], buttons: tuple[str, ...], late: bool, press: bool) -> None:
        client = self.client(choice, (True,))
        before = self.down
        held = Held(what, buttons)
        client.operator.heard(self.loop.now)
        at = self.loop.now - (0.6 if late else 0.1)
        if press:
            with suppress(Refused):
                client.operator.hold(held, at)
        else:
            client.operator.keep(held, at)
        client.claims = held
        if not late:
            client.sign = self.loop.now
        if not press or late:
            after = self.down
            assert after[0] & ~before[0] == after[2] & ~before[2] == 0, "only a fresh press presses"
            assert after[1] <= before[1] or before[1] >= ROLLED_OVER

    @rule(choice=st.integers(0, 2), count=st.integers(0, 3))
    @precondition(lambda self: any(client.page for client in self.clients.values()))
    def page_lets_go(self, choice: int, count: int) -> None:
        """Of all but the first few of what it holds."""
        claims = self.client(choice, (True,)).claims
        self.page_says(choice, claims.keys[:count], claims.buttons[:count], late=False, press=False)

    @rule(choice=st.integers(0, 2), key=st.sampled_from([*CODES, *BUTTONS]), state=st.booleans(), finish=st.booleans())
    @precondition(lambda self: any(not client.page for client in self.clients.values()))
    def other_says(self, choice: int, key: str, state: bool, finish: bool) -> None:
        client = self.client(choice, (False,))
        claims = client.claims
        with suppress(Refused):
            if key in BUTTONS:
                client.operator.button(key, state)
                rest = tuple(name for name in claims.buttons if name != key)
                client.claims = Held(claims.keys, (*rest, key) if state else rest)
            else:
                client.operator.key(key, state, finish)
                rest = tuple(code for code in claims.keys if code != key)
                lasts = state and (not finish or key in MODIFIERS)
                client.claims = Held((*rest, key) if lasts else rest, claims.buttons)
        self.loop.advance(0)  # a client that has not answered for five seconds may not even begin

    @rule(choice=st.integers(0, 2), x=st.integers(-127, 127), y=st.integers(-127, 127), how=st.integers(0, 2))
    @precondition(lambda self: self.clients)
    def point(self, choice: int, x: int, y: int, how: int) -> None:
        operator = self.client(choice).operator
        with suppress(Refused):
            (operator.move, operator.shift, operator.wheel)[how](x, y)

    @rule(choice=st.integers(0, 2))
    @precondition(lambda self: self.clients)
    def pong(self, choice: int) -> None:
        client = self.client(choice)
        client.operator.pong()
        if not client.page:
            client.sign = self.loop.now

    @rule(choice=st.integers(0, 2), other=st.integers(0, 2), what=st.sampled_from(["take", "give", "ask", "grant"]))
    @precondition(lambda self: self.clients)
    def control(self, choice: int, other: int, what: str) -> None:
        number = self.client(choice).operator.client
        held = self.holder.client
        if what == "grant":
            with suppress(Refused, NotAsked):
                self.lease.grant(number, self.client(other).operator.client)
        elif what == "give":
            self.lease.give(number)
        else:
            (self.lease.take if what == "take" else self.lease.ask)(number, "ann")
        if self.holder.client != held:
            assert self.desk.held == Held(), "control begins and ends with nothing held"

    @rule(choice=st.integers(0, 2))
    @precondition(lambda self: self.clients)
    def release(self, choice: int) -> None:
        client = self.client(choice)
        client.operator.release()
        client.claims = Held()

    @rule(choice=st.integers(0, 2))
    @precondition(lambda self: self.clients)
    def leave(self, choice: int) -> None:
        client = self.client(choice)
        client.operator.leave()
        del self.clients[client.operator.client]

    @rule(seconds=st.sampled_from([0.01, 0.2, 0.3, 0.5, 1.0, 3.0]))
    def wait(self, seconds: float) -> None:
        self.loop.advance(seconds)

    @rule(told=st.booleans())
    @precondition(lambda self: all(port.polled and port.error is None for port in self.ports))
    def host_sleeps(self, told: bool) -> None:
        for port in self.ports:
            port.sleep(told=told)

    @rule(error=st.sampled_from([errno.ESHUTDOWN, errno.ENODEV]))
    def host_goes(self, error: int) -> None:
        for port in self.ports:
            port.fail(error)
            port.host.clear()  # whatever it had down went with the device

    @rule()
    def host_resets(self) -> None:
        """Its drivers stay, and what they have down; what was queued is lost."""
        for port in self.ports:
            port.fail(errno.ESHUTDOWN)
            port.error = None
        self.loop.advance(1.0)

    @rule()
    def cable_is_looked_at(self) -> None:
        """Whoever watches it finds that the host may have forgotten."""
        self.desk.renew()

    @rule(anew=st.booleans())
    def host_returns(self, anew: bool) -> None:
        for port in self.ports:
            port.rebuilt = anew and port.error is not None
            port.error = None
            port.wake()

    @invariant()
    def nothing_is_down_that_nobody_holds(self) -> None:
        if any(not port.polled or port.error is not None for port in self.ports):
            return  # what a host has that does not listen cannot be changed
        modifiers, usages, pressed = self.down
        holder = self.clients.get(self.holder.client or 0)
        if holder is None or self.loop.now >= holder.sign + (0.5 if holder.page else 5.0):
            assert (modifiers, usages, pressed) == (0, set(), 0)
            return
        claimed = holder.claims
        assert modifiers & ~sum(BITS.get(code, 0) for code in claimed.keys) == 0
        assert usages <= {USAGES.get(code, 0) for code in claimed.keys} | ROLLED_OVER
        assert pressed & ~sum(mouse.BUTTONS[name] for name in claimed.buttons) == 0
        if self.desk.held == Held():
            assert (modifiers, usages, pressed) == (0, set(), 0)


Hands.TestCase.settings = settings(stateful_step_count=STEPS, deadline=None)
TestHands = Hands.TestCase
