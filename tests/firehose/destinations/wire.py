"""What tests of destinations share: records, settings, and a receiver behind real HTTPS."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from kinesis_sim.aws.certificate import Certificate
from kinesis_sim.firehose.destinations.transport import HttpAnswer, HttpRequest, Receiver
from kinesis_sim.firehose.outcome import Outcome, Waiting
from kinesis_sim.firehose.record import Record
from kinesis_sim.instants import to_ms

NOW = to_ms("2026-01-01T12:00:00Z")
ARN = "arn:aws:firehose:us-east-1:123456789012:deliverystream/cliques"
REQUEST_ID = "ed4acda5-034f-9f42-bba1-f29aea6d7d8f"


def records(*data: bytes | str, arrived: int = NOW) -> list[Record]:
    """Records of a stream, numbered from 0."""
    return [
        Record(each.encode() if isinstance(each, str) else each, arrived, number)
        for number, each in enumerate(data)
    ]


def no_secret(arn: str) -> Mapping[str, str]:
    raise AssertionError(f"{arn} was read")


def codes(outcome: Outcome | Waiting) -> list[str]:
    """The codes of what failed."""
    assert isinstance(outcome, Outcome)
    return [failure.code for failure in outcome.failures]


def settled(outcome: Outcome | Waiting, of: Sequence[Record]) -> Outcome:
    """The outcome, once it is checked to tell of every record exactly once."""
    assert isinstance(outcome, Outcome)
    failed = [id(failure.record) for failure in outcome.failures]
    assert len(set(failed)) == len(failed)
    assert set(failed) <= {id(record) for record in of}
    assert outcome.delivered + len(failed) == len(of)
    return outcome


@contextmanager
def behind_https(receiver: Receiver, certificate: Certificate, now: int = NOW) -> Iterator[str]:
    """A receiver behind a loopback HTTPS server; gives the server's address. A broken connection
    is a closed one, and so is a time-out, since a test does not wait."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            url = f"https://{self.headers['Host']}{self.path}"
            body = self.rfile.read(length)
            answer = receiver(HttpRequest("POST", url, dict(self.headers), body, 0), now)
            if isinstance(answer, HttpAnswer):
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer.body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.path, certificate.key_path)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
