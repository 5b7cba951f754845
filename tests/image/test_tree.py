"""The tree that the last build sealed, by its list of files."""

from __future__ import annotations

import fnmatch
import hashlib
import os
import re
from pathlib import Path

import pytest

from image.records.tree import Entry, parse
from tests.image.built import built
from tests.image.links import LINKS

REPOSITORY = Path(__file__).resolve().parents[2]
BENCH = REPOSITORY / "image/stage-debian/01-bench/files"


@pytest.fixture(scope="module")
def tree() -> dict[str, Entry]:
    """Path -> entry."""
    return parse(built("files").read_text())


def test_overlay_landed_for_everybody_to_read(tree: dict[str, Entry]) -> None:
    for source in (path for path in (REPOSITORY / "rootfs-overlay").rglob("*") if path.is_file()):
        landed = tree["/" + str(source.relative_to(REPOSITORY / "rootfs-overlay"))]
        mode = "-rwxr-xr-x" if os.access(source, os.X_OK) else "-rw-r--r--"
        if source.suffix == ".nmconnection":
            mode = "-rw-------"  # NetworkManager takes no other
        assert (landed.mode, landed.owner) == (mode, "0:0"), landed


def test_appliance_is_precompiled_and_private(tree: dict[str, Entry]) -> None:
    modules = [path for path in tree if re.match(r"/usr/lib/inkvm/(app|epaper)/.*\.py$", path)]
    assert "/usr/lib/inkvm/app/__init__.py" in modules
    for module in modules:
        folder, _, file = module.rpartition("/")
        assert f"{folder}/__pycache__/{file[:-3]}.cpython-313.pyc" in tree
    assert not [path for path in tree if re.search("(site|dist)-packages/(app|epaper|av|linuxpy)/", path)]


def test_libraries_are_there(tree: dict[str, Entry]) -> None:
    libraries = ["/usr/lib/inkvm/av/__init__.py", "/usr/lib/inkvm/linuxpy/video/raw.py"]
    libraries += [
        f"/usr/lib/python3/dist-packages/{name}/__init__.py"
        for name in ("tornado", "PIL", "cryptography", "gpiod", "jeepney")
    ]
    assert [path for path in libraries if path not in tree] == []


def test_what_must_not_be_there(tree: dict[str, Entry]) -> None:
    """No simulator, no way in but the page, no leftovers of the build, nothing of the building machine."""
    unwanted = r"/usr/lib/inkvm/app/sim|/etc/ssh/ssh_host|.*\.distrib$|/etc/apt/sources\.list(\.d/.|$)|/(var/log|dev)/."
    assert [path for path in tree if re.match(unwanted, path)] == []
    assert tree["/etc/resolv.conf"].mode[0] == "l", "name servers are those of the network, not of the building machine"


@pytest.mark.parametrize("what", [
    r"/usr/bin/(.*-)?(gcc|cc|g\+\+|ld|as|make)(-\d+)?$", r"/usr/share/(doc|man|info|locale)/.+", r"/usr/lib/locale/(?!C\.utf8)",
    r"/usr/include/.+", r"/usr/share/i18n/", r"/boot/(vmlinuz|initrd|config)",
])  # fmt: skip
def test_nothing_is_there_that_only_takes_room(tree: dict[str, Entry], what: str) -> None:
    """No compiler, documentation, locale, second kernel."""
    assert [path for path in tree if re.match(what, path)] == []


def test_nothing_is_there_that_the_base_leaves_out(tree: dict[str, Entry]) -> None:
    """Modules and firmware of other boards among it."""
    lines = (REPOSITORY / "image/stage-debian/files-excluded").read_text().splitlines()
    excluded = re.compile("|".join(fnmatch.translate(line) for line in lines if not line.startswith("#")))
    assert [path for path, entry in tree.items() if entry.mode[0] != "d" and excluded.fullmatch(path)] == []
    assert len([path for path in tree if path.endswith(".dtb")]) == 1


def test_nothing_starts_that_the_table_does_not_start(tree: dict[str, Entry]) -> None:
    links = [path for path in tree if re.match(r"/etc/systemd/.*\.(wants|requires)/", path)]
    assert len(links) > 10
    assert [path for path in links if path.lstrip("/") not in LINKS] == []


def test_every_link_of_the_table_is_there(tree: dict[str, Entry]) -> None:
    wanted = {path: ("l", hashlib.sha256(target.encode()).hexdigest()) for path, target in LINKS.items()}
    assert {path: (tree[f"/{path}"].mode[0], tree[f"/{path}"].sha256) for path in LINKS} == wanted


def test_there_is_one_kernel(tree: dict[str, Entry]) -> None:
    assert len([path for path in tree if re.fullmatch(r"/usr/lib/modules/[^/]+", path)]) == 1


def test_nobody_becomes_somebody_else(tree: dict[str, Entry]) -> None:
    """No program is set-uid or set-gid."""
    assert [path for path, entry in tree.items() if entry.mode[0] == "-" and set(entry.mode) & set("sS")] == []


def test_only_root_writes(tree: dict[str, Entry]) -> None:
    """Nothing but throw-away folders (sticky) is open to everybody."""
    assert [e.path for e in tree.values() if e.mode[8] == "w" and e.mode[0] != "l" and e.mode[9] != "t"] == []


def test_machine_id_is_made_at_boot(tree: dict[str, Entry]) -> None:
    assert tree["/etc/machine-id"].size == 0


def test_bench_is_in_this_image(tree: dict[str, Entry]) -> None:
    """And test_stages shows that it is not in the board's."""
    assert [
        "/" + str(p.relative_to(BENCH)) for p in BENCH.rglob("*.conf") if "/" + str(p.relative_to(BENCH)) not in tree
    ] == []
