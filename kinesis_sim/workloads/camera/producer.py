"""What boto3 cannot: PutMedia. In process on the simulator's clock, or signed over HTTP.

>>> acks = record(sim, "dock-camera", DockCamera(), seconds=60)        # a minute of the clock
>>> acks = upload(server.endpoint_url, "dock-camera", media, start)    # a real, streaming request
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from socket import SHUT_RDWR
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from kinesis_sim.arguments import whole
from kinesis_sim.errors import UsageError
from kinesis_sim.instants import to_ms
from kinesis_sim.video import matroska
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
    sim: Simulator,
    stream: str,
    camera: DockCamera,
    *,
    seconds: int,
    absolute: bool = True,
    tags: Mapping[str, str] | None = None,
) -> list[MediaAck]:
    """Have a camera film for a while of the simulator's clock, each fragment put when it is over.

    absolute: whether its times are since 1970, else since it began. tags: what every fragment is
    tagged with, such as AWS_KINESISVIDEO_IMAGE_GENERATION. Returns all acknowledgements.
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
        if tags:
            connection.take(matroska.tags(tags.items()))
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

    Raises UsageError with the service's text when it is refused, or says how far it came when the
    connection broke off; and what taking the media raises.
    """
    url = urlsplit(endpoint_url)
    kind = HTTPSConnection if url.scheme == "https" else HTTPConnection
    connection = kind(url.hostname or "", url.port, timeout=PATIENCE_SECONDS)
    try:
        connection.putrequest("POST", "/putMedia", skip_accept_encoding=True, skip_host=True)
        for name, value in _signed(endpoint_url, stream, to_ms(start), absolute, region, keys):
            connection.putheader(name, value)
        connection.endheaders()
        return _talk(connection, media)
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


class _Hearing(threading.Thread):
    """Hears what the service says while the media still goes. error: what ended it too early."""

    def __init__(self, connection: HTTPConnection) -> None:
        super().__init__(name="put-media", daemon=True)
        self._socket = connection.sock
        self._response = HTTPResponse(connection.sock, method="POST")
        self._acks: list[MediaAck] = []
        self._refusal = b""
        self._error: Exception | None = None

    def run(self) -> None:
        """Hear all of it, line by line."""
        try:
            self._response.begin()
            if self._response.status != 200:
                self._refusal = self._response.read()
            for line in iter(self._response.readline, b""):
                self._acks.append(_ack(line, 0))
        except Exception as error:  # told by whoever waits for it, whatever it is
            self._error = error
        finally:
            self._response.close()  # it holds the connection, too

    def hang_up(self) -> None:
        """Hear no more: the connection ends, and with it this thread."""
        with suppress(OSError):
            self._socket.shutdown(SHUT_RDWR)
        self.join(PATIENCE_SECONDS)

    def acks(self) -> list[MediaAck]:
        """What was said. Raises UsageError when that was no, too little, or is not over."""
        self.join(PATIENCE_SECONDS)
        if self.is_alive():
            self.hang_up()
            raise UsageError(f"PutMedia said nothing more for {PATIENCE_SECONDS} s; is it there?")
        if self._error is not None:
            raise UsageError(
                f"PutMedia broke off after {len(self._acks)} acknowledgements: {self._error!r}. "
                "What was not acknowledged is to be sent again."
            ) from self._error
        if self._response.status != 200:
            raise UsageError(f"PutMedia was refused: {self._response.status} {self._refusal!r}")
        return self._acks


def _talk(connection: HTTPConnection, media: Iterable[bytes]) -> list[MediaAck]:
    """Send in this thread, hear in another: neither waits for the other."""
    hearing = _Hearing(connection)
    hearing.start()
    try:
        for part in media:
            if not hearing.is_alive() or (part and not _sent(connection, _chunk(part))):
                break
        else:
            _sent(connection, _chunk(b""))
    except BaseException:
        hearing.hang_up()
        raise
    return hearing.acks()


def _chunk(part: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(part), part)


def _sent(connection: HTTPConnection, data: bytes) -> bool:
    """Send; False when the service has ended it: what it said first is heard."""
    try:
        connection.send(data)
    except OSError:
        return False
    return True
