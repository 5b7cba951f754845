"""Power cuts while a file is applied: at every change that the one-shot makes, and in the middle of every write.

The disk is a model of the promises that the kernel makes: what was written and not synced may be there, or not, in part; a name
is put in place at once or not at all, and may come back until its folder is synced.
"""

from __future__ import annotations

import contextlib
import json
import random
from pathlib import Path

import pytest

from tests.app.firstrun.bench import FULL, SECRETS, Device
from tests.app.firstrun.cut import Cut, Power
from tests.conftest import EFFORT

SEED = 20261120
SECOND = FULL.replace("KVM-rack3", "kvm-attic").replace("first secret", "newer secret").replace('"attic"', '"cellar"')
"""What a customisation is replaced by: another name, another passphrase, another network."""


def kept(device: Device, text: str) -> bool:
    """Whether root's record has every secret of that text."""
    record = device.state / "firstrun/record.json"
    content = record.read_text() if record.exists() else ""
    return all(secret in content for secret in SECRETS[1:] if secret in text) and (not content or "scrypt:" in content)


def interrupted(device: Device, step: int, dice: random.Random) -> bool:
    """A start whose power goes at that change, if there are as many; whether it lasted."""
    power = Power(step, dice)
    with contextlib.suppress(Cut), power:
        device.start()
    power.settle()
    return power.lasted


def expected(folder: Path, *texts: str) -> dict[str, bytes]:
    whole = Device(folder)
    for text in texts:
        whole.put(text)
        assert whole.start().refusal == ""
    return whole.lasting()


@pytest.mark.parametrize("before", [(), (FULL,)], ids=["first", "again"])
def test_a_cut_anywhere_leaves_the_file_applied_or_untouched_and_no_secret_lost(
    tmp_path: Path, before: tuple[str, ...]
) -> None:
    text = SECOND if before else FULL
    want = expected(tmp_path / "whole", *before, text)
    dice = random.Random(SEED)
    seen = {"untouched": 0, "kept": 0}
    step = 0
    while True:
        device = Device(tmp_path / f"cut-{step}")
        for each in before:
            device.put(each)
            device.start()
        path = device.put(text)
        lasted = interrupted(device, step, dice)
        card = path.read_text()
        if card == text:
            seen["untouched"] += 1
        else:
            seen["kept"] += 1
            assert kept(device, text), f"cut {step}: the card has lost what the device does not have"
            assert len(card) == len(text)
        told = device.start()
        assert (told.refusal, told.warnings) == ("", ()), step
        assert device.lasting() == want, step
        after = path.read_text()
        assert all(secret not in after for secret in (*SECRETS, "newer secret")), step
        assert json.loads(device.now()["account.json"])["name"] == "ann"
        assert device.start().refusal == ""
        assert device.lasting() == want, step
        if lasted:
            break
        step += 1
    print(f"seed {SEED}: {step} cuts, {seen}")
    assert step > 30
    assert min(seen.values()) > 3


@pytest.mark.parametrize("number", range(25 * EFFORT))
def test_one_cut_after_another(tmp_path: Path, number: int) -> None:
    """Power that goes at several starts in a row, anywhere."""
    dice = random.Random(SEED + number)
    want = expected(tmp_path / "whole", FULL)
    device = Device(tmp_path / "device")
    path = device.put(FULL)
    for _start in range(dice.randint(2, 6)):
        interrupted(device, dice.randint(0, 60), dice)
        assert path.read_text() == FULL or kept(device, FULL)
    assert device.start().refusal == ""
    assert device.lasting() == want
    assert all(secret not in path.read_text() for secret in SECRETS)
