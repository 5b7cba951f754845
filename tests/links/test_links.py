"""What the real server does over real links. All scenarios run at the same time, each in namespaces of its own.

Assertions are on frame numbers, bytes and the server's own clock.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from app.stream.pacer import BOUND
from app.stream.viewer import MAX_BYTES
from tests.appliance import ROOT
from tests.conftest import EFFORT
from tests.links import wire
from tests.links.server import TEXT
from tests.links.wire import Wire

STALL = 10.0
BUSY = 100_000
"""Microseconds: a machine that keeps server, client or wire waiting for longer says nothing of what the server loses."""
TRIES = 3 if EFFORT == 1 else 1
PATIENCE = 60
"""Seconds for what should take a few."""


@dataclass(frozen=True)
class Scenario:
    rate: float
    delay: float
    seconds: float
    loss: float = 0.0
    readers: int = 1
    silent: int = 0
    ceiling: int = 4_000_000
    stall: bool = False
    form: str = "h264"
    better: float = 0.0
    """The rate in the scenario's last two thirds."""


SCENARIOS = {
    "fast": Scenario(20e6, 0.0025, 6 * EFFORT),
    "middle": Scenario(2e6, 0.040, 12 * EFFORT),
    "slow": Scenario(500e3, 0.150, 18 * EFFORT, loss=0.01),
    "stall": Scenario(20e6, 0.0025, 4, stall=True),
    "eight": Scenario(20e6, 0.0025, 6 * EFFORT, readers=7, silent=1, ceiling=1_000_000),
    "pictures": Scenario(500e3, 0.040, 30 * EFFORT, form="jpeg", better=20e6),
}
if EFFORT > 1:
    SCENARIOS["better"] = Scenario(2e6, 0.040, 120, better=20e6)


@dataclass(frozen=True)
class Outcome:
    scenario: Scenario
    server: dict[str, Any]
    got: list[list[int]]
    stalled: tuple[int, int]
    """Microseconds of the clock that both processes share."""
    worst_lag: int
    """Microseconds that the machine kept one of the three waiting."""

    def started(self, number: int) -> list[tuple[int, int, int]]:
        return [tuple(each) for each in self.server["viewers"][str(number)]["started"]]

    def judge_losses(self) -> None:
        if self.worst_lag > BUSY:
            pytest.skip(f"the machine kept somebody waiting for {self.worst_lag // 1000} ms, each time")


def program(command: list[str]) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=ROOT)


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], PATIENCE)
    assert ready, f"{process.args} says nothing"
    return process.stdout.readline()


def ended(process: subprocess.Popen[str]) -> Any:
    """What it says when it is asked to end."""
    process.send_signal(signal.SIGTERM)
    return json.loads(line(process))


def finish(process: subprocess.Popen[str]) -> None:
    """End it, whatever it does."""
    process.kill()
    process.wait()
    assert process.stdout is not None
    process.stdout.close()


def play(scenario: Scenario, folder: Path) -> Outcome:
    between = Wire(scenario.rate, scenario.delay, scenario.loss)
    python = [sys.executable, "-m"]
    server = program([*between.execute(0), *python, "tests.links.server", str(folder), str(scenario.ceiling)])
    port, token = json.loads(line(server))
    counts = [str(scenario.readers), str(scenario.silent), scenario.form]
    client = program([*between.execute(1), *python, "tests.links.client", str(port), token, *counts])
    try:
        assert line(client) == "ready\n"
        between.begin()
        time.sleep(scenario.seconds / (3 if scenario.better else 1))
        began = time.monotonic_ns() // 1000
        if scenario.stall:
            between.block(blocked=True)
            time.sleep(STALL)
            between.block(blocked=False)
        if scenario.better:
            between.set_rate(scenario.better)
        over = time.monotonic_ns() // 1000
        time.sleep(scenario.seconds * (2 / 3 if scenario.better else float(scenario.stall)))
        account, seen = ended(server), ended(client)
    finally:
        for process in (server, client):
            finish(process)
        lag = between.close()
    worst = max(lag, account["worst_lag"], seen["worst_lag"])
    outcome = Outcome(scenario, account, seen["got"], (began, over), worst)
    print(f"\n{scenario}\n{summary(outcome)}")
    return outcome


