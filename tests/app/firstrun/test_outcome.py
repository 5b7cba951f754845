"""What the one-shot tells the daemon."""

from __future__ import annotations

import stat
from dataclasses import fields
from pathlib import Path

from app.firstrun.outcome import Outcome, tell, told
from app.status import Card


def test_what_is_told_is_heard(tmp_path: Path) -> None:
    outcome = Outcome("inkvm.toml", "key 'x' has value 'ü', expected \"y\"", ("a",), ("firstrun.sh", "ssh"))
    path = tmp_path / "outcome.json"
    for each in (Outcome(), outcome):
        tell(path, each, None)
        assert told(path) == Card(*each)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_it_is_the_cards_part_of_the_status() -> None:
    assert Outcome._fields == tuple(each.name for each in fields(Card))


def test_no_file_is_nothing_and_rubbish_is_not_fine(tmp_path: Path) -> None:
    path = tmp_path / "outcome.json"
    assert told(path) is None
    for content in (b"", b"\xff", b'{"card": 1}', b'{"card": {"refusal": 1}}'):
        path.write_bytes(content)
        card = told(path)
        assert card is not None
        assert card.warnings[0].startswith("what the card says is not known")
