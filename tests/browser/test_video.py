"""What the page says of its video, what it does without a decoder and in a hidden tab, and what it records."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path

import av
import pytest
from playwright.sync_api import Page, expect

from app.sim import strip
from tests.appliance import Appliance
from tests.browser.conftest import OpenPage
from tests.browser.modes import LARGE
from tests.browser.screen import Screen
from tests.browser.visitor import expect_live, hide, log_in, remember_veils


def open_figures(page: Page) -> None:
    page.get_by_role("button", name="Video", exact=True).click()
    expect(page.locator(".figures")).to_be_visible()


def frames_of(path: Path) -> tuple[list[int], list[float], float, tuple[int, int]]:
    """Each picture's number and time in a recording, its duration and size. A picture that cannot be decoded is an error."""
    numbers, times = [], []
    with av.open(str(path)) as file:
        (stream,) = file.streams
        assert isinstance(stream, av.VideoStream)
        assert stream.codec_context.name == "h264"
        stream.codec_context.options = {"err_detect": "explode"}
        for picture in file.decode(stream):
            pixels = picture.to_image().convert("L")
            top = pixels.height - strip.HEIGHT
            numbers.append(strip.decode(lambda x, y: pixels.getpixel((x, y)), top).frame)  # noqa: B023
            times.append(picture.time)
        duration = float(stream.duration * stream.time_base)
        return numbers, times, duration, (stream.width, stream.height)


def test_the_page_and_the_device_know_how_old_the_picture_is(console: Page) -> None:
    open_figures(console)
    latency = console.locator("[data-figure=latency] dd")
    expect(latency).to_have_text(re.compile(r"^\d+ ms, p95 \d+ ms \(± [\d.]+ ms\)$"))
    expect(console.locator("[data-figure=painted] dd")).to_have_text(
        re.compile(r"^[\d.]+ per second · [\d.]+ [kM]bit/s$")
    )
    expect(console.locator("[data-figure=encoder] dd")).to_have_text(
        re.compile(r"^[\d.]+ [kM]bit/s · .* · follows the slowest link$")
    )
    expect(console.locator("[data-figure=link] dd")).to_have_text(
        re.compile(r"^video · round trip [\d.]+ ms · first picture after \d+ ms · queue \d+ ms$")
    )
    expect(console.locator("[data-figure=drops] dd")).not_to_have_text("not known")
    expect(console.locator("[data-figure=maker] dd")).to_have_text("hardware")
    expect(console.locator("[data-figure=losses] dd")).not_to_have_text("not known")
    expect(console.locator(".figures path")).to_have_attribute("d", re.compile("^M"))
    each = console.evaluate(
        """async () => {
            for (;;) {
                const {result} = await (await fetch('/api/info')).json();
                const [viewer] = result.state.viewers.each;
                if (viewer.histogram.length) return viewer;
            }
        }"""
    )
    assert each["format"] == "h264"
    assert 0 < each["median_ms"] <= each["p95_ms"]
    assert each["uncertainty_ms"] > 0
    assert len(each["histogram"]) == 13
    assert sum(each["histogram"]) > 0
    assert each["fps"] > 0
    assert each["bitrate"] > 0


def test_a_quality_can_be_chosen_and_given_back(console: Page) -> None:
    open_figures(console)
    console.get_by_label("Quality").select_option("1 Mbit/s")
    expect(console.locator("[data-figure=encoder] dd")).to_have_text("1.0 Mbit/s · every frame · fixed")
    console.locator("canvas").focus()
    expect(console.get_by_label("Quality")).to_have_value("1000")
    console.evaluate("fetch('/api/streamer/set_params?h264_bitrate=900', {method: 'POST'})")
    expect(console.get_by_label("Quality").locator("option:checked")).to_have_text("900 kbit/s")
    console.get_by_label("Quality").select_option("follows the link")
    expect(console.locator("[data-figure=encoder] dd")).to_contain_text("follows the slowest link")


def test_without_webcodecs_there_are_pictures_and_the_page_says_so(open_page: OpenPage) -> None:
    page = open_page()
    page.add_init_script("delete window.VideoDecoder")
    page.reload()
    log_in(page)
    expect(page.get_by_role("alert")).to_contain_text(
        "pictures a second instead of video: this browser has no WebCodecs"
    )
    expect_live(page)
    expect(page.locator("[data-fact=video] dd")).to_contain_text("pictures, ")
    numbers = [shown.frame for shown in Screen(page).frames(8)]
    assert all(earlier < later for earlier, later in pairwise(numbers)), numbers
    page.keyboard.press("q")
    Screen(page).until(lambda shown: shown.text == "q")
    open_figures(page)
    expect(page.locator("[data-figure=painted] dd")).to_contain_text("as JPEG")
    expect(page.get_by_role("button", name="Record")).to_be_disabled()


