"""The node on a made-up sysfs, and how often the output has it looked for."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.hid.hidg import HidgPort
from app.hid.mouse import Pointer, newest
from app.hid.output import Output

LOOKS = ("open", "os.listdir", "os.scandir")
"""What Python says before it opens or searches something."""
_counting: list[list[str]] = []


def _hook(event: str, _arguments: tuple[object, ...]) -> None:
    if event in LOOKS:
        for looks in _counting:
            looks.append(event)


@contextmanager
def counted() -> Iterator[list[str]]:
    """What was opened and searched meanwhile. A hook of Python's cannot be taken back, so there is one for all."""
    if not _counting:
        sys.addaudithook(_hook)
    looks: list[str] = []
    _counting.append(looks)
    yield looks
    _counting.remove(looks)


class Tree:
    """ConfigFS, sysfs and /dev with a pointer whose node refuses every report."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.function = folder / "gadget/functions/hid.pointer"
        self.node = folder / "nodes/hidg0"
        for path in (self.function, self.node, folder / "dev"):
            path.mkdir(parents=True)
        (self.function / "dev").write_text("240:0\n")
        os.mkfifo(folder / "gadget/UDC")  # whoever opens it waits, as while the kernel binds
        (self.node / "dev").write_text("240:0\n")
        self.sleeps("udc.0", "gadget\n", "0\n")
        (folder / "dev/hidg0").symlink_to("/dev/full")

    def sleeps(self, controller: str, whose: str, flag: str) -> None:
        """What a controller says of the gadget that it is bound to."""
        folder = self._folder / "udc" / controller
        (folder / "device/gadget.0").mkdir(parents=True, exist_ok=True)
        (folder / "function").write_text(whose)
        (folder / "device/gadget.0/suspended").write_text(flag)

    def port(self) -> HidgPort:
        return HidgPort("hid.pointer", *(self._folder / name for name in ("gadget", "nodes", "dev", "udc")))


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


@pytest.mark.parametrize("node", [True, False], ids=["refuses", "is-missing"])
async def test_nothing_is_opened_for_a_report_that_cannot_be_delivered(tree: Tree, node: bool) -> None:
    if not node:
        (tree.function / "dev").unlink()
    pointer, lost = Pointer(), []
    output = Output(
        tree.port(),
        asyncio.get_running_loop(),
        pointer.report,
        pointer.release,
        lost=lambda count, _why: lost.append(count),
    )
    output.renew()
    with counted() as looks:
        await asyncio.sleep(0)  # it is looked for once more at once
        before = len(looks)
        for place in range(100):
            output.send(pointer.move(place, place), newest)
            output.send(pointer.button("left", True))
        assert len(looks) == before
    assert len(lost) == 100
    await output.stop()


def test_a_node_that_is_not_there_is_looked_for_once_until_it_is_given_back(tree: Tree) -> None:
    number = (tree.function / "dev").read_text()
    (tree.function / "dev").unlink()
    port = tree.port()
    for _ in range(2):
        with pytest.raises(OSError, match=r"hid\.pointer is not up"):
            port.fileno()
        (tree.function / "dev").write_text(number)
    port.close()
    assert port.fileno() >= 0
    port.close()


def test_asleep_is_what_the_controller_of_our_own_gadget_says(tree: Tree) -> None:
    port = tree.port()
    for ours, other in (("1\n", "0\n"), ("0\n", "1\n")):
        tree.sleeps("udc.0", "gadget\n", ours)
        tree.sleeps("another.0", "g1\n", other)
        assert port.asleep() == (ours == "1\n")
        port.close()
    tree.sleeps("udc.0", "", "1\n")
    assert not port.asleep(), "it is bound to nothing"
