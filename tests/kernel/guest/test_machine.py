"""The bench itself: the drivers that stand in for the board's are there."""

import platform
from pathlib import Path


def test_kernel_drivers_are_loaded() -> None:
    loaded = {line.split()[0] for line in Path("/proc/modules").read_text().splitlines()}
    assert {"vivid", "dummy_hcd", "libcomposite", "usb_f_hid", "usbhid", "hid_generic"} <= loaded


def test_python_is_the_devices() -> None:
    assert platform.python_version().startswith("3.13.")


def test_controller_and_capture_nodes_exist() -> None:
    assert [path.name for path in Path("/sys/class/udc").iterdir()] == ["dummy_udc.0"]
    assert Path("/dev/video0").exists()
