"""Boots the image for a person; `image/vm` starts it, on machines that have nothing but the standard library."""

from __future__ import annotations

import argparse
import secrets
import signal
import sys

from tests.qemu.machine import IMAGE, KINDS, Machine, MachineFailed, unpacked


def main() -> int:
    """Boot the image for a person, with a fresh password that is valid in this machine alone."""
    parser = argparse.ArgumentParser(prog="image/vm", description="Boot the Debian image in QEMU.")
    parser.add_argument("--machine", choices=KINDS, default="virt")
    parser.add_argument("--port", type=int, default=8443)
    options = parser.parse_args()
    if not IMAGE.exists():
        print(f"{IMAGE} is missing: make image BASE=debian", file=sys.stderr)
        return 1
    password = secrets.token_urlsafe(9)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    with Machine(options.machine, unpacked(), options.port, password) as machine:
        print(f"booting on {machine.kind}; its serial console: {machine.console}", flush=True)
        try:
            seconds = machine.wait_for_https()
            print(
                f"answered after {seconds:.0f} s\n\n  https://localhost:{machine.port}\n  admin  {password}\n\nCtrl-C ends it",
                flush=True,
            )
            signal.sigwait({signal.SIGINT, signal.SIGTERM})
        except MachineFailed as error:
            print(error, file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
