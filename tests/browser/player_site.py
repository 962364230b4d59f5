"""A site on loopback with a picture, the players, and AWS's signaling SDK, as npm brought them."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

PLAYERS = Path(__file__).parents[1] / "clients" / "node" / "node_modules"
PAGE = b"""<!doctype html><title>player</title><link rel="icon" href="data:,">
<video id="video" muted autoplay></video>
<script src="/hls.js/dist/hls.min.js"></script>
<script src="/dashjs/dist/modern/umd/dash.all.min.js"></script>"""
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
"""What the picture shows at the moment, a byte a pixel, in base64."""


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


@contextmanager
def player_site() -> Iterator[str]:
    """Its address, while it runs."""
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
