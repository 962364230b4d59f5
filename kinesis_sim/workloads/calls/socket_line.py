"""A signaling channel's WebSocket as Python peers use it: a signed address, texts both ways.

Address and query: facts/video/7/connect.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from base64 import b64decode, b64encode
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from kinesis_sim.errors import UsageError

EXPIRES_SECONDS = 299
"""How long a signed address is good for."""
PIECE = 1 << 16
"""Bytes that are read at a time."""


@dataclass(frozen=True, slots=True)
class HeardSignal:
    """A message that came: its kind, what it carries, and the client that sent it."""

    kind: str
    payload: Any
    sender: str


def signed(address: str, channel: str, client: str, region: str, keys: tuple[str, str]) -> str:
    """The address with its query. channel: its ARN; client: a viewer's id, empty for the master."""
    from botocore.auth import SigV4QueryAuth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    query = {"X-Amz-ChannelARN": channel, **({"X-Amz-ClientId": client} if client else {})}
    request = AWSRequest("GET", address.rstrip("/") + "/", params=query)
    auth = SigV4QueryAuth(Credentials(*keys), "kinesisvideo", region, expires=EXPIRES_SECONDS)
    auth.add_auth(request)
    return str(request.url)


class SocketLine:
    """One connection to a channel, opened and closed by ``async with``.

    address: of ``signed``. ca_bundle: a file of the certificate to trust; else the system's.
    Raises UsageError for a handshake that is refused.
    """

    def __init__(self, address: str, ca_bundle: str | None = None) -> None:
        from wsproto import ConnectionType, WSConnection

        self._url = urlsplit(address)
        self._ca_bundle = ca_bundle
        self._socket = WSConnection(ConnectionType.CLIENT)
        self._heard: deque[HeardSignal] = deque()
        self._text: list[str] = []
        self._ended = False

    async def __aenter__(self) -> Self:
        from wsproto.events import Request

        secure = self._url.scheme == "wss"
        trust = ssl.create_default_context(cafile=self._ca_bundle) if secure else None
        port = self._url.port or (443 if secure else 80)
        self._reader, self._writer = await asyncio.open_connection(
            self._url.hostname, port, ssl=trust
        )
        target = f"{self._url.path}?{self._url.query}"
        self._write(self._socket.send(Request(host=self._url.netloc, target=target)))
        self._open = False
        while not self._open:
            await self._read()
            if self._ended:
                await self.__aexit__(None, None, None)
                raise UsageError(f"The channel did not let the peer in: {self._url.hostname}.")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        from wsproto.connection import ConnectionState
        from wsproto.events import CloseConnection

        if self._socket.state is ConnectionState.OPEN:
            self._write(self._socket.send(CloseConnection(code=1000)))
        self._writer.close()
        with suppress(OSError):  # the other side was faster
            await self._writer.wait_closed()

    def send(self, action: str, payload: Any, to: str = "") -> None:
        """Send a message. to: the client whom a master means."""
        from wsproto.events import TextMessage

        said = {
            "action": action,
            "messagePayload": b64encode(json.dumps(payload).encode()).decode(),
            **({"recipientClientId": to} if to else {}),
        }
        self._write(self._socket.send(TextMessage(data=json.dumps(said))))

    async def receive(self) -> HeardSignal | None:
        """The next message; None when the channel has closed the connection."""
        while not self._heard and not self._ended:
            await self._read()
        return self._heard.popleft() if self._heard else None

    def _write(self, data: bytes) -> None:
        self._writer.write(data)

    async def _read(self) -> None:
        from wsproto import events

        data = await self._reader.read(PIECE)
        self._socket.receive_data(data or None)
        for event in self._socket.events():
            if isinstance(event, events.AcceptConnection):
                self._open = True
            elif isinstance(event, events.TextMessage):
                self._text.append(event.data)
                if event.message_finished:
                    self._take("".join(self._text))
                    self._text.clear()
            elif isinstance(event, events.Ping):
                self._write(self._socket.send(event.response()))
            elif isinstance(event, events.RejectConnection | events.CloseConnection):
                self._ended = True

    def _take(self, text: str) -> None:
        if not text:
            return
        said = json.loads(text)
        payload = said.get("messagePayload")
        carried = json.loads(b64decode(payload)) if payload else None
        self._heard.append(
            HeardSignal(said["messageType"], carried, said.get("senderClientId", ""))
        )
