"""What is no encoder's node; what is one is in tests/contract and tests/kernel."""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from linuxpy.video import raw as v4l2

from app.video.codec_node import CodecNode
from app.video.encoder import NoEncoder
from app.video.finder import find_codec
from app.video.queue import Queue


def test_something_else_is_refused_and_closed_again() -> None:
    before = sorted(os.listdir("/proc/self/fd"))
    with pytest.raises(OSError, match="Inappropriate ioctl"):
        CodecNode(Path("/dev/null"))
    assert sorted(os.listdir("/proc/self/fd")) == before


def test_a_node_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    (tmp_path / "class/video4linux/video11").mkdir(parents=True)
    (tmp_path / "class/video4linux/video9").mkdir()
    (tmp_path / "video9").symlink_to("/dev/null")
    with pytest.raises(NoEncoder, match="^no H264 encoder among 2 video devices; video11: No such file or directory$"):
        find_codec("H264", sysfs=tmp_path, dev=tmp_path)


def test_a_node_that_goes_away_while_it_is_asked_is_named_and_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Going(CodecNode):
        def __init__(self, _path: Path) -> None:
            self._fd = os.open("/dev/null", os.O_RDWR)
            self._maps = []

        def codings(self) -> Sequence[str]:
            raise OSError(errno.ENODEV, "No such device")

    (tmp_path / "class/video4linux/video11").mkdir(parents=True)
    monkeypatch.setattr("app.video.finder.CodecNode", Going)
    before = sorted(os.listdir("/proc/self/fd"))
    with pytest.raises(NoEncoder, match="^no H264 encoder among 1 video devices; video11: No such device$"):
        find_codec("H264", sysfs=tmp_path, dev=tmp_path)
    assert sorted(os.listdir("/proc/self/fd")) == before


def test_a_stop_that_fails_goes_on_to_the_end() -> None:
    """Each step is tried whatever became of those before."""
    asked: list[tuple[int, int]] = []

    class Stuck(CodecNode):
        def __init__(self) -> None:
            self._raw = Queue(v4l2.BufType.VIDEO_OUTPUT, v4l2.Memory.DMABUF)
            self._coded = Queue(v4l2.BufType.VIDEO_CAPTURE, v4l2.Memory.MMAP)
            self._maps = []

        def _ioctl(self, request: int, argument: Any) -> Any:
            kind = argument.value if request == v4l2.IOC.STREAMOFF else argument.type
            asked.append((request, kind))
            raise OSError(errno.EIO, "Input/output error")

    with pytest.raises(OSError, match="Input/output"):
        Stuck().stop()
    off, free = v4l2.IOC.STREAMOFF, v4l2.IOC.REQBUFS
    raw, coded = v4l2.BufType.VIDEO_OUTPUT, v4l2.BufType.VIDEO_CAPTURE
    assert asked == [(off, raw), (off, coded), (free, raw), (free, coded)]
