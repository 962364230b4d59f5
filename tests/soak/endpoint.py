"""A Firehose HTTP endpoint that dies and comes back: what it took, and how often it was away."""

from __future__ import annotations

import json
import ssl
import threading
import time
from base64 import b64decode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from kinesis_sim.aws.certificate import certificate


class Endpoint:
    """Serves over TLS with a certificate of its own, in turns: there, then gone, seconds each."""

    def __init__(self, folder: Path, there: float = 20, gone: float = 10) -> None:
        self.certificate = certificate(folder)
        self.taken: set[str] = set()
        self.deaths = 0
        self.port = 0
        self._there, self._gone = there, gone
        self._over = threading.Event()
        self._server = self._open()
        self._thread = threading.Thread(target=self._live, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}/"

    def settle(self) -> None:
        """Stay from now on."""
        self._over.set()
        self._thread.join()

    def stop(self) -> None:
        self.settle()
        self._server.shutdown()
        self._server.server_close()

    def _live(self) -> None:
        while not self._over.wait(self._there):
            self._server.shutdown()
            self._server.server_close()
            self.deaths += 1
            self._over.wait(self._gone)
            self._server = self._open()

    def _open(self) -> ThreadingHTTPServer:
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                asked = json.loads(body)
                endpoint.taken.update(
                    b64decode(row["data"]).decode().strip() for row in asked["records"]
                )
                said = {"requestId": asked["requestId"], "timestamp": int(time.time() * 1000)}
                answer = json.dumps(said).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        server.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate.path, self.certificate.key_path)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        self.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server
