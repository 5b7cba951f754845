"""Finds the HDMI input and the encoder among the machine's video devices, by what they are: their numbers change from boot to boot."""

from __future__ import annotations

import errno
from pathlib import Path

from app.video.codec_node import CodecNode
from app.video.encoder import NoEncoder
from app.video.lanes import RECEIVER, lanes
from app.video.node import Node
from app.video.source import SourceError, SourceGone
from app.video.timings import NO_TIMINGS
from app.video.v4l2 import V4L2Source


def find_capture(sysfs: Path = Path("/sys"), dev: Path = Path("/dev")) -> Path:
    """The node of the HDMI input. Raises SourceError."""
    names, refused = _names(sysfs), []
    for name in names:
        try:
            node = Node(dev / name)
        except OSError as error:
            refused.append(f"{name}: {error.strerror}")
            continue
        try:
            if node.captures() and node.has_dv_timings():
                return dev / name
            if node.captures() and node.names()[0] == RECEIVER:
                refused.append(f"{name}: {NO_TIMINGS}")
        except OSError as error:
            # ENOTTY and EINVAL: it has no inputs to ask for.
            if error.errno not in (errno.ENOTTY, errno.EINVAL):
                refused.append(f"{name}: {error.strerror}")
        finally:
            node.close()
    raise SourceError(f"no HDMI input among {len(names)} video devices{''.join(f'; {words}' for words in refused)}")


def find_codec(coding: str, sysfs: Path = Path("/sys"), dev: Path = Path("/dev")) -> CodecNode:
    """The encoder that makes a coding (V4L2's four characters), opened. Raises NoEncoder."""
    names, refused = _names(sysfs), ""
    for name in names:
        try:
            node = CodecNode(dev / name)
        except OSError as error:
            if error.errno != errno.ENOTTY:
                refused += f"; {name}: {error.strerror}"
            continue
        try:
            if coding in node.codings():
                return node
        except OSError as error:
            refused += f"; {name}: {error.strerror}"
        node.close()
    raise NoEncoder(f"no {coding} encoder among {len(names)} video devices{refused}")


def _names(sysfs: Path) -> list[str]:
    names = [path.name for path in (sysfs / "class/video4linux").glob("video*")]
    return sorted(names, key=lambda name: int(name.removeprefix("video")))


def open_source(path: Path) -> V4L2Source:
    """The source behind a node. Raises SourceError: it cannot be opened; SourceGone if it is not there any more."""
    try:
        node = Node(path)
    except OSError as error:
        gone = error.errno == errno.ENODEV
        raise (SourceGone if gone else SourceError)(f"cannot open {path}: {error.strerror}") from error
    return V4L2Source(node, lanes)
