"""The image in QEMU: on QEMU's own arm64 machine, and on the board's processor from an emulated SD card.

Kernel, device tree and initial RAM disk are the ones on the image's own slot A, read with mtools. Standard library only,
because `image/vm` starts it on machines that have nothing else.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import secrets
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import time
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Self

REPOSITORY = Path(__file__).resolve().parents[2]
IMAGE = REPOSITORY / "dist" / "inkvm-debian.img.zst"

_SECTOR = 512
_SLOT_A = 2
_SCRIPT_UNIT = """[Unit]
Wants=inkvm.service inkvm-epaper.service
After=inkvm.service inkvm-epaper.service
[Service]
Environment=PYTHONPATH=/usr/lib/inkvm
ExecStart=/usr/bin/python3 -u /dev/disk/by-id/virtio-script
StandardOutput=tty
StandardError=tty
TTYPath=/dev/console
"""
_RAM = 512
"""MiB; QEMU's raspi3b has 1 GiB, of which the kernel is told to use what the board has."""

_HARDWARE = {
    "virt": [
        "-M", "virt", "-cpu", "cortex-a53", "-smp", "2", "-m", str(_RAM),
        "-drive", "if=none,id=card,format=raw,snapshot=on,file={disk}", "-device", "virtio-blk-device,drive=card",
        "-netdev", "user,id=net,hostfwd=tcp:127.0.0.1:{port}-:443", "-device", "virtio-net-device,netdev=net",
    ],
    "raspi3b": [
        "-M", "raspi3b", "-dtb", "{boot}/bcm2837-rpi-zero-2-w.dtb",
        "-drive", "if=sd,format=raw,snapshot=on,file={disk}",
        "-netdev", "user,id=net,hostfwd=tcp:127.0.0.1:{port}-:443", "-device", "usb-net,netdev=net",
    ],
}  # fmt: skip
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
    """One running machine on a throw-away copy of the image.

    Args:
        kind: `virt` or `raspi3b`.
        image: the raw image; it is not written to.
        port: of this computer, forwarded to the device's port 443; 0 takes a free one.
        password: preset for the administrator, handed over as a systemd credential.
        arguments: more words for the kernel's command line.
        script: a Python program that the machine runs as root once it is up, with its output on the console; `virt` only.
    """

    def __init__(
        self, kind: str, image: Path, port: int = 0, password: str = "", arguments: str = "", *, script: str = ""
    ) -> None:
        self.kind = kind
        self.port = port or _free_port()
        self._image = image
        self._password = password
        self._arguments = arguments
        self._script = script
        self._folder = Path(tempfile.mkdtemp(prefix=f"inkvm-{kind}-"))
        self.console = self._folder / "console.log"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        boot = self._folder / "boot"
        boot.mkdir()
        slot = f"{self._image}@@{partition_start(self._image, _SLOT_A)}"
        subprocess.run(["mcopy", "-s", "-i", slot, "::*", boot], check=True)
        command = [
            "qemu-system-aarch64", "-accel", "tcg,thread=multi", "-display", "none", "-monitor", "none", "-no-reboot",
            "-serial", f"file:{self.console}", "-kernel", str(boot / "kernel8.img"), "-initrd", str(boot / "initrd.img"),
            "-append", self._command_line((boot / "cmdline.txt").read_text()),
            *(word.format(disk=self._image, boot=boot, port=self.port) for word in _HARDWARE[self.kind]),
        ]  # fmt: skip
        if self._script:
            command += self._second_disk()
        with (self._folder / "qemu.log").open("wb") as log:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._folder)

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

    def wait_for_console(self, text: str, timeout: float = 300) -> float:
        """Wait until the serial console has shown the text. Returns the seconds since this call; raises MachineFailed."""
        began = time.monotonic()
        while not self.console.exists() or text not in self.console.read_text(errors="replace"):
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


def main() -> int:
    """Boot the image for a person, with a fresh password that is valid in this machine alone."""
    parser = argparse.ArgumentParser(prog="image/vm", description="Boot the Debian image in QEMU.")
    parser.add_argument("--machine", choices=KINDS, default="virt")
    parser.add_argument("--port", type=int, default=8443)
    options = parser.parse_args()
    if not IMAGE.exists():
        print(f"{IMAGE} is missing: make image BASE=debian", file=sys.stderr)
        return 1
    password = secrets.token_urlsafe(9)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    with Machine(options.machine, unpacked(), options.port, password) as machine:
        print(f"booting on {machine.kind}; its serial console: {machine.console}", flush=True)
        try:
            seconds = machine.wait_for_https()
            print(
                f"answered after {seconds:.0f} s\n\n  https://localhost:{machine.port}\n  admin  {password}\n\nCtrl-C ends it",
                flush=True,
            )
            signal.sigwait({signal.SIGINT, signal.SIGTERM})
        except MachineFailed as error:
            print(error, file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
