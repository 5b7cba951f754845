"""The image in QEMU: on QEMU's own arm64 machine, and on the board's processor from an emulated SD card.

Kernel, device tree and initial RAM disk are the ones on the image's own slot A, read with mtools. Standard library only,
because `image/vm` starts it on machines that have nothing else.
"""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
import socket
import ssl
import struct
import subprocess
import tempfile
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Self

REPOSITORY = Path(__file__).resolve().parents[2]
IMAGE = REPOSITORY / "dist" / "inkvm-debian.img.zst"

_SECTOR = 512
_SLOT_A = 2
_SCRIPT_UNIT = """[Unit]
Wants=inkvm.service inkvm-epaper.service dev-disk-by\\x2did-virtio\\x2dscript.device
After=inkvm.service inkvm-epaper.service dev-disk-by\\x2did-virtio\\x2dscript.device
[Service]
Environment=PYTHONPATH=/usr/lib/inkvm
ExecStart=/usr/bin/python3 -u /dev/disk/by-id/virtio-script
StandardOutput=tty
StandardError=tty
TTYPath=/dev/console
"""
MAC = "52:54:00:49:4b:56"
_RAM = 512
"""MiB; QEMU's raspi3b has 1 GiB, of which the kernel is told to use what the board has."""

_QUICK, _STEADY = ("-accel", "tcg,thread=multi"), ("-accel", "tcg,thread=single", "-icount", "shift=2")
_SLOT = {"virt": "if=none,id=card", "raspi3b": "if=sd"}
_THROWN_AWAY, _KEPT = "snapshot=on", "cache=unsafe"
"""What the machine writes to its card. Kept without the host's flushes: QEMU is killed, the computer is not."""

_HARDWARE = {
    "virt": [
        "-M", "virt", "-cpu", "cortex-a53", "-smp", "2", "-m", str(_RAM),
        "-device", "virtio-blk-device,drive=card",
        "-netdev", "{adapter}", "-device", "virtio-net-device,netdev=net,mac={mac}",
    ],
    "raspi3b": [
        "-M", "raspi3b", "-dtb", "{boot}/bcm2837-rpi-zero-2-w.dtb",
        "-netdev", "{adapter}", "-device", "usb-net,netdev=net",
    ],
}  # fmt: skip
_FORWARDED = "user,id=net,hostfwd=tcp:127.0.0.1:{port}-:443"
# An emulated processor on a busy computer is far slower than the board: systemd's own patience must not decide.
_PATIENCE = "systemd.default_timeout_start_sec=900 systemd.default_device_timeout_sec=900"
_CONSOLE = {"virt": "console=ttyAMA0", "raspi3b": f"console=ttyAMA0 mem={_RAM}M"}

KINDS = tuple(_HARDWARE)


class MachineFailed(Exception):
    """The machine stopped or did not answer; the message ends with the last lines of its serial console."""


def unpacked(image: Path = IMAGE, cache: Path = REPOSITORY / "build" / "vm") -> Path:
    """The raw image of a compressed one; unpacked once, and kept until the compressed one changes."""
    with image.open("rb") as packed:
        digest = hashlib.file_digest(packed, "sha256").hexdigest()
    raw = cache / f"{image.name.removesuffix('.zst')}-{digest[:16]}"
    if not raw.exists():
        shutil.rmtree(cache, ignore_errors=True)
        cache.mkdir(parents=True)
        partial = raw.with_suffix(".partial")
        subprocess.run(["zstd", "-q", "-d", "--sparse", image, "-o", partial], check=True)
        partial.rename(raw)
    return raw


def partition_start(image: Path, number: int) -> int:
    """Byte offset of a primary partition, from the image's own MBR (entry of 16 bytes, LBA start at 8)."""
    with image.open("rb") as disk:
        mbr = disk.read(_SECTOR)
    (start,) = struct.unpack_from("<I", mbr, 446 + 16 * (number - 1) + 8)
    return int(start) * _SECTOR


