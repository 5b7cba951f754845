"""The kernel tests in their virtual machine: `python3 -m tests.kernel.bench [--time-limit S] [pytest arguments]`.

Without arguments it runs everything under tests/kernel/guest and tests/contract. Standard library only; needs QEMU, mmdebstrap, mke2fs.
"""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from tests.kernel import disk, vm
from tests.kernel.modules import modules
from tests.kernel.root import root

REPOSITORY = Path(__file__).parents[2]
GIVEN = ("app", "epaper", "image", "rootfs-overlay", "tests", "pyproject.toml")
TOOLS = {"qemu-system-x86_64": "qemu-system-x86", "mmdebstrap": "mmdebstrap", "mke2fs": "e2fsprogs"}


def main() -> int:
    """Run the tests and return pytest's exit status; 70 when the guest did not report one."""
    parser = argparse.ArgumentParser(
        prog="python3 -m tests.kernel.bench", description="Runs pytest in the bench VM.", allow_abbrev=False
    )
    parser.add_argument("--time-limit", type=float, default=1500.0, help="seconds until a hung guest is killed (1500)")
    parser.add_argument("--bring", type=Path, action="append", default=[], help="a file to put beside the repository")
    parser.add_argument(
        "--steady",
        action="store_true",
        help="the guest's clock counts instructions: slow, and the same on every computer",
    )
    options, pytest_arguments = parser.parse_known_args()
    missing = [package for tool, package in TOOLS.items() if not shutil.which(tool)]
    if missing:
        parser.exit(2, f"bench: missing tools: apt-get install {' '.join(missing)}\n")
    machine = root()
    with tempfile.TemporaryDirectory(prefix="inkvm-bench-") as folder:
        repo, console = Path(folder) / "repo.ext4", Path(folder) / "console.log"
        _repository_disk(
            Path(folder),
            repo,
            [*modules(machine.release), *options.bring],
            pytest_arguments or ["tests/kernel/guest", "tests/contract"],
        )
        started = time.monotonic()
        try:
            status = vm.run(machine, repo, console, options.time_limit, steady=options.steady)
        except vm.GuestError as error:
            print(f"bench: {error}", flush=True)
            status = 70
        if status:
            log = console.read_text(errors="replace") if console.exists() else ""
            print(f"bench: the guest's kernel log:\n{log}", flush=True)
    print(f"bench: exit status {status}, {time.monotonic() - started:.0f} s in the guest", flush=True)
    return status


def _repository_disk(folder: Path, image: Path, extra: Iterable[Path], pytest_arguments: list[str]) -> None:
    tree = folder / "repo"
    tree.mkdir()
    for file in extra:
        shutil.copy2(file, tree)
    for name in GIVEN:
        if (REPOSITORY / name).is_dir():
            shutil.copytree(REPOSITORY / name, tree / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(REPOSITORY / name, tree / name)
    exported = [
        f"export {name}={shlex.quote(value)}"
        for name, value in os.environ.items()
        if name.startswith("INKVM_") or name == "PYTEST_ADDOPTS"
    ]
    color = "yes" if sys.stdout.isatty() else "no"
    command = f"exec python3 -m pytest -p no:cacheprovider --tb=short --color={color} {shlex.join(pytest_arguments)}"
    (tree / "run").write_text("\n".join([*exported, command, ""]))
    disk.write(tree, image, 64)


if __name__ == "__main__":
    sys.exit(main())
