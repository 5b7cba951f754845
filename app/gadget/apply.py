"""Makes one gadget's ConfigFS folder what the plan says, and takes it away again.

The kernel refuses to change what is linked or bound, so a folder that differs in anything (half built by a run that was
killed, made by somebody else, of an older plan) is taken down and built anew.
"""

from __future__ import annotations

import errno
from collections.abc import Sequence
from pathlib import Path

from app.gadget.plan import Attribute, Entry, Folder, GadgetError, Link


class ControllerBusyError(GadgetError):
    """Another gadget has the controller. It is not ours to take down."""


class Gadget:
    """One folder of `usb_gadget`.

    Args:
        configfs: where ConfigFS is mounted.
        name: of the folder.
    """

    def __init__(self, configfs: Path, name: str) -> None:
        self._gadgets = configfs / "usb_gadget"
        self._root = self._gadgets / name

    def up(self, plan: Sequence[Entry], udc: str) -> bool:
        """Build the plan and bind it to the controller; whether anything had to be done.

        Raises:
            GadgetError: the kernel or the controller does not give what is asked; the message says what.
            OSError: anything else, such as missing rights.
        """
        if not self._gadgets.is_dir():
            raise GadgetError(f"{self._gadgets} does not exist: mount configfs there and load the module libcomposite")
        self._refuse_foreign(udc)
        if not self._matches(plan):
            self.down()
            self._build(plan)
        if self._bound() == udc:
            return False
        self._unbind()
        self._bind(udc)
        return True

    def down(self) -> None:
        """Unbind and remove the folder, whatever it holds. Does nothing when there is none."""
        if not self._root.is_dir():
            return
        self._unbind()
        for path in reversed(self._found()):
            if path.is_symlink():
                path.unlink()
            else:
                path.rmdir()
        self._root.rmdir()

    def _found(self) -> list[Path]:
        """What was made here, in the kernel's order of making; the folders that the kernel adds itself are left out."""
        patterns = (
            "strings/*",
            "functions/*",
            "functions/*/lun.[1-9]*",
            "configs/*",
            "configs/*/strings/*",
        )
        folders = [path for pattern in patterns for path in sorted(self._root.glob(pattern))]
        links = [path for pattern in ("configs/*/*", "os_desc/*") for path in self._root.glob(pattern)]
        return folders + [path for path in links if path.is_symlink()]

    def _matches(self, plan: Sequence[Entry]) -> bool:
        if not self._root.is_dir():
            return False
        planned = {self._root / entry.path for entry in plan if not isinstance(entry, Attribute)}
        return set(self._found()) == planned and all(self._holds(entry) for entry in plan)

    def _holds(self, entry: Entry) -> bool:
        path = self._root / entry.path
        match entry:
            case Attribute(value=bytes(value)):
                return path.read_bytes() == value
            case Attribute(value=int(value)):
                return int(path.read_text(), 0) == value
            case Attribute(value=value):
                return path.read_text().removesuffix("\n") == value
            case Link(target=target):
                return path.resolve() == (self._root / target).resolve()
        return path.is_dir()

    def _build(self, plan: Sequence[Entry]) -> None:
        self._root.mkdir()
        for entry in plan:
            path = self._root / entry.path
            match entry:
                case Attribute(value=value):
                    path.write_bytes(value if isinstance(value, bytes) else str(value).encode())
                case Link(target=target):
                    path.symlink_to(self._root / target)
                case Folder():
                    _make(path)

    def _bound(self) -> str:
        return (self._root / "UDC").read_text().strip()

    def _unbind(self) -> None:
        if self._bound():
            (self._root / "UDC").write_text("\n")

    def _bind(self, udc: str) -> None:
        try:
            (self._root / "UDC").write_text(udc)
        except OSError as error:
            # Kernels up to 5.x say ENODEV; since then the driver core's EBUSY stands for every reason (udc/core.c).
            if error.errno in (errno.ENODEV, errno.EBUSY):
                raise GadgetError(
                    f"USB controller {udc} refuses the gadget ({errno.errorcode[error.errno]}): it is gone, in use, "
                    "or has too few endpoints; the kernel log says which"
                ) from error
            raise

    def _refuse_foreign(self, udc: str) -> None:
        for other in self._gadgets.iterdir():
            if other != self._root and (other / "UDC").read_text().strip() == udc:
                raise ControllerBusyError(f"USB controller {udc} is used by another gadget: {other}")


def _make(path: Path) -> None:
    try:
        path.mkdir()
    except OSError as error:
        kind = path.name.partition(".")[0]
        if path.parent.name == "functions" and error.errno == errno.ENOENT:
            raise GadgetError(f"the kernel has no USB function {kind!r}: load the module usb_f_{kind}") from error
        if path.parent.name == "functions" and error.errno == errno.ENODEV:
            raise GadgetError(f"no {kind} node is left for {path.name}: other gadgets have them") from error
        raise
