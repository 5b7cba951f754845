"""One run of the guest under QEMU: its output as it comes, its exit status, and an end in any case."""

from __future__ import annotations

import os
import selectors
import subprocess
import sys
import time
from pathlib import Path

from tests.kernel.root import Root

# isa-debug-exit ends QEMU with (value << 1) | 1. The guest adds this: QEMU's own failures then cannot be taken for it.
EXIT_BASE = 16

STEADY = 500_000_000
"""Instructions a second of a steady machine, all its processors together: it is as fast however busy this computer is."""
_QUICK, _STEADY = ("-accel", "tcg,thread=multi"), ("-accel", "tcg,thread=single", "-icount", "shift=1")


class GuestError(Exception):
    """The guest did not get as far as reporting an exit status."""


def run(root: Root, repo: Path, console: Path, time_limit: float, *, steady: bool = False) -> int:
    """Boot, copy the guest's output to stdout until it ends, and return the status that it reports.

    Args:
        root: what to boot.
        repo: the ext4 image with the repository, `/repo` in the guest.
        console: the file that gets the kernel's log.
        time_limit: in seconds, for everything.
        steady: its clock counts instructions, and its processors take turns.

    Raises:
        GuestError: it hung, panicked, or QEMU could not start.
    """
    with subprocess.Popen(
        _qemu(root, repo, console, _STEADY if steady else _QUICK),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as qemu:
        try:
            _copy_output(qemu, time.monotonic() + time_limit)
            code = qemu.wait(timeout=10)
        except TimeoutError:
            raise GuestError(f"the guest was still running after {time_limit:.0f} s and has been killed") from None
        finally:
            qemu.kill()
    if code % 2 == 0 or code >> 1 < EXIT_BASE:
        raise GuestError(f"the guest ended without reporting a status (kernel panic?); QEMU's exit code is {code}")
    return (code >> 1) - EXIT_BASE


def _copy_output(qemu: subprocess.Popen[bytes], deadline: float) -> None:
    assert qemu.stdout is not None
    with selectors.DefaultSelector() as ready:
        ready.register(qemu.stdout, selectors.EVENT_READ)
        while ready.select(max(0.0, deadline - time.monotonic())):
            data = os.read(qemu.stdout.fileno(), 65536)
            if not data:
                return
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
    raise TimeoutError


def _qemu(root: Root, repo: Path, console: Path, pace: tuple[str, ...]) -> list[str]:
    # An oops ends the run: a driver that has crashed is a failure even if the tests went on.
    append = "root=/dev/vda ro console=ttyS0 loglevel=7 oops=panic panic=-1 init=/sbin/bench-init"
    return [
        "qemu-system-x86_64", *pace, "-smp", "2", "-cpu", "max", "-m", "1024",
        "-nodefaults", "-no-reboot", "-display", "none",
        "-kernel", str(root.kernel), "-initrd", str(root.initrd), "-append", append,
        "-drive", f"file={root.disk},format=raw,if=virtio,readonly=on",
        "-drive", f"file={repo},format=raw,if=virtio,readonly=on",
        "-serial", f"file:{console}", "-serial", "stdio",
        "-device", "isa-debug-exit,iobase=0xf4,iosize=0x04",
    ]  # fmt: skip
