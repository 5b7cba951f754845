"""The appliance as a process that tests may stop, kill and start again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
USER = "admin"
PASSWORD = "correct horse"
_READY = "inkvm is at "
_LISTEN = "0A"
"""TCP_LISTEN, as the kernel writes it."""


class Appliance:
    """`python3 -m app --simulate`, or another module in its place, with its state below `folder`. After the first start it keeps its port."""

    def __init__(self, folder: Path, *arguments: str, module: str = "app", **environment: str) -> None:
        """`arguments` and `environment` are added; with `--unclaimed` there is no password."""
        self.folder = folder
        self._module = module
        self._arguments = arguments
        self._environment = environment
        self.panel = folder / "runtime"
        self._port = "0"
        self._process: subprocess.Popen[str] | None = None
        self.url = ""

    def start(self) -> None:
        """Start, and wait until it says where it listens. Raises RuntimeError with its last words if it does not."""
        command = [sys.executable, "-m", self._module, "--simulate", "--listen", "127.0.0.1", "--port", self._port]
        command += ["--state", str(self.folder / "state"), "--runtime", str(self.folder / "runtime"), *self._arguments]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), **self._environment}
        if "--unclaimed" not in self._arguments:
            environment["INKVM_ADMIN_PASSWORD"] = PASSWORD
        log = self.folder / "log"
        with log.open("w") as errors:
            self._process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=errors, env=environment, cwd=self.folder, text=True
            )
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith(_READY):
                self.url = line.removeprefix(_READY).strip()
                self._port = self.url.rstrip("/").rpartition(":")[2]
                return
        self.kill()
        raise RuntimeError(f"the appliance did not start:\n{log.read_text()}")

    def freeze(self) -> None:
        """Stop it in the middle of what it does, its connections open."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def change_mode(self) -> None:
        """Tell the target to send another mode; see tests/browser/modes.py."""
        self._signal(signal.SIGUSR1)

    def processor_time(self) -> float:
        """Seconds that it has computed so far, all its threads together. Source: proc_pid_stat(5)."""
        assert self._process is not None
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def kept_waiting(self) -> float:
        """Seconds that its threads, all together, were ready and the machine had no processor for them. Source: the kernel's sched-stats.rst."""
        assert self._process is not None
        tasks = Path(f"/proc/{self._process.pid}/task").glob("*/schedstat")
        return sum(int(task.read_text().split()[1]) for task in tasks) / 1e9

    def listening(self) -> set[int]:
        """The TCP ports that it listens on, and the UDP ones that it has. Source: proc_pid_net(5)."""
        assert self._process is not None
        home = Path(f"/proc/{self._process.pid}")
        mine = {str(each.readlink()) for each in (home / "fd").iterdir()}
        ports = set()
        for kind in ("tcp", "tcp6", "udp", "udp6"):
            for line in (home / "net" / kind).read_text().splitlines()[1:]:
                _, local, _, state, *_, inode = line.split()[:10]
                if f"socket:[{inode}]" in mine and (state == _LISTEN or kind.startswith("udp")):
                    ports.add(int(local.rpartition(":")[2], 16))
        return ports

    def log(self) -> str:
        """What it wrote to its log since the start."""
        return (self.folder / "log").read_text()

    def kill(self) -> None:
        """End it without warning, as a power cut does. Nothing happens when it does not run."""
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._process = None

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)
