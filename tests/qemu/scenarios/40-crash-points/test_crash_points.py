"""The card at every moment: the writes of a first start, of claiming, using and growing the device, cut anywhere.

After the cut the data partition has to mount by its journal alone and be without flaw, the first partition has to pass
fsck.fat, the partition table has to be valid, and what was acknowledged has to be there. A third of the points in
seven have the writes of the last flush's window shuffled and thinned out, as a drive's cache may do.
"""

from __future__ import annotations

import json
import random
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.client import Client
from tests.conftest import EFFORT
from tests.qemu.card import content, extracted, filled, flashed, hollow, mounted, place, sound, strangers
from tests.qemu.conftest import needed, script
from tests.qemu.facts import Facts
from tests.qemu.machine import Machine
from tests.qemu.writes import Replay, shuffled

HERE = Path(__file__).parent
PATIENCE = 2400.0
SEED = 20261120
IN_ORDER, SHUFFLED, BOOTED = 85 * EFFORT, 15 * EFFORT, max(1, EFFORT // 4)
SELECT, SPARE, DATA = 1, 6, 7
UNTOUCHED = (2, 5)
"""Slot A: nothing is ever written there, and most of the image is."""


CLAIM = {"as shipped": "The code to claim", "with a code": "Open https://", "claimed": "This device has an owner."}
"""How the claim's file begins in each of its states."""


CUSTOM = """
[system]
hostname = "kvm-rack3"
[[wifi]]
ssid = "workshop"
password = "the very first secret"
"""
"""Lies on the card from the start, and is applied while the writes are logged."""
SECRET = "the very first secret"


class Points:
    """What was found at each crash point."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.card = flashed(folder / "card")
        (folder / "inkvm.toml").write_text(CUSTOM)
        subprocess.run(
            ["mcopy", "-i", f"{self.card}@@{place(self.card, SELECT)[0]}", folder / "inkvm.toml", "::"], check=True
        )
        self.before = folder / "before"
        subprocess.run(["cp", "--sparse=always", self.card, self.before], check=True)
        for partition in UNTOUCHED:
            hollow(self.before, partition)
        self.dice = random.Random(SEED)
        self.flaws: list[str] = []
        self.judged: Counter[str] = Counter()
        self.seen: Counter[str] = Counter()
        self.booted: list[tuple[Path, dict[str, Any]]] = []
        log = folder / "log"
        log.touch()
        self._run(log)
        self.replay = Replay(self.before, log)
        self._visit()
        self.replay.close()
        print(
            f"seed {SEED}, {len(self.replay.writes)} writes, {sum(self.judged.values())} points judged: "
            f"{dict(self.judged)}, of which {dict(self.seen)}"
        )

    def _run(self, log: Path) -> None:
        logging = (
            "-blockdev", f"driver=file,filename={self.card},node-name=f0",
            "-blockdev", f"driver=file,filename={log},node-name=l0",
            "-blockdev", "driver=blklogwrites,node-name=card,file=f0,log=l0,log-sector-size=512",
        )  # fmt: skip
        arguments = f"inkvm.scale={EFFORT}"
        with Machine("virt", self.card, script=script(HERE), card=logging, arguments=arguments) as machine:
            self.facts = Facts(machine).until("end", PATIENCE)

    def _visit(self) -> None:
        moments = range(len(self.replay.writes) + 1)
        points = [(number, number) for number in self.dice.sample(moments, min(IN_ORDER, len(moments)))]
        wide = [(begin, end) for begin, end in self.replay.windows() if end - begin > 1]
        points += [self.dice.choice(wide) for _point in range(SHUFFLED)]
        points.sort()
        chosen = set(self.dice.sample(range(len(points)), min(BOOTED, len(points))))
        for index, (settled, number) in enumerate(points):
            self._look(settled, number, keep=index in chosen)

    def _look(self, settled: int, number: int, *, keep: bool) -> None:
        """One crash point: all writes before `settled`, and a drive's choice of those up to `number`."""
        self.replay.settle(settled)
        point = self.folder / "point"
        subprocess.run(["cp", "--sparse=always", self.before, point], check=True)
        self.replay.apply(point, shuffled(self.replay.writes[settled:number], self.dice))
        where = f"point {number}" + ("" if settled == number else f", shuffled from {settled}")
        done = acknowledged(point)
        self.flaws += [f"{where}: {flaw}" for flaw in (*self._select(point), *self._data(point, done), *self._custom())]
        self.judged["in order" if settled == number else "shuffled"] += 1
        if keep:
            kept = self.folder / f"booted-{number}"
            subprocess.run(["cp", "--sparse=always", point, kept], check=True)
            for partition in UNTOUCHED:
                filled(kept, partition)
            self.booted.append((kept, done))

    def _select(self, point: Path) -> list[str]:
        part = extracted(point, SELECT, self.folder / "select")
        checked = subprocess.run(["fsck.fat", "-n", part], capture_output=True, text=True)
        words = subprocess.run(
            ["mtype", "-i", part, "::inkvm-claim.txt"], capture_output=True, text=True, check=True
        ).stdout
        kind = next((kind for kind in CLAIM if words.startswith(CLAIM[kind]) and len(words.rstrip()) < len(words)), "")
        self.seen[kind] += 1
        flaws = [] if kind else [f"the claim's file is neither the old nor a new one: {words!r}"]
        return flaws if fat_is_sound(checked) else [*flaws, f"fsck.fat: {checked.stdout}"]

    def _custom(self) -> list[str]:
        """What the customisation's passwords are at the point that was just extracted: on the card, or with the device."""
        written = subprocess.run(
            ["mtype", "-i", self.folder / "select", "::inkvm.toml"], capture_output=True, text=True, check=True
        ).stdout
        with mounted(self.folder / "data") as data:
            kept = SECRET in read(data / "firstrun/record.json")
            made = [SECRET in path.read_text() for path in (data / "network").glob("card-*")]
            whole = any(made) and read(data / "hostname") == "kvm-rack3\n"
        clean = CUSTOM.replace(SECRET, "*" * len(SECRET))
        self.seen["starred out" if written == clean else "on the card"] += 1
        flaws = [] if written in {CUSTOM, clean} else [f"the customisation file is neither of its two: {written!r}"]
        if written != CUSTOM and not kept:
            flaws.append("the card has lost a password that the device does not have")
        if written == clean and not whole:
            flaws.append("the passwords have left the card, and what they are for is not there")
        if any(made) and not kept:
            flaws.append("a network is there whose file is not kept")
        return flaws

    def _data(self, point: Path, done: dict[str, Any]) -> list[str]:
        part = extracted(point, DATA, self.folder / "data")
        self.seen[f"{part.stat().st_size >> 20} MiB"] += 1
        flaws = []
        with mounted(part) as data:
            tokens = [token["name"] for token in json.loads(read(data / "access/tokens.json") or "[]")]
            accounts = [account["name"] for account in json.loads(read(data / "access/accounts.json") or "[]")]
            if done and accounts != ["owner"]:
                flaws.append(f"the claim was acknowledged, the accounts are {accounts}")
            if done.get("token") and f"t{done['token']}" not in tokens:
                flaws.append(f"token {done['token']} was acknowledged, there are {tokens}")
            if done.get("upload") and "END PRIVATE KEY" not in read(data / "tls/owner.pem"):
                flaws.append("the upload was acknowledged, and is not there")
            stranger = strangers(data)
            if stranger:
                flaws.append(f"the daemon cannot read {stranger}")
            if done.get("careless"):
                self.seen["careless kept" if read(data / "careless") >= str(done["careless"]) else "careless lost"] += 1
        wrong = sound(part)
        return [*flaws, f"e2fsck: {wrong}"] if wrong else flaws


def read(path: Path) -> str:
    return path.read_text(errors="replace") if path.exists() else ""


def acknowledged(card: Path) -> dict[str, Any]:
    """The last mark that reached slot B's root; nothing before the first."""
    first = next(content(card, SPARE))[:4096].rstrip(b"\0 ")
    return json.loads(first) if first else {}


HARMLESS = (
    "fsck.fat ", "Dirty bit is set", " some data may be corrupt", " Automatically removing dirty bit",
    "There are differences between boot sector and its backup", "This is mostly harmless", "  65:01/00", "  Not automatically fixing",
    "Leaving filesystem unchanged",
)  # fmt: skip
"""What fsck.fat says, beside its name and its totals, of a file system that was mounted when the plug was pulled."""


def fat_is_sound(checked: subprocess.CompletedProcess[str]) -> bool:
    """Whether nothing is wrong but the mark of a mounted file system, byte 65 of its first sector."""
    return all(
        line.startswith(HARMLESS) or " files, " in line or not line.strip() for line in checked.stdout.splitlines()
    )


@pytest.fixture(scope="module")
def points(tmp_path_factory: pytest.TempPathFactory) -> Points:
    needed()
    return Points(tmp_path_factory.mktemp("crash-points"))


def test_the_workload_ran_without_trouble(points: Points) -> None:
    assert points.facts["failed-units"] == ""
    assert points.facts["end"] > 12


def test_as_many_moments_were_judged_as_are_asked_for(points: Points) -> None:
    """A workload of too few writes has too few moments."""
    assert points.judged == {"in order": IN_ORDER, "shuffled": SHUFFLED}


def test_whatever_moment_the_power_goes_the_card_is_sound_and_keeps_its_word(points: Points) -> None:
    assert points.flaws == []


@pytest.mark.soak
def test_the_moments_are_of_every_kind(points: Points) -> None:
    """Before and after growth, and the claim's file in each of its states."""
    sizes = [kind for kind in points.seen if kind.endswith(" MiB")]
    assert len(sizes) == 2
    assert points.seen["starred out"] > 0
    assert points.seen["on the card"] > 0
    assert all(points.seen[kind] > 0 for kind in CLAIM)


def test_a_file_without_fsync_is_caught(points: Points) -> None:
    """The control: were nothing ever lost, these tests would prove nothing."""
    assert points.seen["careless lost"] > 0


@pytest.mark.soak
def test_a_card_that_was_cut_starts_and_knows_its_owner(points: Points) -> None:
    for card, done in points.booted:
        with Machine("virt", card, keep=True) as machine:
            machine.wait_for_https(PATIENCE)
            client = Client(f"https://localhost:{machine.port}")
            answer = client.login("owner", "five Quiet otters")
            client.close()
            assert answer.status in ((200,) if done else (200, 401)), (card, done)
