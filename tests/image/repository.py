"""A Debian repository of made-up packages in a folder, for the APT of this machine."""

from __future__ import annotations

import hashlib
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Deb:
    """A package to be built; `content` is what its one file says."""

    name: str
    version: str
    depends: str = ""
    essential: bool = False
    content: str = ""

    def control(self) -> str:
        """Its control file."""
        fields = {
            "Package": self.name, "Version": self.version, "Architecture": "all", "Maintainer": "Nobody <nobody@localhost>",
            "Essential": "yes" if self.essential else "", "Depends": self.depends, "Description": "made up",
        }  # fmt: skip
        return "".join(f"{key}: {value}\n" for key, value in fields.items() if value)


def publish(folder: Path, debs: list[Deb], suite: str = "trixie") -> str:
    """Make `folder` a repository that has these packages and no others; the line of sources.list for it."""
    pool = folder / "pool"
    index = folder / f"dists/{suite}/main/binary-amd64"
    index.mkdir(parents=True, exist_ok=True)
    pool.mkdir(exist_ok=True)
    stanzas = []
    for deb in debs:
        built = _build(deb, pool)
        stanzas.append(
            f"{deb.control()}Filename: pool/{built.name}\nSize: {built.stat().st_size}\nSHA256: {_sha256(built)}\n"
        )
    (index / "Packages").write_text("\n".join(stanzas))
    packages = f"{_sha256(index / 'Packages')} {(index / 'Packages').stat().st_size} main/binary-amd64/Packages"
    (index.parents[1] / "Release").write_text(
        f"Origin: Debian\nSuite: {suite}\nCodename: {suite}\nArchitectures: amd64\nComponents: main\n"
        f"Date: Thu, 01 Jan 2026 00:00:00 UTC\nSHA256:\n {packages}\n"
    )
    return f"deb [trusted=yes] file://{folder} {suite} main\n"


def _build(deb: Deb, pool: Path) -> Path:
    tree = pool / "tree"
    (tree / "DEBIAN").mkdir(parents=True, exist_ok=True)
    (tree / "DEBIAN/control").write_text(deb.control())
    (tree / deb.name).write_text(deb.content)
    built = pool / f"{deb.name}_{deb.version}.deb"
    command = ["dpkg-deb", "--root-owner-group", "-Znone", "--build", tree, built]
    subprocess.run(command, check=True, capture_output=True, env=os.environ | {"SOURCE_DATE_EPOCH": "0"})
    (tree / deb.name).unlink()
    return built


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
