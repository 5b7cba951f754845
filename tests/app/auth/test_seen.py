"""Whether a leaf is due, without cryptography: judged by what root's part would say with it."""

from __future__ import annotations

import datetime
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.auth import authority, seen
from app.auth.authority import Issued, Moment

BUILT = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
DAY = datetime.timedelta(days=1)
KNOWN = Moment(BUILT + DAY, known=True)
MADE = authority.make("kvm", BUILT)
HELD = ["kvm.local", "10.0.0.9", "fd00::1", "127.0.0.1"]
POOL = [
    *HELD,
    "10.0.0.8",
    "FD00:0::1",
    "fd00::2",
    "8.8.8.8",
    "2001:db8::1",
    "kvm-2.local",
    "evil.example",
    "-.local",
    "",
]


def kept(folder: Path, leaf: Issued, trusted: Issued = MADE) -> tuple[Path, Path]:
    paths = folder / "leaf.pem", folder / "authority.pem"
    for path, content in zip(paths, (leaf.key + leaf.certificate, trusted.certificate), strict=True):
        path.write_bytes(content)
    return paths


@given(st.lists(st.sampled_from(POOL), max_size=4), st.integers(-900, 900), st.booleans(), st.booleans())
def test_it_is_due_when_root_would_issue_another(names: list[str], days: int, known: bool, made_known: bool) -> None:
    leaf = authority.issue(MADE, HELD, BUILT, Moment(BUILT + 100 * DAY, known=made_known))
    moment = Moment(BUILT + days * DAY, known=known)
    with tempfile.TemporaryDirectory() as folder:
        found = seen.due(*kept(Path(folder), leaf), names, moment)
    assert found == bool(authority.due(MADE.certificate, leaf.certificate, names, moment))


def test_one_of_another_authority_is_due(tmp_path: Path) -> None:
    leaf = authority.issue(authority.make("kvm", BUILT), HELD, BUILT, KNOWN)
    assert seen.due(*kept(tmp_path, leaf), [], KNOWN)


def test_what_this_computer_takes_for_now_does_not_matter(tmp_path: Path) -> None:
    """Here a leaf of a later century: the machine's clock is what the device doubts."""
    built = BUILT.replace(year=2100)
    trusted, moment = authority.make("kvm", built), Moment(built + DAY, known=True)
    assert not seen.due(*kept(tmp_path, authority.issue(trusted, HELD, built, moment), trusted), HELD, moment)


@pytest.mark.parametrize("broken", [0, 1])
def test_a_file_that_is_none_is_due(tmp_path: Path, broken: int) -> None:
    paths = kept(tmp_path, authority.issue(MADE, HELD, BUILT, KNOWN))
    assert not seen.due(*paths, HELD, KNOWN)
    paths[broken].write_bytes(b"rubbish")
    assert seen.due(*paths, HELD, KNOWN)


def test_looking_takes_no_cryptography(tmp_path: Path) -> None:
    """It is 11 MB that the daemon would hold for good."""
    kept(tmp_path, authority.issue(MADE, HELD, BUILT, KNOWN))
    program = f"""
import datetime, sys
from pathlib import Path
from app.auth import seen
from app.auth.authority import Moment
folder = Path({str(tmp_path)!r})
moment = Moment(datetime.datetime(2026, 1, 2, tzinfo=datetime.UTC), known=True)
print(seen.due(folder / "leaf.pem", folder / "authority.pem", ["10.0.0.9"], moment), "cryptography" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "False False\n"
