"""The tree that the last build sealed, by its manifest."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
MANIFEST = REPOSITORY / "dist" / "inkvm-debian.files"
BENCH = REPOSITORY / "image/stage-debian/01-bench/files"
LINE = re.compile(r"(?P<mode>\S{10}) (?P<owner>\d+:\d+) (?P<size>\d+) (?P<path>.+)")


@pytest.fixture(scope="module")
def tree() -> dict[str, re.Match[str]]:
    """Path -> mode, owner, size."""
    if not MANIFEST.exists():
        pytest.skip(f"{MANIFEST} is missing: make image BASE=debian")
    found = [LINE.fullmatch(line) for line in MANIFEST.read_text().splitlines()]
    assert all(found)
    return {match["path"]: match for match in found if match}


def test_overlay_landed_for_everybody_to_read(tree: dict[str, re.Match[str]]) -> None:
    for source in (
        path for path in (REPOSITORY / "rootfs-overlay").rglob("*") if path.is_file() and not path.is_symlink()
    ):
        landed = tree["/" + str(source.relative_to(REPOSITORY / "rootfs-overlay"))]
        assert (landed["mode"], landed["owner"]) == ("-rw-r--r--", "0:0"), landed[0]


def test_appliance_is_precompiled_and_private(tree: dict[str, re.Match[str]]) -> None:
    modules = [path for path in tree if re.match(r"/usr/lib/inkvm/(app|epaper)/.*\.py$", path)]
    assert "/usr/lib/inkvm/app/__init__.py" in modules
    for module in modules:
        folder, _, file = module.rpartition("/")
        assert f"{folder}/__pycache__/{file[:-3]}.cpython-313.pyc" in tree
    assert not [path for path in tree if re.search("(site|dist)-packages/(app|epaper|av|linuxpy)/", path)]


def test_libraries_are_there(tree: dict[str, re.Match[str]]) -> None:
    libraries = ["/usr/lib/inkvm/av/__init__.py", "/usr/lib/inkvm/linuxpy/video/raw.py"]
    libraries += [
        f"/usr/lib/python3/dist-packages/{name}/__init__.py" for name in ("tornado", "PIL", "cryptography", "gpiod")
    ]
    assert [path for path in libraries if path not in tree] == []


def test_what_must_not_be_there(tree: dict[str, re.Match[str]]) -> None:
    """No simulator, no way in but the page, no leftovers of the build, nothing of the building machine."""
    unwanted = r"/usr/lib/inkvm/app/sim|/usr/sbin/sshd|/etc/ssh/ssh_host|.*\.distrib$|/etc/apt/sources\.list(\.d/.|$)|/etc/resolv\.conf|/(var/log|dev)/."
    assert [path for path in tree if re.match(unwanted, path)] == []


def test_only_root_writes(tree: dict[str, re.Match[str]]) -> None:
    """Nothing but throw-away folders (sticky) is open to everybody."""
    assert [m[0] for m in tree.values() if m["mode"][8] == "w" and m["mode"][0] != "l" and m["mode"][9] != "t"] == []


def test_machine_id_is_made_at_boot(tree: dict[str, re.Match[str]]) -> None:
    assert tree["/etc/machine-id"]["size"] == "0"


def test_bench_is_in_this_image(tree: dict[str, re.Match[str]]) -> None:
    """And test_stages shows that it is not in the board's."""
    assert [
        "/" + str(p.relative_to(BENCH)) for p in BENCH.rglob("*.conf") if "/" + str(p.relative_to(BENCH)) not in tree
    ] == []
