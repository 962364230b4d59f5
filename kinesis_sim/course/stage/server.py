"""Serves one widget to a browser on this machine: its script, its style, its state, its wishes.

Laws
1. It listens on the loopback address only, and answers no page of another origin: the Host and the
   Origin of a request have to be its own, and a wish has to be JSON.
2. A wish is what a Jupyter kernel would be sent; the widget hears it as it hears that.
3. One at a time: the widget, and the simulator behind it, are asked under a lock.
"""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from string import Template
from threading import Lock
from typing import Any

HERE = Path(__file__).parent
HOST = "127.0.0.1"
MOST_BYTES = 64 * 1024
"""Of a wish."""
UNSENT = ("_", "layout", "tabbable", "tooltip", "comm")
POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'"
HTML, SCRIPT, STYLE, JSON = "text/html", "text/javascript", "text/css", "application/json"


class OnePage(ThreadingHTTPServer):
    """A server for one widget on a page of its own.

    port: 0 takes a free one; OSError when it is taken.
    """

    daemon_threads = True

    def __init__(self, widget: Any, lang: str, port: int = 0) -> None:
        super().__init__((HOST, port), _Answer)
        self._widget, self._lock = widget, Lock()
        page = Template((HERE / "page.html").read_text("utf-8"))
        self.files = {
            "/": (HTML, page.substitute(lang=lang, title="Kinesis Lab")),
            "/stage.js": (SCRIPT, (HERE / "stage.js").read_text("utf-8")),
            "/widget.js": (SCRIPT, str(widget._esm)),
            "/widget.css": (STYLE, str(widget._css)),
        }

    @property
    def url(self) -> str:
        """Where to look."""
        return f"http://{HOST}:{self.server_port}/"

    def state(self) -> dict[str, Any]:
        """What a kernel would have synced."""
        with self._lock:
            return self._state()

    def wish(self, content: Any) -> dict[str, Any]:
        """Do what the page asks; the state after it."""
        with self._lock:
            match content:
                case {"content": wish}:
                    self._widget._handle_custom_msg(wish, [])
                case {"state": {"ping": int(ping)}}:
                    self._widget.ping = ping
            return self._state()

    def is_own(self, host: str | None, origin: str | None) -> bool:
        """Whether a request is for this server and, if it names one, from its own page."""
        names = [f"{name}:{self.server_port}" for name in (HOST, "localhost")]
        return host in names and (origin is None or origin in [f"http://{name}" for name in names])

    def _state(self) -> dict[str, Any]:
        found = self._widget.get_state()
        return {key: value for key, value in found.items() if not key.startswith(UNSENT)}


class _Answer(BaseHTTPRequestHandler):
    server: OnePage
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if not self._is_own():
            return
        if self.path == "/state":
            self._send(JSON, json.dumps(self.server.state()))
        elif self.path in self.server.files:
            self._send(*self.server.files[self.path])
        else:
            self.send_error(404)

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not self._is_own():
            return
        if self.path != "/wish" or self.headers.get_content_type() != JSON:
            self.send_error(404)
        elif not length.isdecimal() or int(length) > MOST_BYTES:
            self.send_error(413)
        else:
            self._heard(self.rfile.read(int(length)))

    def _heard(self, body: bytes) -> None:
        try:
            content = json.loads(body)
        except ValueError:
            self.send_error(400)
            return
        self._send(JSON, json.dumps(self.server.wish(content)))

    def _is_own(self) -> bool:
        own = self.server.is_own(self.headers.get("Host"), self.headers.get("Origin"))
        if not own:
            self.send_error(403)
        return own

    def _send(self, kind: str, text: str) -> None:
        body = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nobody reads along."""
