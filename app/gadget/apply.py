"""Makes one gadget's ConfigFS folder what the plan says, and takes it away again. What to do is for `steps` to say."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from pathlib import Path

from app.gadget import steps
from app.gadget.plan import Attribute, Folder, GadgetError, Link, Plan
from app.gadget.steps import Bind, Found, Remove, Step, Unbind, Unlink


class ControllerBusyError(GadgetError):
    """Another gadget has the controller. It is not ours to take down."""


class Gadget:
    """One folder of `usb_gadget`.

    Args:
        configfs: where ConfigFS is mounted.
        name: of the folder.
        controllers: where sysfs lists the USB device controllers.
    """

    def __init__(self, configfs: Path, name: str, controllers: Path = Path("/sys/class/udc")) -> None:
        self._gadgets = configfs / "usb_gadget"
        self._root = self._gadgets / name
        self._controllers = controllers

    def up(self, plan: Plan, udc: str) -> bool:
        """Build the plan and bind it to the controller; whether anything had to be done.

        Raises:
            GadgetError: the kernel or the controller does not give what is asked; the message says what.
            OSError: anything else, such as missing rights.
        """
        if not self._gadgets.is_dir():
            raise GadgetError(f"{self._gadgets} does not exist: mount configfs there and load the module libcomposite")
        self._refuse_foreign(udc)
        wanted = list(steps.up(self._found(plan), plan, udc))
        for step in wanted:
            self.perform(step, plan.demand)
        return bool(wanted)

    def down(self) -> None:
        """Unbind and remove the folder, whatever it holds. Does nothing when there is none."""
        for step in steps.down(self._found(None)):
            self.perform(step)

    def functions(self) -> list[str] | None:
        """The names of the functions that the host sees; None while it sees none. Does not block.

        The controllers say whether it sees any: ConfigFS's `UDC` makes whoever reads it wait while a gadget is bound
        (`gadget_dev_desc_UDC_show` in drivers/usb/gadget/configfs.c), and names a controller that has gone away as well.
        """
        for controller in self._controllers.glob("*/function"):
            with suppress(OSError):  # it is just going away
                if controller.read_text().strip() == self._root.name:
                    return [path.name for path in self._root.glob("configs/*/*.*")]
        return None

    def perform(self, step: Step, endpoints: str = "") -> None:
        """Do one step: a single change to the kernel, which is there or not when power goes. `endpoints` is for an error's words."""
        match step:
            case Folder(path):
                _make(self._root / path)
            case Attribute(path, value):
                _write(self._root / path, value if isinstance(value, bytes) else str(value).encode())
            case Link(path, target):
                (self._root / path).symlink_to(self._root / target)
            case Unlink(path):
                (self._root / path).unlink()
            case Remove(path):
                _remove(self._root / path)
            case Unbind():
                _write(self._root / "UDC", b"\n")
            case Bind(udc):
                self._bind(udc, endpoints)

    def _found(self, plan: Plan | None) -> Found | None:
        if not self._root.is_dir():
            return None
        folders, links = [], {}
        for folder, inner, _files in os.walk(self._root):
            for path in (Path(folder, name) for name in sorted(inner)):
                name = str(path.relative_to(self._root))
                if path.is_symlink():
                    links[name] = os.path.relpath(path.resolve(), self._root)
                else:
                    folders.append(name)
        named = {entry.path for entry in plan.entries if isinstance(entry, Attribute)} if plan else set()
        strings = {str(path.relative_to(self._root)) for path in self._root.glob("strings/*/*")}
        values = {name: (self._root / name).read_bytes() for name in named | strings if (self._root / name).is_file()}
        return Found(tuple(folders), links, values, (self._root / "UDC").read_text().strip())

    def _bind(self, udc: str, endpoints: str) -> None:
        try:
            _write(self._root / "UDC", udc.encode())
        except OSError as error:
            # Kernels up to 5.x say ENODEV; since then the driver core's EBUSY stands for every reason (udc/core.c).
            if error.errno in (errno.ENODEV, errno.EBUSY):
                raise GadgetError(self._refusal(udc, errno.errorcode[error.errno], endpoints)) from error
            raise

    def _refusal(self, udc: str, name: str, endpoints: str) -> str:
        controller = self._controllers / udc
        if not controller.exists():
            return f"USB controller {udc} is not there ({name})"
        if driver := (controller / "function").read_text().strip():
            return f"USB controller {udc} is used by {driver} ({name})"
        return f"USB controller {udc} refuses the gadget ({name}), which takes {endpoints}: has it fewer?"

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


def _write(path: Path, value: bytes) -> None:
    """Set an attribute. Raises GadgetError where this kernel does not know it, or has it in use."""
    try:
        with path.open("r+b", buffering=0) as attribute:
            attribute.write(value)
    except OSError as error:
        if error.errno == errno.ENOENT:
            raise GadgetError(f"this kernel knows no {path.name} of {path.parent.name}") from error
        if error.errno == errno.EBUSY and path.name != "UDC":
            raise GadgetError(f"{path} cannot be set while it is linked or in use") from error
        raise


def _remove(path: Path) -> None:
    try:
        path.rmdir()
    except PermissionError as error:
        if error.errno != errno.EPERM:  # a folder of the kernel's own goes with the one around it
            raise
