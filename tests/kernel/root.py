"""The guest's root disk: Debian 13 with its own kernel, the drivers' modules and what the appliance imports.

Modules that Debian does not build (vicodec, gpio-sim: `linux-source` in the same kernel version) belong on a disk of
their own, as a second `cache.artefact` whose inputs include `Root.release`; this root then needs no change.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.kernel import cache, disk

SUITE = "trixie"
PYTHON = "3.13"
PACKAGES = (
    "linux-image-amd64", "kmod", "iproute2", "python3", "python3-tornado", "python3-pil", "python3-cryptography",
    "python3-evdev", "python3-pytest", "python3-pytest-asyncio", "python3-hypothesis", "v4l-utils", "edid-decode",
    "libxkbcommon0", "xkb-data", "libx11-data", "python3-xkbcommon",
    "gstreamer1.0-tools", "gstreamer1.0-plugins-good", "ustreamer",
    "network-manager", "wpasupplicant", "wireless-regdb", "iw", "udev", "dbus", "dnsmasq-base", "avahi-daemon", "python3-jeepney",
    "hostapd", "avahi-utils", "nftables", "python3-segno", "fonts-terminus-otb",
)  # fmt: skip
WHEELS = Path(__file__).with_name("wheels.txt")
MEBIBYTES = 2500

# MODULES=list keeps the initramfs to what it takes to mount the root, a third of the boot time otherwise.
INITRAMFS_HOOK = """#!/bin/sh
[ "$1" = prereqs ] && exit 0
. /usr/share/initramfs-tools/hook-functions
manual_add_modules virtio_pci virtio_blk ext4
"""
# The rest of the start is in the repository, which is the second disk: it changes without a new root.
INIT = """#!/bin/sh
mount -t ext4 -o ro /dev/vdb /repo && exec sh /repo/tests/kernel/init.sh
"""


@dataclass(frozen=True)
class Root:
    """What QEMU boots."""

    kernel: Path
    initrd: Path
    disk: Path
    release: str
    """The kernel's version, as `uname -r` prints it in the guest."""


def root() -> Root:
    """The root disk, built first if this description of it is new."""
    # The build script is this file, so a change to it is a change of the inputs.
    folder = cache.artefact("root", (Path(__file__).read_bytes(), WHEELS.read_bytes()), _build)
    (kernel,) = folder.glob("vmlinuz-*")
    return Root(kernel, folder / "initrd.img", folder / "root.ext4", kernel.name.removeprefix("vmlinuz-"))


def _build(folder: Path) -> None:
    if os.geteuid() != 0:
        raise SystemExit("building the bench's root disk needs root (mmdebstrap): run it once as root")
    print(f"bench: building the {SUITE} root disk, once", flush=True)
    tree = folder / "tree"
    subprocess.run(_mmdebstrap(tree), check=True)
    (kernel,) = (tree / "boot").glob("vmlinuz-*")
    (initrd,) = (tree / "boot").glob("initrd.img-*")
    kernel.rename(folder / kernel.name)
    initrd.rename(folder / "initrd.img")
    disk.write(tree, folder / "root.ext4", MEBIBYTES)
    subprocess.run(["rm", "-rf", tree], check=True)


def _mmdebstrap(tree: Path) -> list[str]:
    packages = f"/usr/local/lib/python{PYTHON}/dist-packages"
    # pip compares Requires-Python with the Python it runs on, not with --python-version: told not to look.
    pip = [
        sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--only-binary=:all:", "--require-hashes",
        f"--python-version={PYTHON}", "--platform=manylinux_2_28_x86_64", "--ignore-requires-python", "-r", str(WHEELS),
    ]  # fmt: skip
    hooks = [
        'mkdir -p "$1/repo" "$1/etc/initramfs-tools/conf.d" "$1/etc/initramfs-tools/hooks"',
        'echo MODULES=list > "$1/etc/initramfs-tools/conf.d/bench"',
        _install("etc/initramfs-tools/hooks/bench", INITRAMFS_HOOK),
    ]
    finish = [
        _install("sbin/bench-init", INIT),
        f'{shlex.join(pip)} --target "$1{packages}"',
        f'chroot "$1" python3 -m compileall -q {packages}',
    ]
    excluded = ("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*")
    return [
        "mmdebstrap", "--quiet", "--variant=essential", "--architectures=amd64",
        *(f"--dpkgopt=path-exclude={path}" for path in excluded),
        *(f"--aptopt={option}" for option in _apt_options()),
        *(f"--setup-hook={hook}" for hook in hooks),
        *(f"--customize-hook={hook}" for hook in finish),
        f"--include={','.join(PACKAGES)}",
        SUITE, str(tree), *_mirror(),
    ]  # fmt: skip


def _install(path: str, script: str) -> str:
    return f'printf %s {shlex.quote(script)} > "$1/{path}" && chmod 755 "$1/{path}"'


def _mirror() -> list[str]:
    """The host's own Debian mirror; nothing on another distribution, where mmdebstrap knows the default."""
    lines = _output("apt-get", "indextargets", "--format", "$(ORIGIN) $(LABEL) $(REPO_URI)").splitlines()
    return sorted({uri for origin, label, uri in map(str.split, lines) if origin == label == "Debian"})[:1]


def _apt_options() -> list[str]:
    """How the host reaches the mirror: proxies, and the checks it has turned off."""
    lines = _output("apt-config", "dump").splitlines()
    prefixes = ("Acquire::http", "Acquire::https", "Acquire::Check-")
    return [line.rstrip(";") for line in lines if line.startswith(prefixes) and not line.endswith('"";')]


def _output(*command: str) -> str:
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
