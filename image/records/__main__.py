"""Commands of the image's build: `python3 -m image.records COMMAND`."""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from image.records import bill, choice, index, lock, manifest, mirror, tree


def main(arguments: list[str]) -> int:
    """Run one command. What a person can mend ends with a line that starts with "cannot"."""
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except (lock.BadLock, index.Unlisted, mirror.Unreachable, mirror.Unsolvable) as why:
        said = str(why).splitlines()
        first = next((line for line in said if line.startswith("E: ")), said[0])
        print(f"{why}\ncannot {options.purpose}: {first.removeprefix('E: ')}")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python3 -m image.records", description=__doc__)
    commands = parser.add_subparsers(required=True)

    def command(
        name: str, run: Callable[[argparse.Namespace], None], purpose: str, paths: str
    ) -> argparse.ArgumentParser:
        made = commands.add_parser(name, description=run.__doc__)
        made.set_defaults(run=run, purpose=purpose)
        for path in paths.split():
            made.add_argument(f"--{path}", type=Path, required=True, metavar="PATH")
        return made

    mirrored = "lock sources options scratch"
    for made in (
        command("choose", _choose, "choose the packages", f"{mirrored} out"),
        command("renew", _renew, "make the lock", mirrored),
    ):
        made.add_argument("--release", required=True, help="Debian's code name")
        made.add_argument("--architecture", required=True, help="Debian's name of it")
        made.add_argument("names", nargs="+", metavar="PACKAGE")
    command("differences", _differences, "read the lock", "lock packages")
    command("accept", _accept, "make the lock", "lock packages")
    command("installed", _installed, "list the packages", "tree")
    for made in (
        command("bill", _bill, "write the bill of materials", "tree packages wheels out"),
        command("manifest", _manifest, "write the manifest", "lock packages tools-lock tools image card records"),
    ):
        made.add_argument("--base", required=True)
        made.add_argument("--version", required=True)
        made.add_argument("--epoch", type=int, required=True, help="the commit's time in seconds")
    made.add_argument("--commit", required=True)
    made.add_argument("--release-url", required=True, help="folder that the image is published in")
    command("files", _files, "list the files", "tree out")
    return parser


def _choose(options: argparse.Namespace) -> None:
    """Say which packages the image is made of: the locked ones where a mirror has them."""
    locked = _read_lock(options.lock)
    own = options.sources.read_text()
    mirrors = [_mirror(options, own, "own")]
    if locked is not None:
        snapshot = choice.snapshot_sources(own, options.options, options.release, locked.snapshot)
        if snapshot:
            mirrors.insert(0, _mirror(options, snapshot, "snapshot"))
    chosen = choice.choose(locked, options.names, mirrors)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "packages").write_text(lock.lines(chosen.packages))
    (options.out / "preferences").write_text(mirror.preferences(chosen.packages))
    (options.out / "sources.list").write_text(chosen.sources)


def _differences(options: argparse.Namespace) -> None:
    """Print how packages differ from the lock, a line each."""
    for line in lock.differences(_read_lock(options.lock), _read_packages(options.packages)):
        print(line)


def _renew(options: argparse.Namespace) -> None:
    """Write the lock from what the builder's own mirror has now."""
    own = _mirror(options, options.sources.read_text(), "own")
    own.update()
    _write_lock(options.lock, choice.newest(own, options.names))


def _accept(options: argparse.Namespace) -> None:
    """Write the lock from the packages of a build."""
    _write_lock(options.lock, _read_packages(options.packages))


def _installed(options: argparse.Namespace) -> None:
    """Print the packages of a tree in which APT's indexes still are."""
    print(lock.lines(index.installed(options.tree)), end="")


def _bill(options: argparse.Namespace) -> None:
    """Write the bill of materials of a tree."""
    text = bill.bill(
        name=f"inkvm-{options.base}",
        version=options.version,
        epoch=options.epoch,
        packages=_read_packages(options.packages),
        installed=index.status(options.tree),
        libraries=bill.wheels(options.wheels.read_text()),
    )
    options.out.write_text(text)


def _files(options: argparse.Namespace) -> None:
    """Write the list of a tree's files."""
    options.out.write_text("".join(f"{entry}\n" for entry in tree.walk(options.tree)))


def _manifest(options: argparse.Namespace) -> None:
    """Write the manifest and the entry for Raspberry Pi Imager beside the image."""
    locked = _read_lock(options.lock)
    differ = lock.differences(locked, _read_packages(options.packages))
    differ += [
        f"tool {what}" for what in lock.differences(_read_lock(options.tools_lock), _read_packages(options.tools))
    ]
    prefix = f"inkvm-{options.base}"
    build = manifest.Build(
        base=options.base,
        version=options.version,
        commit=options.commit,
        epoch=options.epoch,
        image=_file(options.image),
        card=_file(options.card),
        records=[_file(options.records / f"{prefix}.{kind}") for kind in ("packages", "tools", "files", "spdx.json")],
        lock=locked,
        differences=differ,
    )
    (options.records / f"{prefix}.manifest.json").write_text(manifest.manifest(build))
    (options.records / f"{prefix}.os_list.json").write_text(manifest.catalogue(build, options.release_url))


def _mirror(options: argparse.Namespace, sources: str, name: str) -> mirror.Mirror:
    return mirror.Mirror(sources, options.options, options.architecture, options.scratch / name)


def _read_lock(path: Path) -> lock.Lock | None:
    return lock.parse(path.read_text(), str(path)) if path.exists() else None


def _read_packages(path: Path) -> frozenset[lock.Package]:
    return lock.packages(path.read_text(), str(path))


def _write_lock(path: Path, packages: frozenset[lock.Package]) -> None:
    """An unchanged set keeps its instant."""
    before = _read_lock(path)
    changes = lock.differences(before, packages)
    if changes:
        now = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        path.write_text(lock.render(lock.Lock(now, packages)))
    for line in (f"{path}: {len(packages)} packages, {len(changes)} changes", *changes):
        print("I:", line)  # as mmdebstrap marks what a person should see


def _file(path: Path) -> manifest.File:
    with path.open("rb") as stream:
        return manifest.File(path.name, path.stat().st_size, hashlib.file_digest(stream, "sha256").hexdigest())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
