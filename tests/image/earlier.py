"""Holds the image just built against an earlier build of the same lock and stages: `python -m tests.image.earlier`.

Whatever no change of the sources since then explains must be the same. The file list and commit of each build are kept
outside the checkout ($INKVM_CACHE, or inkvm below the user's cache), for a machine that builds every submission.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from image.records.tree import differences, parse

REPOSITORY = Path(__file__).resolve().parents[2]
BUILT = REPOSITORY / "dist/inkvm-debian"
RECIPE = [
    f"image/{part}" for part in ("config", "build", "lock", "steps", "stage-debian", "stage-inkvm", "export", "records")
]
SOURCES = ["app", "epaper", "rootfs-overlay", "firmware-config"]
DATED = "/etc/shadow"
"""Holds the day of each password's last change: the commit's."""


def main() -> int:
    """Compare, then keep this build for the next; 1 if files differ that should not, and then the earlier one is kept."""
    kept = cache() / f"{recipe()}.files"
    commit = git("rev-parse", "HEAD").strip()
    current = BUILT.with_name("inkvm-debian.files").read_text()
    unexplained: dict[str, str] = {}
    if not kept.exists():
        print(f"no earlier build of this lock and these stages in {kept.parent}")
    elif git("cat-file", "-t", before := kept.with_suffix(".commit").read_text(), check=False) != "commit\n":
        print(f"the earlier build's commit {before} is not in this repository")
    else:
        changed = git("diff", "--name-only", "-z", before, commit, "--", *SOURCES).split("\0")[:-1]
        differ = differences(parse(kept.read_text()), parse(current))
        unexplained = {path: what for path, what in differ.items() if not explained(path, changed)}
        print(f"held against the build of {before}: {len(differ)} files differ, {len(unexplained)} of them unexplained")
        print("\n".join(f"    {path}: {what}" for path, what in list(unexplained.items())[:20]))
    if unexplained:
        print(f"if this is how it should be from now on, remove {kept}")
        return 1
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(current)
    kept.with_suffix(".commit").write_text(commit)
    return 0


def cache() -> Path:
    """Where earlier builds are kept."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(os.environ.get("INKVM_CACHE") or Path(home, "inkvm"))


def recipe() -> str:
    """A name for all that decides what the image is made of, but for the sources that land in it."""
    used = [BUILT.with_name(f"inkvm-debian.{kind}").read_text() for kind in ("packages", "tools")]
    return hashlib.sha256("".join([git("ls-tree", "-r", "HEAD", "--", *RECIPE), *used]).encode()).hexdigest()[:16]


def explained(path: str, changed: Iterable[str]) -> bool:
    """Whether a path of the image may differ because these files of the repository have changed."""
    targets = [target for source in changed for target in landed(PurePosixPath(source))]
    return path == DATED or any(target == path or target.startswith(f"{path}/") for target in targets)


def landed(source: PurePosixPath) -> list[str]:
    """Which paths of the image come of a file of the repository."""
    folder, *rest = source.parts
    if folder == "rootfs-overlay":
        accounts = ["/etc/passwd", "/etc/group", "/etc/gshadow"] if "sysusers.d" in rest else []
        return [f"/{PurePosixPath(*rest)}", *accounts]
    if folder == "firmware-config":
        return [f"/boot/firmware/{source.name}", f"/boot/select/{source.name}"]
    compiled = source.parent / "__pycache__" / f"{source.stem}.cpython-313.pyc"
    return [f"/usr/lib/inkvm/{source}", f"/usr/lib/inkvm/{compiled}"]


def git(*arguments: str, check: bool = True) -> str:
    """What git prints about this repository."""
    return subprocess.run(["git", *arguments], cwd=REPOSITORY, check=check, capture_output=True, text=True).stdout


if __name__ == "__main__":
    sys.exit(main())
