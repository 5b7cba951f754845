"""The simulated panel raises where the real one would show nothing, or the wrong thing."""

from __future__ import annotations

import pytest
from PIL import Image

from epaper import panel, v2, v3, v4
from epaper.panel import Idle, Pause, Reset, Send
from epaper.picture import PngFile, unpack
from epaper.sim import FULL_TIME, SimulatedPanel
from epaper.sim_memory import ProtocolViolation

WHITE = b"\xff" * panel.FRAME_BYTES
STRIPES = b"\xaa" * panel.FRAME_BYTES


class Bench:
    """A simulated panel and a clock, played without an event loop."""

    def __init__(self, version="v4") -> None:
        self.now = 0.0
        self.drawn: list[bytes] = []
        self.panel = SimulatedPanel(self.drawn.append, lambda: self.now, version)
        self.panel.power(True)

    def play(self, *sequences) -> None:
        for steps in sequences:
            for step in steps:
                match step:
                    case Send(command, data):
                        self.panel.command(command)
                        if data:
                            self.panel.data(data)
                    case Reset(held):
                        self.panel.reset(held)
                    case Pause(seconds):
                        self.now += seconds
                    case Idle():
                        while self.panel.busy():
                            self.now += 0.01


@pytest.fixture
def bench() -> Bench:
    return Bench()


DRIVERS = {"v2": v2, "v3": v3, "v4": v4}


@pytest.mark.parametrize("version", DRIVERS)
def test_sequences_of_the_driver_are_accepted(version):
    bench, driver = Bench(version), DRIVERS[version]
    bench.play(driver.init(), driver.base(WHITE), driver.partial(STRIPES), driver.partial(WHITE), driver.deep_sleep())
    bench.play(driver.init(), driver.restore(WHITE), driver.partial(STRIPES), driver.deep_sleep())
    bench.play(driver.init(), driver.full(WHITE), driver.deep_sleep())
    bench.play(driver.fast(STRIPES), driver.partial(WHITE), driver.fast(STRIPES), driver.deep_sleep())
    assert bench.drawn == [WHITE, STRIPES, WHITE, STRIPES, WHITE, STRIPES, WHITE, STRIPES]
    assert bench.panel.glass == STRIPES
    assert bench.panel.asleep


@pytest.mark.parametrize(
    "steps",
    [
        [Send(0x12), Send(0x11, b"\x03")],
        [Send(0x24, WHITE), Send(0x22, b"\xf7"), Send(0x20), Send(0x10, b"\x01")],
    ],
)
def test_command_while_busy(bench, steps):
    bench.play(v4.init())
    with pytest.raises(ProtocolViolation, match="while BUSY is high"):
        bench.play(steps)


def test_nothing_reaches_a_sleeping_controller(bench):
    bench.play(v4.init(), v4.base(WHITE), v4.deep_sleep())
    with pytest.raises(ProtocolViolation, match="command 24 in deep sleep, before a reset"):
        bench.play(v4.base(WHITE))


def test_deep_sleep_forgets_the_base_image(bench):
    bench.play(v4.init(), v4.base(WHITE), v4.deep_sleep(), v4.init())
    with pytest.raises(ProtocolViolation, match="without the base image"):
        bench.play(v4.partial(STRIPES))


def test_full_refresh_makes_no_base_image(bench):
    bench.play(v4.init(), v4.full(WHITE))
    with pytest.raises(ProtocolViolation, match="without the base image"):
        bench.play(v4.partial(STRIPES))


def test_old_image_out_of_step(bench):
    bench.play(v4.init(), v4.base(WHITE))
    bench.play(step for step in v4.partial(STRIPES) if step != Send(0x26, STRIPES))
    with pytest.raises(ProtocolViolation, match="without the base image"):
        bench.play(v4.partial(WHITE))


@pytest.mark.parametrize("count", [3999, 4001, 0])
def test_data_that_does_not_match_the_window(bench, count):
    bench.play(v4.init())
    with pytest.raises(ProtocolViolation, match=f"command 24 got {count} bytes of data, takes 4000"):
        bench.play([Send(0x24, bytes(count)), Send(0x22, b"\xf7")])


def test_narrower_window_takes_fewer_bytes(bench):
    bench.play(v4.init())
    with pytest.raises(ProtocolViolation, match="takes 3750"):
        bench.play([Send(0x44, b"\x00\x0e"), Send(0x24, WHITE), Send(0x22, b"\xf7")])


def test_activation_without_a_chosen_update(bench):
    bench.play(v4.init(), v4.base(WHITE))
    with pytest.raises(ProtocolViolation, match="20 without 22"):
        bench.play([Send(0x20)])


def test_transfer_longer_than_spidev_takes(bench):
    bench.play(v4.init(), [Send(0x24)])
    with pytest.raises(ProtocolViolation, match="transfer of 4097 bytes"):
        bench.panel.data(bytes(4097))


def test_reset_pulse_too_short(bench):
    bench.panel.reset(True)
    bench.now += 0.0005
    with pytest.raises(ProtocolViolation, match="less than 1 ms"):
        bench.panel.reset(False)


def test_command_in_reset(bench):
    bench.panel.reset(True)
    with pytest.raises(ProtocolViolation, match="while RST is low"):
        bench.panel.command(0x12)


def test_command_without_power(bench):
    bench.play(v4.init())
    bench.panel.power(False)
    with pytest.raises(ProtocolViolation, match="without power"):
        bench.panel.command(0x12)