def test_a_video_part_that_does_not_come_is_told(open_page: OpenPage) -> None:
    page = open_page()
    page.add_init_script("delete HTMLCanvasElement.prototype.transferControlToOffscreen")
    page.route("**/ui/viewer.js", lambda route: route.abort())
    page.reload()
    log_in(page)
    expect(page.get_by_text("The video part of this page could not start.").first).to_be_visible()


def decoding_by(page: Page, function: str) -> None:
    """Log in with this for a decoder, in the page itself."""
    page.add_init_script("delete HTMLCanvasElement.prototype.transferControlToOffscreen")
    page.add_init_script(f"VideoDecoder.prototype.decode = {function}")
    page.reload()
    log_in(page)


def test_a_decoder_that_never_works_is_replaced_by_pictures(open_page: OpenPage) -> None:
    """Where a canvas cannot move to a worker, so that the page's own decoder is the one that is broken."""
    page = open_page()
    decoding_by(page, "() => { throw new Error('no such codec'); }")
    expect(page.get_by_role("alert")).to_contain_text("this browser does not decode H.264", timeout=20_000)
    expect_live(page)
    assert len(Screen(page).frames(3)) == 3


def test_a_decoder_that_says_nothing_is_replaced_by_pictures(open_page: OpenPage) -> None:
    """It takes what it is given; the device sends no more than a few frames before it hears of one."""
    page = open_page()
    decoding_by(page, "() => {}")
    expect(page.get_by_role("alert")).to_contain_text("this browser does not decode H.264", timeout=90_000)
    expect_live(page)


def test_a_hidden_tab_is_sent_nothing_and_comes_back(console: Page) -> None:
    control = console.context.new_page()
    control.goto(console.url)
    hide(control, hidden=True)
    expect(control.locator("[data-fact=viewers] dd")).to_have_text("1", timeout=15_000)
    console.bring_to_front()
    before = Screen(console).frames(1)[0].frame
    hide(console, hidden=True)
    expect(control.locator("[data-fact=viewers] dd")).to_have_text("0")
    expect(console.locator(".veil")).to_be_visible()
    hide(console, hidden=False)
    expect_live(console)
    numbers = [shown.frame for shown in Screen(console).frames(20)]
    assert numbers[0] > before
    assert all(earlier < later for earlier, later in pairwise(numbers)), numbers


def test_what_is_hidden_stays_so_when_pictures_take_the_videos_place(open_page: OpenPage) -> None:
    """The browser says that it cannot decode only when nobody looks any more."""
    page = open_page()
    page.add_init_script("delete HTMLCanvasElement.prototype.transferControlToOffscreen")
    page.add_init_script("VideoDecoder.prototype.decode = () => {}")
    page.add_init_script(
        """VideoDecoder.isConfigSupported = () => new Promise((answer) => { window.refuse = () => answer({supported: false}); });
        window.opened = [];
        window.WebSocket = class extends WebSocket { constructor(url) { super(url); opened.push(new URL(url).search); } };"""
    )
    page.reload()
    log_in(page)
    page.wait_for_function("() => window.refuse")
    hide(page, hidden=True)
    opened = page.evaluate(
        """async () => {
            window.refuse();
            await new Promise((done) => { setTimeout(done); });
            return opened;
        }"""
    )
    assert "?format=jpeg" not in opened
    hide(page, hidden=False)
    expect(page.get_by_role("alert")).to_contain_text("this browser does not decode H.264")
    expect_live(page)


def test_a_recording_is_what_was_shown_and_the_last_minute_can_still_be_saved(console: Page, tmp_path: Path) -> None:
    open_figures(console)
    began = console.evaluate("performance.now()")
    console.get_by_role("button", name="Record").click()
    expect(console.get_by_role("button", name="Stop and save")).to_be_visible()
    shown = [seen.frame for seen in Screen(console).frames(60)]
    with console.expect_download() as download:
        console.get_by_role("button", name="Stop and save").click()
    elapsed = (console.evaluate("performance.now()") - began) / 1000
    assert download.value.suggested_filename.endswith(".mp4")
    download.value.save_as(tmp_path / "recording.mp4")
    numbers, times, duration, size = frames_of(tmp_path / "recording.mp4")
    assert size == (1280, 720)
    assert all(earlier < later for earlier, later in pairwise(numbers)), numbers
    late = [number for number in shown if number >= numbers[0]]
    assert set(late) <= set(numbers)
    assert len(late) >= 30
    assert times[0] == 0
    assert times == sorted(times)
    assert times[-1] < duration <= elapsed + 2  # it begins with the last key frame, if that is not older
    # The source ticks at 30 a second, or somewhat slower on a machine that is busy; never faster.
    assert duration >= (numbers[-1] - numbers[0]) / 30 - 0.1
    with console.expect_download() as download:
        console.get_by_role("button", name="Save last minute").click()
    download.value.save_as(tmp_path / "last.mp4")
    numbers, _times, duration, size = frames_of(tmp_path / "last.mp4")
    assert size == (1280, 720)
    assert numbers[0] < late[0]
    assert set(shown) <= set(numbers)
    assert all(earlier < later for earlier, later in pairwise(numbers)), numbers
    assert duration >= (shown[-1] - shown[0]) / 30 - 0.1


