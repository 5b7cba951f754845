"""Which encoder a stream gets, and what is said about it."""

from __future__ import annotations

import os

import pytest

from app.sim.codec import Firmware, SimCodec
from app.video.codec import Codec
from app.video.encoder import EncoderError, NoEncoder
from app.video.encoders import Encoders
from app.video.frame import RawFormat

FITTING = RawFormat(1280, 720, "UYVY", 2560, 2560 * 720, 60.0)
ODD = RawFormat(1366, 768, "UYVY", 2732, 2732 * 768, 60.0)


def chosen(raw: RawFormat, firmware: Firmware | None) -> tuple[str, str]:
    """The name of the encoder and why it is not the other, on a machine with hardware or without."""

    def open_codec() -> Codec:
        if firmware is None:
            raise NoEncoder("no H264 encoder among 0 video devices")
        return SimCodec(firmware)

    memory = os.memfd_create("raw")
    os.ftruncate(memory, raw.sizeimage)
    encoder = Encoders(open_codec, lambda: 0, 1_000_000)(raw, (memory,))
    encoder.close()
    os.close(memory)
    return encoder.name, encoder.reason


def test_hardware_is_taken_where_it_is() -> None:
    assert chosen(FITTING, Firmware()) == ("m2m", "")


def test_without_hardware_the_processor_does_it() -> None:
    assert chosen(FITTING, None) == ("software", "no H264 encoder among 0 video devices")


def test_frames_that_the_hardware_does_not_take_are_the_processors() -> None:
    words = "the encoder wants rows of 2752 bytes and frames of 2113536, the input has 2732 and 2098176"
    assert chosen(ODD, Firmware()) == ("software", words)


def test_hardware_that_fails_is_not_covered_up() -> None:
    with pytest.raises(EncoderError, match="cannot start the encoder"):
        chosen(FITTING, Firmware(stuck=True))