class Machine(AbstractContextManager["Machine"]):
    """One running machine; what it writes is thrown away unless `keep` is set.

    Args:
        kind: `virt` or `raspi3b`.
        image: the raw image.
        port: of this computer, forwarded to the device's port 443; 0 takes a free one.
        password: preset for the administrator, handed over as a systemd credential.
        arguments: more words for the kernel's command line.
        script: a Python program that the machine runs as root once it is up, with its output on the console; `virt` only.
        keep: write to the image itself, as to a card that stays in its slot; `virt` only, like the next two.
        card: the card's drive in QEMU's words instead; its id has to be `card`.
        devices: more words for QEMU's command line.
        steady: the machine's clock counts its instructions, so that a busy computer makes it slow and never late. On one
            of the computer's processors alone.
        adapter: what is on the other end of its network adapter in QEMU's words instead of a port of this computer; the id has to be `net`.
        inside: what QEMU is started by.
    """

    def __init__(
        self, kind: str, image: Path, port: int = 0, password: str = "", arguments: str = "", *, script: str = "",
        keep: bool = False, card: Sequence[str] = (), devices: Sequence[str] = (), steady: bool = False,
        adapter: str = "", inside: Sequence[str] = (),
    ) -> None:  # fmt: skip
        self.kind = kind
        self.port = port or _free_port()
        self._image = image
        self._password = password
        self._arguments = arguments
        self._script = script
        drive = f"{_SLOT[kind]},format=raw,file={image},{_KEPT if keep else _THROWN_AWAY}"
        self._card = card or ("-drive", drive)
        self._devices = devices
        self._steady = steady
        self._adapter = adapter or _FORWARDED.format(port=self.port)
        self._inside = inside
        self._folder = Path(tempfile.mkdtemp(prefix=f"inkvm-{kind}-"))
        self.console = self._folder / "console.log"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        boot = self._folder / "boot"
        boot.mkdir()
        slot = f"{self._image}@@{partition_start(self._image, _SLOT_A)}"
        subprocess.run(["mcopy", "-s", "-i", slot, "::*", boot], check=True)
        command = [
            *self._inside, "qemu-system-aarch64", *(_STEADY if self._steady else _QUICK), "-display", "none", "-monitor", "none", "-no-reboot",
            "-serial", f"file:{self.console}", "-kernel", str(boot / "kernel8.img"), "-initrd", str(boot / "initrd.img"),
            "-append", self._command_line((boot / "cmdline.txt").read_text()),
            *self._card, *(word.format(boot=boot, adapter=self._adapter, mac=MAC) for word in _HARDWARE[self.kind]),
            *self._devices,
        ]  # fmt: skip
        if self._script:
            command += self._second_disk()
        with (self._folder / "qemu.log").open("wb") as log:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        shutil.rmtree(self._folder)

    def kill(self) -> None:
        """Pull the plug."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def wait_for_end(self, timeout: float = 300) -> None:
        """Wait until QEMU ends, which a reset of the machine does. Raises MachineFailed."""
        assert self._process is not None
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise MachineFailed(f"{self.kind}: still running after {timeout:.0f} s\n{self.tail()}") from None

    def wait_for_https(self, timeout: float = 300) -> float:
        """Wait until the device completes a TLS handshake. Returns the seconds since this call.

        Raises:
            MachineFailed: QEMU ended, or nothing answered in time.
        """
        began = time.monotonic()
        while not _greets(self.port):
            self._check_running()
            if time.monotonic() - began > timeout:
                raise MachineFailed(f"{self.kind}: nothing answered on port 443 within {timeout:.0f} s\n{self.tail()}")
            time.sleep(0.5)
        return time.monotonic() - began

    def wait_for_console(self, text: str | re.Pattern[str], timeout: float = 300) -> float:
        """Wait until the serial console has shown the text. Returns the seconds since this call; raises MachineFailed."""
        pattern = re.compile(re.escape(text)) if isinstance(text, str) else text
        began = time.monotonic()
        while not self.console.exists() or not pattern.search(self.console.read_text(errors="replace")):
            self._check_running()
            if time.monotonic() - began > timeout:
                raise MachineFailed(f"{self.kind}: no {text!r} on the console within {timeout:.0f} s\n{self.tail()}")
            time.sleep(0.2)
        return time.monotonic() - began

    def tail(self, lines: int = 60) -> str:
        """The last lines of QEMU's own messages and of the serial console."""
        texts = [
            path.read_text(errors="replace") for path in (self._folder / "qemu.log", self.console) if path.exists()
        ]
        return "\n".join("\n".join(texts).splitlines()[-lines:])

    def _command_line(self, shipped: str) -> str:
        """The image's own command line with the machine's console in place of the firmware's `serial0`."""
        words = [word for word in shipped.split() if not word.startswith("console=")]
        words += [_CONSOLE[self.kind], _PATIENCE]
        if self._password:
            words.append(_credential("inkvm.admin-password", self._password))
        if self._script:
            words += [_credential("systemd.extra-unit.script.service", _SCRIPT_UNIT), "systemd.wants=script.service"]
        return " ".join([*words, self._arguments])

    def _second_disk(self) -> list[str]:
        """The script itself is the disk: padded with empty lines, so that Python can read the device as a file."""
        disk = self._folder / "script.py"
        content = self._script.encode()
        disk.write_bytes(content + b"\n" * (-len(content) % _SECTOR))
        drive = f"if=none,id=script,format=raw,readonly=on,file={disk}"
        return ["-drive", drive, "-device", "virtio-blk-device,drive=script,serial=script"]

    def _check_running(self) -> None:
        if self._process is None or self._process.poll() is not None:
            raise MachineFailed(f"{self.kind}: QEMU ended\n{self.tail()}")


def _credential(name: str, content: str) -> str:
    """A word of the kernel's command line; in base64, because a space would end it."""
    return f"systemd.set_credential_binary={name}:{base64.b64encode(content.encode()).decode()}"


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _greets(port: int) -> bool:
    """Whether somebody speaks TLS there. QEMU itself accepts connections from the start, so a connection says nothing."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=10) as raw, context.wrap_socket(raw):
            return True
    except OSError:
        return False
