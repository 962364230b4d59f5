"""What boto3 cannot: PutMedia. In process on the simulator's clock, or signed over HTTP.

>>> acks = record(sim, "dock-camera", DockCamera(), seconds=60)        # a minute of the clock
>>> acks = upload(server.endpoint_url, "dock-camera", media, start)    # a real, streaming request
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from kinesis_sim.arguments import whole
from kinesis_sim.errors import UsageError
from kinesis_sim.instants import to_ms
from kinesis_sim.workloads.camera.dock_camera import DockCamera

if TYPE_CHECKING:
    from kinesis_sim.account.calls import Conversation
    from kinesis_sim.simulator import Simulator

PATIENCE_SECONDS = 60
"""How long ``upload`` waits for the service."""


@dataclass(frozen=True, slots=True)
class MediaAck:
    """One acknowledgement, and when it came (epoch ms of the simulator; 0 over HTTP).

    timecode: the fragment's, in ms; error, error_id: of an ERROR.
    """

    at: int
    event: str
    timecode: int | None = None
    number: str | None = None
    error: str | None = None
    error_id: int | None = None


def record(
    sim: Simulator, stream: str, camera: DockCamera, *, seconds: int, absolute: bool = True
) -> list[MediaAck]:
    """Have a camera film for a while of the simulator's clock, each fragment put when it is over.

    absolute: whether its times are since 1970, else since it began. Returns all acknowledgements.
    Raises ServiceError as PutMedia does, UsageError for a part of a fragment.
    """
    if whole("seconds", seconds, least=1) * 1_000 % camera.gop:
        raise UsageError(f"seconds={seconds}: a fragment lasts {camera.gop} ms; give whole ones.")
    begin = sim.clock.now
    connection = sim.gate.converse("kinesisvideo", "PutMedia", _said(stream, begin, absolute))
    acks: list[MediaAck] = []
    media = camera.media(begin, seconds=seconds, absolute=absolute)
    connection.take(next(media))
    for fragment in media:
        sim.advance(milliseconds=camera.gop)
        if connection.ended:
            break
        connection.take(fragment)
        acks += _heard(sim, connection)
    connection.finish()
    while not connection.ended and sim.clock.next_due() is not None:
        acks += _heard(sim, connection)
        sim.advance(milliseconds=max(0, (sim.clock.next_due() or 0) - sim.clock.now))
    return acks + _heard(sim, connection)


def put(sim: Simulator, stream: str, media: bytes, *, start: str | int = 0) -> list[MediaAck]:
    """Put media that is there already, at once; what is stored later is not waited for.

    start: what its times count from. Raises ServiceError as PutMedia does.
    """
    connection = sim.gate.converse("kinesisvideo", "PutMedia", _said(stream, to_ms(start), False))
    connection.take(media)
    connection.finish()
    return _heard(sim, connection)


def _heard(sim: Simulator, connection: Conversation) -> list[MediaAck]:
    lines = connection.next_event() or b""
    assert isinstance(lines, bytes)
    return [_ack(line, sim.clock.now) for line in lines.splitlines()]


def _ack(line: bytes, at: int) -> MediaAck:
    said: dict[str, Any] = json.loads(line)
    members = ("FragmentTimecode", "FragmentNumber", "ErrorCode", "ErrorId")
    return MediaAck(at, said["EventType"], *map(said.get, members))


def _said(stream: str, start: int, absolute: bool) -> dict[str, str]:
    return {
        "StreamName": stream,
        "FragmentTimecodeType": "ABSOLUTE" if absolute else "RELATIVE",
        "ProducerStartTimestamp": f"{start // 1_000}.{start % 1_000:03}",
    }


# --- over HTTP ------------------------------------------------------------------------------------


def upload(
    endpoint_url: str,
    stream: str,
    media: Iterable[bytes],
    *,
    start: str | int = 0,
    absolute: bool = False,
    region: str = "us-east-1",
    keys: tuple[str, str] = ("AKIAIOSFODNN7EXAMPLE", "example-secret-key"),
) -> list[MediaAck]:
    """Put media by one streaming request, and hear its acknowledgements while it still goes.

    endpoint_url: what GetDataEndpoint says for PUT_MEDIA. media: pieces of Matroska, taken as they
    come. keys: an access key and its secret. The request is signed as by AWS's C producer, with
    the hash of an empty body.

    Raises UsageError with the service's text when it is refused.
    """
    url = urlsplit(endpoint_url)
    kind = HTTPSConnection if url.scheme == "https" else HTTPConnection
    connection = kind(url.hostname or "", url.port, timeout=PATIENCE_SECONDS)
    try:
        connection.putrequest("POST", "/putMedia", skip_accept_encoding=True, skip_host=True)
        for name, value in _signed(endpoint_url, stream, to_ms(start), absolute, region, keys):
            connection.putheader(name, value)
        connection.endheaders()
        return list(_talk(connection, media))
    finally:
        connection.close()


def _signed(
    endpoint_url: str,
    stream: str,
    start: int,
    absolute: bool,
    region: str,
    keys: tuple[str, str],
) -> Iterable[tuple[str, str]]:
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    said = _said(stream, start, absolute)
    headers = {
        "host": urlsplit(endpoint_url).netloc,
        "transfer-encoding": "chunked",
        "x-amzn-stream-name": stream,
        "x-amzn-fragment-timecode-type": said["FragmentTimecodeType"],
        "x-amzn-producer-start-timestamp": said["ProducerStartTimestamp"],
        "x-amzn-fragment-acknowledgment-required": "1",
    }
    request = AWSRequest("POST", f"{endpoint_url.rstrip('/')}/putMedia", headers, b"")
    SigV4Auth(Credentials(*keys), "kinesisvideo", region).add_auth(request)
    return list(request.headers.items())


def _talk(connection: HTTPConnection, media: Iterable[bytes]) -> Iterator[MediaAck]:
    """Send in this thread, hear in another: neither waits for the other."""
    heard: list[bytes] = []
    response = HTTPResponse(connection.sock, method="POST")

    def hear() -> None:
        response.begin()
        heard.extend(iter(response.readline, b""))

    listener = threading.Thread(target=hear, name="put-media", daemon=True)
    listener.start()
    try:
        for part in media:
            if not listener.is_alive():
                break
            if part:
                connection.send(b"%x\r\n%s\r\n" % (len(part), part))
        connection.send(b"0\r\n\r\n")
    except OSError:  # the service has ended it: what it said first is heard
        pass
    listener.join(PATIENCE_SECONDS)
    if response.status != 200:
        raise UsageError(f"PutMedia was refused: {response.status} {b''.join(heard)!r}")
    for line in heard:
        yield _ack(line, 0)
