"""What the contract's drivers do not do: a stop that fails."""

from __future__ import annotations

import errno

import pytest

from app.sim.receiver import Receiver
from app.video.source import SourceError
from app.video.v4l2 import V4L2Source
from tests.contract.conftest import EDID
from tests.contract.rig import SimRig, mark


class Failing(Receiver):
    def stream(self, on: bool) -> None:
        super().stream(on)
        if not on and self._buffers:
            raise OSError(errno.EIO, "Input/output error")


def test_buffers_are_freed_even_if_the_stream_does_not_stop() -> None:
    rig = SimRig()
    node = rig.node = Failing(rig.bridge, lambda: rig.now, mark)
    source = V4L2Source(node, lambda _driver: None)
    source.offer(EDID)
    for width, height in ((1280, 720), (800, 600)):
        rig.mode(width, height, 60)
        raw, _buffers = source.start()
        assert (raw.width, raw.height) == (width, height)
        with pytest.raises(SourceError, match="cannot stop the stream: Input/output error"):
            source.stop()
    source.close()
