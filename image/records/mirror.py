"""A Debian repository seen through APT, in a state of its own that this machine's packages have no part in."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

from image.records.index import offers
from image.records.lock import Package


class Unreachable(Exception):
    """APT cannot read the package indexes that a list of sources names."""


class Unsolvable(Exception):
    """The repository has no set of packages that holds all the wanted ones."""


class Mirror:
    """The repositories that `sources` (lines of sources.list) name, for one Debian architecture.

    `options` is a file of APT settings, `scratch` a folder that the indexes are kept in.
    """

    def __init__(self, sources: str, options: Path, architecture: str, scratch: Path) -> None:
        """Nothing is read from the network before `update`."""
        self.sources = sources
        for folder in ("lists/partial", "cache/archives/partial"):
            (scratch / folder).mkdir(parents=True, exist_ok=True)
        (scratch / "sources.list").write_text(sources)
        (scratch / "status").touch()
        self._preferences = scratch / "preferences"
        self._preferences.touch()
        self._settings = [
            f"--config-file={options}",
            f"-oDir::Etc::SourceList={scratch}/sources.list", "-oDir::Etc::SourceParts=/dev/null",
            f"-oDir::Etc::Preferences={self._preferences}", "-oDir::Etc::PreferencesParts=/dev/null",
            f"-oDir::State={scratch}", f"-oDir::State::Lists={scratch}/lists", f"-oDir::State::Status={scratch}/status",
            f"-oDir::State::extended_states={scratch}/extended_states", f"-oDir::Cache={scratch}/cache",
            f"-oAPT::Architecture={architecture}", f"-oAPT::Architectures={architecture}", "-oAPT::Sandbox::User=root",
            "-oAPT::Install-Recommends=false", "-oAcquire::Languages=none", "-oAcquire::http::Timeout=20",
        ]  # fmt: skip

    def update(self) -> None:
        """Fetch the indexes. Raises `Unreachable` with APT's words."""
        done = self._run("apt-get", "-qq", "--error-on=any", "update")
        if done.returncode:
            raise Unreachable(done.stderr.strip())

    def offers(self) -> dict[Package, bool]:
        """Every package offered, and whether it is essential: part of every Debian."""
        indexes = self._run("apt-get", "indextargets", "--format", "$(FILENAME)", "Created-By: Packages", check=True)
        offered: dict[Package, bool] = {}
        for path in indexes.stdout.splitlines():
            offered |= offers(self._run("/usr/lib/apt/apt-helper", "cat-file", path, check=True).stdout)
        return offered

    def solve(self, names: Iterable[str], only: Iterable[Package] | None = None) -> set[tuple[str, str]]:
        """Names and versions of what APT would install for `names` on an empty machine, without recommendations.

        With `only`, no other package may be taken. Raises `Unsolvable` with APT's words.
        """
        self._preferences.write_text("" if only is None else preferences(only))
        done = self._run("apt-get", "--simulate", "install", *sorted(names))
        if done.returncode:
            raise Unsolvable((done.stdout + done.stderr).strip())
        return set(re.findall(r"(?m)^Inst (\S+) \((\S+) ", done.stdout))

    def _run(self, *command: str, check: bool = False) -> subprocess.CompletedProcess[str]:
        program, *arguments = command
        return subprocess.run([program, *self._settings, *arguments], check=check, capture_output=True, text=True)


def preferences(only: Iterable[Package]) -> str:
    """The text of a preferences file with which APT installs these versions and nothing else. Source: apt_preferences(5)."""
    pins = [
        f"Package: {package.name}\nPin: version {package.version}\nPin-Priority: 1001\n" for package in sorted(only)
    ]
    return "\n".join(["Package: *\nPin: release *\nPin-Priority: -1\n", *pins])
