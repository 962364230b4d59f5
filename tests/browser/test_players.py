"""hls.js and dash.js play our sessions in a real browser, and the clock in the picture goes on."""

from __future__ import annotations

import base64
import os
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright

from kinesis_sim.aws.server import Server, start
from kinesis_sim.workloads.camera.dock_camera import CLOCK_AT, CLOCK_SIZE, HEIGHT, WIDTH
from kinesis_sim.workloads.camera.picture import digits_in
from tests.aws.http_client import client, instant
from tests.browser.jupyterlab import chrome, fresh_page
from tests.video.media import NAME, connect
from tests.video.test_playback import film, span

pytestmark = pytest.mark.browser

PLAYERS = Path(__file__).parents[1] / "clients" / "node" / "node_modules"
SECONDS, FRAMES = 12, 60
PAGE = b"""<!doctype html><title>player</title><link rel="icon" href="data:,">
<video id="video" muted autoplay></video>
<script src="/hls.js/dist/hls.min.js"></script>
<script src="/dashjs/dist/modern/umd/dash.all.min.js"></script>"""
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
LUMA = """() => {
  const canvas = document.createElement("canvas");
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  const brush = canvas.getContext("2d");
  brush.drawImage(video, 0, 0);
  const { data } = brush.getImageData(0, 0, canvas.width, canvas.height);
  let text = "";
  for (let at = 0; at < data.length; at += 4) text += String.fromCharCode(data[at + 1]);
  return btoa(text);
}"""
SEEN = "() => video.getVideoPlaybackQuality().totalVideoFrames"


class Site(SimpleHTTPRequestHandler):
    """Serves the players, and a page with a picture; keeps no log."""

    def do_GET(self) -> None:
        if self.path != "/":
            return super().do_GET()
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(PAGE)
        return None

    def log_message(self, *_: Any) -> None: ...


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    if not (PLAYERS / "hls.js").is_dir():
        verdict = pytest.fail if os.environ.get("KINESIS_LAB_REQUIRE_NODE") else pytest.skip
        verdict("The players are not installed; `make node-client` does it.")
    handler = partial(Site, directory=str(PLAYERS))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_address[1]}/"
        running.shutdown()
        thread.join()


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
