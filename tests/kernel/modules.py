"""Drivers that Debian has the source of and does not build: made once for the guest's kernel, from Debian's own packages.

`vicodec` is a stateful memory-to-memory encoder with the ioctls of the board's, in software; on amd64 it brings the framework
it needs (`v4l2-mem2mem`) along.
"""

from __future__ import annotations

import shlex
import shutil
import subprocess
from pathlib import Path

from tests.kernel import cache
from tests.kernel.root import SUITE, _apt_options, _mirror

SOURCE = "linux-source-6.12"
MODULES = ("v4l2-mem2mem", "vicodec")
"""In the order of loading."""

# The headers are of the guest's kernel; the source may be of another patch release of the same series.
COMPILE = f"""set -eu
mkdir /drivers
cd /drivers
tar -xf /usr/src/{SOURCE}.tar.xz --strip-components=4 {SOURCE}/drivers/media/test-drivers/vicodec
mv vicodec/* .
tar -xf /usr/src/{SOURCE}.tar.xz --strip-components=4 {SOURCE}/drivers/media/v4l2-core/v4l2-mem2mem.c
echo 'obj-m += v4l2-mem2mem.o' >> Makefile
make -C /usr/src/linux-headers-"$1" M="$PWD" CONFIG_VIDEO_VICODEC=m modules
"""


def modules(release: str) -> tuple[Path, ...]:
    """The modules for the kernel of that release, in the order of loading; built first if they are new."""

    def build(folder: Path) -> None:
        print(f"bench: building {' and '.join(MODULES)} for {release}, once", flush=True)
        tree = folder / "tree"
        subprocess.run(_mmdebstrap(tree, release), check=True, stdout=subprocess.DEVNULL)
        for name in MODULES:
            shutil.copy2(tree / f"drivers/{name}.ko", folder)
        shutil.rmtree(tree)

    folder = cache.artefact("modules", (Path(__file__).read_bytes(), release.encode()), build)
    return tuple(folder / f"{name}.ko" for name in MODULES)


def _mmdebstrap(tree: Path, release: str) -> list[str]:
    excluded = ("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*")
    return [
        "mmdebstrap", "--quiet", "--variant=essential", "--architectures=amd64",
        *(f"--dpkgopt=path-exclude={path}" for path in excluded),
        *(f"--aptopt={option}" for option in _apt_options()),
        f"--include=linux-headers-{release},{SOURCE},make,xz-utils",
        f'--customize-hook=chroot "$1" sh -c {shlex.quote(COMPILE)} compile {release}',
        SUITE, str(tree), *_mirror(),
    ]  # fmt: skip