@pytest.mark.parametrize("driver", DRIVERS)
@pytest.mark.parametrize("fitted", DRIVERS)
def test_the_driver_of_another_version_is_noticed(driver, fitted):
    """The V4's commands are a part of the V3's; it lacks the waveform."""
    bench, steps = Bench(fitted), DRIVERS[driver]
    if driver == fitted:
        bench.play(steps.init(), steps.base(WHITE))
        return
    with pytest.raises(ProtocolViolation, match=r"none of this version's driver|is not the glass|waveform|takes"):
        bench.play(steps.init(), steps.base(WHITE))


@pytest.mark.parametrize("version", ["v2", "v3"])
def test_refresh_with_the_other_waveform(version):
    bench, driver = Bench(version), DRIVERS[version]
    bench.play(driver.init(), driver.base(WHITE), driver.partial(STRIPES))
    with pytest.raises(ProtocolViolation, match="without the waveform it needs"):
        bench.play([Send(0x22, b"\xc7"), Send(0x20)])


def test_refresh_with_the_analogue_part_off():
    bench = Bench("v3")
    bench.play(v3.init(), v3.base(WHITE))
    with pytest.raises(ProtocolViolation, match="analogue part switched off"):
        bench.play(Send(0x22, b"\x80") if step == Send(0x22, b"\xc0") else step for step in v3.partial(STRIPES))


def test_v2_wants_the_opposite_as_the_old_image():
    bench = Bench("v2")
    bench.play(v2.init(), v2.base(WHITE))
    with pytest.raises(ProtocolViolation, match="RAM 26 is not the opposite of RAM 24"):
        bench.play(Send(0x26, WHITE) if step == Send(0x26, bytes(b ^ 255 for b in STRIPES)) else step
                   for step in v2.partial(STRIPES))  # fmt: skip


def test_busy_lasts_on_the_clock_and_is_seen_at_least_once(bench):
    bench.play(v4.init(), [Send(0x24, WHITE), Send(0x22, b"\xf7"), Send(0x20)])
    bench.now += FULL_TIME - 0.1
    assert bench.panel.busy()
    bench.now += 0.2
    assert not bench.panel.busy()
    bench.play([Send(0x22, b"\xf7"), Send(0x20)])
    bench.now += FULL_TIME + 1
    with pytest.raises(ProtocolViolation, match="while BUSY is high"):
        bench.play([Send(0x12)])


def test_ghosting_debt_grows_with_what_changes_and_is_paid_by_a_flash(bench):
    bench.play(v4.init(), v4.base(WHITE), v4.partial(STRIPES), v4.partial(STRIPES), v4.partial(WHITE))
    assert (bench.panel.partials_in_row, bench.panel.ghosts) == (3, 2 * 4 * panel.FRAME_BYTES)
    before = bench.now
    bench.play(v4.init(), v4.base(WHITE))
    assert (bench.panel.partials_in_row, bench.panel.ghosts) == (0, 0)
    assert before < bench.panel.refreshed_at < bench.now - FULL_TIME + 0.1


def test_power_loss_in_a_refresh_spoils_the_picture(bench):
    bench.play(v4.init(), [Send(0x24, WHITE), Send(0x22, b"\xf7"), Send(0x20)])
    bench.now += 0.5
    bench.panel.power(False)
    assert bench.panel.spoiled
    bench.panel.power(True)
    bench.play(v4.init(), v4.restore(WHITE))
    with pytest.raises(ProtocolViolation, match="without the base image"):
        bench.play(v4.partial(STRIPES))
    bench.play(v4.init(), v4.base(STRIPES))
    assert not bench.panel.spoiled


def test_power_loss_keeps_the_picture_and_nothing_else(bench):
    bench.play(v4.init(), v4.base(STRIPES))
    bench.panel.power(False)
    bench.panel.power(True)
    assert bench.panel.glass == STRIPES
    with pytest.raises(ProtocolViolation, match="before a reset"):
        bench.panel.command(0x12)


def test_command_of_another_controller(bench):
    bench.play(v4.init())
    with pytest.raises(ProtocolViolation, match="command 74 is none of this version's driver"):
        bench.panel.command(0x74)


def test_wrong_parameter_count(bench):
    bench.play(v4.init())
    with pytest.raises(ProtocolViolation, match="command 01 got 2 bytes of data, takes 3"):
        bench.play([Send(0x01, b"\xf9\x00"), Send(0x11, b"\x03")])


def test_write_without_a_cursor_would_be_shifted(bench):
    bench.play(step for step in v4.init() if step != Send(0x4F, b"\x00\x00"))
    with pytest.raises(ProtocolViolation, match="would be shifted"):
        bench.play(v4.base(WHITE))


def test_png_is_the_glass_as_one_looks_at_it(tmp_path):
    frame = bytearray(WHITE)
    frame[0] = 0x7F  # leftmost pixel of the first row: the portrait's top left corner
    png = tmp_path / "panel.png"
    PngFile(png).write(bytes(frame))
    with Image.open(png) as picture:
        assert picture.size == (250, 122)
        black = [(x, y) for x in range(250) for y in range(122) if not picture.getpixel((x, y))]
    assert black == [(249, 0)]
    assert [file.name for file in tmp_path.iterdir()] == ["panel.png"]
    assert unpack(bytes(frame)).size == (250, 122)