def test_one_recording_after_the_other(console: Page, tmp_path: Path) -> None:
    open_figures(console)
    for number in range(4):
        console.get_by_role("button", name="Record").click()
        shown = [seen.frame for seen in Screen(console).frames(30)]
        with console.expect_download() as download:
            console.get_by_role("button", name="Stop and save").click()
        path = tmp_path / f"{number}.mp4"
        download.value.save_as(path)
        numbers = frames_of(path)[0]
        late = [frame for frame in shown if frame >= numbers[0]]
        assert late
        assert set(late) <= set(numbers)


def test_a_hidden_tab_goes_on_recording(console: Page, tmp_path: Path) -> None:
    open_figures(console)
    console.get_by_role("button", name="Record").click()
    Screen(console).frames(30)
    hide(console, hidden=True)
    hidden = [seen.frame for seen in Screen(console).frames(30)]
    assert len(hidden) == 30
    with console.expect_download() as download:
        console.get_by_role("button", name="Stop and save").click()
    expect(console.locator("[data-fact=viewers] dd")).to_have_text("0")
    download.value.save_as(tmp_path / "hidden.mp4")
    assert set(hidden) <= set(frames_of(tmp_path / "hidden.mp4")[0])


def test_a_recording_is_saved_when_the_session_ends(console: Page, appliance: Appliance, tmp_path: Path) -> None:
    open_figures(console)
    console.get_by_role("button", name="Record").click()
    shown = [seen.frame for seen in Screen(console).frames(60)]
    appliance.kill()
    with console.expect_download() as download:
        appliance.start()
    expect(console.get_by_role("alert")).to_have_text("The session ended. Log in again.")
    download.value.save_as(tmp_path / "recording.mp4")
    assert set(shown[30:]) <= set(frames_of(tmp_path / "recording.mp4")[0])


def test_nothing_is_left_running_when_the_session_ends(console: Page) -> None:
    assert len(console.workers) == 2
    with ExitStack() as ends:
        for worker in console.workers:
            ends.enter_context(worker.expect_event("close"))
        console.get_by_role("button", name="Log out").click()
    expect(console.get_by_label("User name")).to_be_visible()


def test_a_display_that_is_replugged_is_gone_for_a_moment(console: Page) -> None:
    open_figures(console)
    remember_veils(console)
    console.get_by_role("button", name="Replug display").click()
    console.wait_for_function("() => veils.some((text) => text.includes('replugged'))")
    expect_live(console)
    assert len(Screen(console).frames(3)) == 3


@pytest.fixture
def changing(tmp_path: Path) -> Iterator[Appliance]:
    running = Appliance(tmp_path, module="tests.browser.modes")
    running.start()
    yield running
    running.kill()


class TestChangingMode:
    @pytest.fixture
    def appliance(self, changing: Appliance) -> Appliance:
        return changing

    def test_another_resolution_under_way(self, appliance: Appliance, console: Page, tmp_path: Path) -> None:
        screen = Screen(console)
        screen.frames(10)
        open_figures(console)
        console.get_by_role("button", name="Record").click()
        screen.frames(10)
        with console.expect_download() as download:
            appliance.change_mode()
        expect(console.get_by_role("alert")).to_contain_text("changed its size")
        expect(console.locator("[data-fact=signal] dd")).to_have_text(re.compile("^1600.900"))
        expect_live(console)
        # The last picture of before may still be the newest.
        canvas = "createImageBitmap(document.querySelector('canvas'))"
        console.wait_for_function(f"([w, h]) => {canvas}.then((b) => b.width === w && b.height === h)", arg=list(LARGE))
        numbers = [shown.frame for shown in screen.frames(20)]
        assert all(earlier < later for earlier, later in pairwise(numbers)), numbers
        download.value.save_as(tmp_path / "before.mp4")
        assert frames_of(tmp_path / "before.mp4")[3] == (1280, 720)

    def test_a_browser_that_decodes_another_mode_gets_video_again(
        self, appliance: Appliance, open_page: OpenPage
    ) -> None:
        page = open_page()
        page.add_init_script("delete HTMLCanvasElement.prototype.transferControlToOffscreen")
        page.add_init_script(
            """window.unable = true;
            const decode = VideoDecoder.prototype.decode;
            VideoDecoder.prototype.decode = function (chunk) {
              if (window.unable) throw new Error('no such level');
              decode.call(this, chunk);
            };"""
        )
        page.reload()
        log_in(page)
        video = page.locator("[data-fact=video] dd")
        expect(video).to_contain_text("pictures, ", timeout=20_000)
        page.evaluate("window.unable = false")
        appliance.change_mode()
        expect(video).to_have_text(re.compile(r"^\d+ fps"), timeout=20_000)
        expect_live(page)
