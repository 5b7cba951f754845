"""The direction of imports is the architecture: this test is its statement."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FOUNDATION = {
    "app",
    "status",
    "settings",
    "bus",
    "durable",
    "notify",
    "identity",
    "wifi",
    "cable",
    "chance",
    "clock",
    "writer",
}
DOMAINS = {"video", "stream", "hid", "gadget", "storage", "power", "net", "auth", "card"}
MAY_IMPORT = {
    **{name: {"app"} for name in FOUNDATION},
    "bus": {"status"},
    "clock": {"status"},
    **{domain: FOUNDATION | {domain} for domain in DOMAINS},
    # Passwords are judged and hashed by those who check them later, and the gadget's profile is one that can be had.
    "firstrun": FOUNDATION | {"firstrun", "status_line", "app.auth.passwords", "app.auth.errors"} | {"gadget"},
    "options": {"app", "settings", "clock"},
    "hardware": FOUNDATION | {"hid", "video", "gadget"},
    "board": FOUNDATION | {"hid", "video", "gadget"},
    "hands_off": {"gadget", "hid"},
    "heat": {"status"},
    "inherited": set(),
    "lasting": {"status"},
    "entrance": {"options", "auth", "chance", "clock", "writer"},
    "networking": {"identity", "bus", "chance", "auth", "net", "web"},
    "operating": {"bus", "status", "hardware", "supervisor", "gadget", "hid", "web"},
    "supervisor": {"bus"},
    "viewing": {"settings", "bus", "status", "hardware", "reboot", "supervisor", "stream", "video", "web"},
    "ports": {"inherited", "options", "settings", "web"},
    "prepare": {"durable", "firstrun", "auth"},
    "reboot": {"app", "durable"},
    "status_line": {"status"},
    "status_socket": {"status", "status_line", "bus"},
    "web": FOUNDATION | DOMAINS | {"web"},
    "sim": FOUNDATION | DOMAINS | {"sim"},
    "__main__": FOUNDATION
    | DOMAINS
    | {
        "options",
        "hardware",
        "board",
        "heat",
        "lasting",
        "app.firstrun.outcome",
        "entrance",
        "networking",
        "operating",
        "ports",
        "reboot",
        "supervisor",
        "viewing",
        "status_socket",
        "web",
        "sim",
    },
    "epaper": {"epaper", "app", "status", "status_line", "settings", "notify", "durable", "cable", "app.net.addresses"},
    "image": {"image", "settings"},
}
"""Layer to the layers, or single modules, that it may import. A domain never imports another one, and nobody but the command line the simulation."""


def modules() -> Iterator[tuple[str, Path]]:
    """Every module of the three packages: its import name, its file."""
    for package in ("app", "epaper", "image"):
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
    return {name for name in found if name.split(".")[0] in {"app", "epaper", "image"}}


def layer(module: str) -> str:
    """A folder or a top-level module of `app`, or all of another package."""
    parts = module.split(".")
    return parts[1] if parts[0] == "app" and len(parts) > 1 else parts[0]


def allowed(module: str, imported: str) -> bool:
    """Whether the table above lets the one import the other."""
    return not MAY_IMPORT[layer(module)].isdisjoint({layer(imported), imported})


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
    assert not allowed("epaper.command", "app.net")
    assert not allowed("app.board", "app.sim.machine")
    assert not allowed("app.settings", "image.firmware.facts")
    assert not allowed("image.firmware.wiring", "app.status")
    assert allowed("app.web.ws_stream", "app.stream.hub")
    assert allowed("app.__main__", "app.sim.machine")
    assert allowed("epaper.command", "app.net.addresses")


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
