"""Names in the local network: the device's avahi, and one of somebody else's in a namespace, with a bus of its own."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from tests.kernel.guest.wireless import OVERLAY, until

CONFIG = OVERLAY / "etc/avahi/avahi-daemon.conf"
BUS = Path("/run/other-bus")


@contextmanager
def running(*command: str, environment: dict[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """A process, for as long as the block lasts."""
    process = subprocess.Popen(command, env={**os.environ, **(environment or {})}, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def published() -> AbstractContextManager[subprocess.Popen[bytes]]:
    """The device's own avahi."""
    return running("avahi-daemon", "--no-drop-root", "--no-chroot", "-f", str(CONFIG))


class Resolver:
    """A machine of the same name, in a namespace; `environment` is how to speak to its avahi."""

    def __init__(self, namespace: str) -> None:
        self._namespace = namespace
        self.environment = {"DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={BUS}"}

    @contextmanager
    def running(self) -> Iterator[None]:
        """Its bus and its avahi."""
        with running("dbus-daemon", "--system", "--nofork", "--nopidfile", f"--address=unix:path={BUS}"):
            until(BUS.exists, "the other bus does not start")
            hidden = "mount -t tmpfs tmpfs /run/avahi-daemon && exec avahi-daemon --no-drop-root --no-chroot -f $0"
            avahi = ("ip", "netns", "exec", self._namespace, "unshare", "--mount", "sh", "-c", hidden)
            Path("/run/avahi-daemon").mkdir(exist_ok=True)
            with running(*avahi, "/etc/avahi/avahi-daemon.conf", environment=self.environment):
                yield
        BUS.unlink(missing_ok=True)

    def asked(self, *command: str) -> str:
        """What avahi's tool prints there."""
        return subprocess.run(
            ["ip", "netns", "exec", self._namespace, *command], env={**os.environ, **self.environment},
            capture_output=True, text=True, check=False,
        ).stdout  # fmt: skip

    def address(self, name: str) -> str:
        """The IPv4 address of a name; empty where nobody has it."""
        return "".join(self.asked("avahi-resolve", "-4", "--name", name).split()[1:])
