"""hls.js and dash.js play our sessions in a real browser, and the clock in the picture goes on."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Playwright

from kinesis_sim.aws.server import Server, start
from kinesis_sim.workloads.camera.dock_camera import CLOCK_AT, CLOCK_SIZE, HEIGHT, WIDTH
from kinesis_sim.workloads.camera.picture import digits_in
from tests.aws.http_client import client, instant
from tests.browser.jupyterlab import chrome, fresh_page
from tests.browser.player_site import LUMA, player_site
from tests.video.media import NAME, connect
from tests.video.test_playback import film, span

pytestmark = pytest.mark.browser

SECONDS, FRAMES = 12, 60
HLS = """url => {
  window.failed = [];
  const player = new Hls();
  // A stall that the player gets over is the machine's pace at four times the speed.
  const stalled = "bufferStalledError";
  player.on(Hls.Events.ERROR, (event, { details, fatal }) => {
    if (fatal || details !== stalled) failed.push(details);
  });
  player.loadSource(url);
  player.attachMedia(video);
}"""
DASH = """url => {
  window.failed = [];
  const player = dashjs.MediaPlayer().create();
  player.on("error", (event) => failed.push(event.error.message));
  player.initialize(video, url, true);
}"""
SEEN = "() => video.getVideoPlaybackQuality().totalVideoFrames"


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with player_site() as address:
        yield address


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    sim = instant(limits="off")
    with start(sim) as running:
        with client(running, "kinesisvideo") as video:
            video.create_stream(StreamName=NAME, DataRetentionInHours=24)
        with sim.lock:
            connection = connect(sim)
            connection.take(film(SECONDS))
            connection.finish()
        yield running


@pytest.fixture(scope="module")
def autoplay(playwright: Playwright, chromium: str) -> Iterator[Browser]:
    with chrome(playwright, chromium, "--autoplay-policy=no-user-gesture-required") as running:
        yield running


@pytest.mark.parametrize(
    ("script", "more"),
    [
        (HLS, {}),
        (HLS, {"DiscontinuityMode": "ALWAYS", "DisplayFragmentTimestamp": "ALWAYS"}),
        (HLS, {"ContainerFormat": "MPEG_TS"}),
        (DASH, {}),
    ],
    ids=["hls", "hls-discontinuities", "hls-transport-stream", "dash"],
)
def test_a_player_shows_every_second(
    server: Server, site: str, autoplay: Browser, script: str, more: dict[str, str]
) -> None:
    kind = "DASH" if script == DASH else "HLS"
    request = {"PlaybackMode": "ON_DEMAND", f"{kind}FragmentSelector": span(0, 60), **more}
    with client(server, "kinesis-video-archived-media") as archived:
        ask = getattr(archived, f"get_{kind.lower()}_streaming_session_url")
        url = ask(StreamName=NAME, **request)[f"{kind}StreamingSessionURL"]
    assert url.startswith(server.endpoint_url)
    with fresh_page(autoplay) as page:
        page.goto(site)
        page.evaluate(script, url)
        page.wait_for_function("() => video.videoWidth > 0")
        page.evaluate("() => { video.playbackRate = 4; }")
        page.wait_for_function(f"() => video.ended || video.currentTime > {SECONDS - 0.1}")
        luma = base64.b64decode(page.evaluate(LUMA))
        assert page.evaluate("() => window.failed") == []
        assert page.evaluate(SEEN) >= 0.95 * FRAMES
    assert len(luma) == WIDTH * HEIGHT
    assert digits_in(luma, WIDTH, *CLOCK_AT, 8, CLOCK_SIZE) == "00:00:11"
