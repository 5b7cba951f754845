"""The direction of imports is the architecture: this test is its statement."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FOUNDATION = {"app", "app.status", "app.settings", "app.bus", "app.durable", "app.notify"}
DOMAINS = {"video", "stream", "hid", "gadget", "storage", "power", "net", "auth"}


def modules() -> Iterator[tuple[str, Path]]:
    """Every module of the two packages: its import name, its file."""
    for package in ("app", "epaper"):
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


NAMES = dict(modules())


def imports(path: Path) -> set[str]:
    """The project's modules that a file imports anywhere, functions and type checking included."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                found.add(inner if inner in NAMES else node.module or "")
    return {name for name in found if name.split(".")[0] in {"app", "epaper"}}


def allowed(module: str, imported: str) -> bool:
    """The rules, in the order of the layers."""
    layer = module.split(".")[1] if module.count(".") and module.startswith("app.") else module
    target = imported.split(".")[1] if imported.count(".") and imported.startswith("app.") else imported
    if imported.startswith("app.sim"):
        return layer in {"sim", "__main__"}
    if module.startswith("epaper"):
        return imported.startswith("epaper") or imported in {"app", "app.status", "app.settings", "app.notify"}
    if imported.startswith("epaper"):
        return False
    if layer == "__main__":
        return True
    if imported in FOUNDATION:
        return True
    if module in FOUNDATION:
        return False
    if layer in DOMAINS:
        return target == layer
    if layer == "web":
        return target in DOMAINS | {"web"}
    # The hardware's protocol, its two implementations, and the status socket.
    return target in DOMAINS | {"hardware"}


@pytest.mark.parametrize("module", sorted(NAMES))
def test_imports_point_one_way(module: str) -> None:
    wrong = sorted(name for name in imports(NAMES[module]) if name in NAMES and not allowed(module, name))
    assert wrong == []


def test_the_rules_refuse_what_they_should() -> None:
    assert not allowed("app.video.capture", "app.stream.hub")
    assert not allowed("app.hid.output", "app.web.clients")
    assert not allowed("app.web.server", "app.sim.target")
    assert not allowed("app.status", "app.bus")
    assert not allowed("epaper.view", "app.web.server")
    assert not allowed("app.board", "app.sim.machine")
    assert allowed("app.web.ws_stream", "app.stream.hub")
    assert allowed("app.__main__", "app.sim.machine")


def test_nothing_imports_in_a_circle() -> None:
    graph = {name: {other for other in imports(path) if other in NAMES} for name, path in NAMES.items()}
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " -> ".join((*trail, name))
        if name not in done:
            for other in graph[name]:
                visit(other, (*trail, name))
            done.add(name)

    for name in graph:
        visit(name, ())