def summary(outcome: Outcome) -> str:
    """The numbers, for who reads the soak's output."""
    server = outcome.server
    ages = sorted(age for viewer in server["viewers"].values() for _at, _sequence, age in viewer["started"])
    drops = {number: viewer["drops"] for number, viewer in server["viewers"].items() if viewer["drops"]}
    held = max(viewer["held"] for viewer in server["viewers"].values())
    return (
        f"  bitrate {server['bitrate']} after {server['bitrates'][:12]}, divisor {server['divisor']}; frames started {len(ages)}, "
        f"oldest {ages[-1] // 1000} ms; got {[len(got) for got in outcome.got]}; dropped {drops}; held at most {held} bytes; "
        f"the machine's own lag at most {outcome.worst_lag // 1000} ms"
    )


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Outcome]:
    why_not = wire.possible()
    if why_not:
        pytest.skip(why_not)
    found: dict[str, Outcome | BaseException] = {}

    def run(name: str, folder: Path) -> None:
        try:
            for _ in range(TRIES):
                found[name] = outcome = play(SCENARIOS[name], folder)
                if outcome.worst_lag <= BUSY:
                    break
        except BaseException as error:  # noqa: BLE001  # told to the test that asks
            found[name] = error

    threads = [threading.Thread(target=run, args=(name, tmp_path_factory.mktemp(name))) for name in SCENARIOS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    def outcome(name: str) -> Outcome:
        result = found[name]
        if isinstance(result, BaseException):
            raise result
        return result

    return outcome


Outcomes = Callable[[str], Outcome]


@pytest.mark.parametrize("name", SCENARIOS)
def test_nothing_old_is_started(outcomes: Outcomes, name: str) -> None:
    outcome = outcomes(name)
    for number in outcome.server["viewers"]:
        newest = 0
        for at, sequence, age in outcome.started(int(number)):
            # The newest frame may start however old it is: on a busy machine it is old when it comes.
            assert age <= BOUND + outcome.server["worst_lag"], (number, at, sequence)
            assert sequence > newest
            newest = sequence


@pytest.mark.parametrize("name", SCENARIOS)
def test_what_is_held_for_a_viewer_is_bounded(outcomes: Outcomes, name: str) -> None:
    outcome = outcomes(name)
    most = MAX_BYTES // 4 if outcome.scenario.form == "h264" else MAX_BYTES // 2  # of four pictures, each 440 KB
    for viewer in outcome.server["viewers"].values():
        assert viewer["held"] <= most


@pytest.mark.parametrize("name", SCENARIOS)
def test_frames_arrive_in_order_and_none_twice(outcomes: Outcomes, name: str) -> None:
    for got in outcomes(name).got:
        assert len(got) > 10
        assert got == sorted(set(got))


def test_a_fast_link_loses_nothing(outcomes: Outcomes) -> None:
    outcome = outcomes("fast")
    outcome.judge_losses()
    (got,) = outcome.got
    assert got == list(range(got[0], got[-1] + 1))


@pytest.mark.parametrize("name", ["middle", "slow"])
def test_the_bitrate_ends_below_the_links(outcomes: Outcomes, name: str) -> None:
    outcome = outcomes(name)
    outcome.judge_losses()
    assert outcome.server["bitrate"] < outcome.scenario.rate
    assert not outcome.server["viewers"]["1"]["slide_show"]


def test_after_a_stall_the_first_frame_started_is_a_young_one(outcomes: Outcomes) -> None:
    outcome = outcomes("stall")
    began, over = outcome.stalled
    during = [each for each in outcome.started(1) if began + BOUND < each[0] < over]
    after = [each for each in outcome.started(1) if each[0] >= over]
    assert len(during) <= 10
    assert after[0][2] <= BOUND
    (got,) = outcome.got
    assert got[-1] >= after[0][1]


def test_seven_lose_nothing_because_of_one_that_never_reads(outcomes: Outcomes) -> None:
    outcome = outcomes("eight")
    assert len(outcome.got) == 7
    assert len(outcome.started(8)) < len(outcome.started(1)) / 4
    outcome.judge_losses()
    for got in outcome.got:
        assert got == list(range(got[0], got[-1] + 1))


def test_pictures_keep_coming_over_a_slow_link_and_get_finer_over_a_better_one(outcomes: Outcomes) -> None:
    outcome = outcomes("pictures")
    over = outcome.stalled[1]
    stills = outcome.server["stills"]
    started = [at for at, _sequence, _age in outcome.started(1)]
    slow = [at for at in started if at < over]
    assert len(slow) > 0.5 * (over - slow[0]) / 1_000_000
    assert min(stills) == TEXT[-1]
    assert TEXT[0] in stills
    (got,) = outcome.got
    assert len(got) >= len(started) - 2


@pytest.mark.soak
def test_the_bitrate_recovers_with_the_link(outcomes: Outcomes) -> None:
    outcome = outcomes("better")
    assert min(outcome.server["bitrates"]) < 2_000_000
    assert outcome.server["bitrate"] == outcome.scenario.ceiling
