"""The glass as a file to look at: landscape, one bit per pixel, replaced in one step."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

from PIL import Image

from epaper import panel


class PngFile:
    """Keeps a PNG of the glass, as one looks at it. A reader sees the old picture or the new one."""

    def __init__(self, path: Path) -> None:
        """The folder must exist; nothing is written yet."""
        self._path = path

    def write(self, frame: bytes) -> None:
        """Replace the file. Raises OSError."""
        draft = self._path.with_name(f".{self._path.name}.partial")
        draft.write_bytes(png(unpack(frame)))
        draft.replace(self._path)


def unpack(frame: bytes) -> Image.Image:
    """A frame as it hangs on the wall: mode "1", 250 x 122; the reverse of `view.pack`."""
    rows = Image.frombytes("1", (panel.ROW_BYTES * 8, panel.HEIGHT), frame)
    return rows.crop((0, 0, panel.WIDTH, panel.HEIGHT)).transpose(Image.Transpose.ROTATE_270)


def png(picture: Image.Image) -> bytes:
    """A mode "1" picture as PNG. Pillow's own writer brings five more formats into memory, and needs a megabyte.

    Source: the PNG specification (ISO/IEC 15948): a greyscale of one bit is what mode "1" packs.
    """
    width, height = picture.size
    data, stride = picture.tobytes(), (width + 7) // 8
    rows = b"".join(b"\0" + data[at : at + stride] for at in range(0, len(data), stride))
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in chunks)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
