"""A receiver for Splunk destinations: an HTTP Event Collector with indexer acknowledgement.

Source: Splunk's pages on HEC (endpoints, error codes) and on indexer acknowledgement. It keeps
events and finds words in them; it is no Splunk.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from kinesis_sim.firehose.destinations.receiver import (
    Receiver,
    Refused,
    json_answer,
    table,
)
from kinesis_sim.firehose.destinations.transport import HttpAnswer, HttpRequest

if TYPE_CHECKING:
    import pandas

_GUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_ROOT = "/services/collector"
_EVENTS = (_ROOT, f"{_ROOT}/event", f"{_ROOT}/event/1.0")
_RAW = (f"{_ROOT}/raw", f"{_ROOT}/raw/1.0")
_ACK = f"{_ROOT}/ack"
_NUMBERS = {401: 2, 403: 4, 500: 8, 503: 9}
Events = list["SplunkEvent"]


@dataclass(frozen=True, slots=True)
class SplunkEvent:
    """One event.

    at: when it came (epoch ms); event: a text, or what the JSON event held; meta: the other members
    of a JSON event (time, host, source, sourcetype, index, fields).
    """

    at: int
    event: Any
    meta: dict[str, Any] = field(default_factory=dict)


class SplunkReceiver(Receiver):
    """Takes events with a token. indexing_ms: simulated time until a batch is acknowledged."""

    def __init__(
        self, name: str, url: str, token: str, *, indexing_ms: int = 0, took_ms: int = 0
    ) -> None:
        super().__init__(name, url, took_ms)
        self.token = token
        self.indexing_ms = indexing_ms
        self.acknowledges = True
        self.enabled = True
        self.events: Events = []
        self._next: dict[str, int] = {}
        self._due: dict[tuple[str, int], int | None] = {}
        self._forgotten = 0
        self._wrong_acks = False

    def search(self, text: str) -> Events:
        """Events that contain a text."""
        return [event for event in self.events if text in _text(event.event)]

    def frame(self) -> pandas.DataFrame:
        """A row per event. Columns: at (epoch ms), event (text), and what JSON events name."""
        rows = [{"at": each.at, "event": _text(each.event), **each.meta} for each in self.events]
        return table(rows, ("at", "event"))

    def acknowledge_after(self, indexing_ms: int) -> None:
        """Acknowledge what comes from now on only after so much simulated time."""
        self.indexing_ms = indexing_ms

    def never_acknowledge(self, batches: int = 1) -> None:
        """Index the next batches, but never say so."""
        self._forgotten = batches

    def disable_acknowledgement(self) -> None:
        """Switch indexer acknowledgement off for the token, as Splunk has it by default."""
        self.acknowledges = False

    def disable_token(self) -> None:
        """Switch the token off."""
        self.enabled = False

    def acknowledge_wrongly(self) -> None:
        """Answer looks with acknowledgements of other batches than were asked for."""
        self._wrong_acks = True

    def forget_channels(self) -> None:
        """Know no channel any more, like the other node of a proxy without sticky sessions."""
        self._next.clear()
        self._due.clear()

    def mend(self) -> None:
        """Answer honestly from now on; what was not acknowledged stays so."""
        super().mend()
        self.acknowledges = self.enabled = True
        self.indexing_ms = self._forgotten = 0
        self._wrong_acks = False

    def breakable(self, request: HttpRequest) -> bool:
        """Faults break posts of events; looks for acknowledgements have faults of their own."""
        return urlsplit(request.url).path != _ACK

    def answer(self, request: HttpRequest, now: int) -> HttpAnswer:
        """Take events, or tell what is indexed."""
        path = urlsplit(request.url).path
        self._check_token(request)
        if request.method != "POST":
            raise Refused(405, "Method Not Allowed", 405)
        if path == _ACK:
            return self._acknowledgements(request, now)
        if path in _EVENTS:
            return self._take(request, _json_events, now)
        if path in _RAW:
            return self._take(request, _raw_events, now)
        raise Refused(404, "The requested URL was not found on this server.", 404)

    def refusal(self, refused: Refused, request: HttpRequest, now: int) -> HttpAnswer:
        """An error as HEC writes it."""
        number = refused.kind or _NUMBERS.get(refused.status, refused.status)
        body = {"text": refused.message, "code": number}
        return json_answer(refused.status, json.dumps(body).encode())

    def _check_token(self, request: HttpRequest) -> None:
        given = request.header("Authorization")
        if not given:
            raise Refused(401, "Token is required", 2)
        scheme, _, token = given.partition(" ")
        if scheme != "Splunk":
            raise Refused(401, "Invalid authorization", 3)
        if token.lower() != self.token.lower():
            raise Refused(403, "Invalid token", 4)
        if not self.enabled:
            raise Refused(403, "Token disabled", 1)

    def _take(
        self, request: HttpRequest, read: Callable[[bytes, int], Events], now: int
    ) -> HttpAnswer:
        channel = _channel(request)
        if not request.body:
            raise Refused(400, "No data", 5)
        self.events += read(request.body, now)
        answer: dict[str, Any] = {"text": "Success", "code": 0}
        if self.acknowledges:
            answer["ackId"] = self._promise(channel, now)
        return json_answer(200, json.dumps(answer).encode())

    def _promise(self, channel: str, now: int) -> int:
        number = self._next.get(channel, 0)
        self._next[channel] = number + 1
        silent = self._forgotten > 0
        self._forgotten -= silent
        self._due[channel, number] = None if silent else now + self.indexing_ms
        return number

    def _acknowledgements(self, request: HttpRequest, now: int) -> HttpAnswer:
        if not self.acknowledges:
            raise Refused(400, "ACK is disabled", 14)
        channel = _channel(request)
        if channel not in self._next:
            raise Refused(400, "Invalid data channel", 11)
        asked = _asked(request.body)
        if self._wrong_acks:
            found = {str(number + 1): True for number in asked}
        else:
            found = {str(number): self._is_indexed(channel, number, now) for number in asked}
        return json_answer(200, json.dumps({"acks": found}).encode())

    def _is_indexed(self, channel: str, number: int, now: int) -> bool:
        """HEC says true once and then forgets."""
        due = self._due.get((channel, number))
        if due is None or due > now:
            return False
        del self._due[channel, number]
        return True


def _channel(request: HttpRequest) -> str:
    query = parse_qs(urlsplit(request.url).query).get("channel", [""])
    channel = request.header("X-Splunk-Request-Channel") or query[0]
    if not channel:
        raise Refused(400, "Data channel is missing", 10)
    if not _GUID.fullmatch(channel):
        raise Refused(400, "Invalid data channel", 11)
    return channel.upper()


def _asked(body: bytes) -> list[int]:
    try:
        asked = json.loads(body)["acks"]
    except (ValueError, KeyError, TypeError):
        raise Refused(400, "Invalid data format", 6) from None
    if not isinstance(asked, list) or not all(type(number) is int for number in asked):
        raise Refused(400, "Invalid data format", 6)
    return asked


def _raw_events(body: bytes, now: int) -> Events:
    """An event a line: records without a line end between them become one event."""
    text = body.decode(errors="replace")
    return [SplunkEvent(now, line) for line in re.split(r"[\r\n]+", text) if line]


def _json_events(body: bytes, now: int) -> Events:
    """JSON events one after another. One that is wrong refuses all of them (the model's choice)."""
    try:
        text = body.decode().strip()
    except UnicodeDecodeError:
        raise Refused(400, "Invalid data format", 6) from None
    decoder, events, place = json.JSONDecoder(), Events(), 0
    while place < len(text):
        try:
            found, place = decoder.raw_decode(text, place)
        except ValueError:
            raise Refused(400, "Invalid data format", 6) from None
        events.append(_event(found, now))
        while place < len(text) and text[place].isspace():
            place += 1
    return events


def _event(found: Any, now: int) -> SplunkEvent:
    if not isinstance(found, dict):
        raise Refused(400, "Invalid data format", 6)
    if "event" not in found:
        raise Refused(400, "Event field is required", 12)
    if found["event"] in ("", None):
        raise Refused(400, "Event field cannot be blank", 13)
    meta = {name: value for name, value in found.items() if name != "event"}
    return SplunkEvent(now, found["event"], meta)


def _text(event: Any) -> str:
    return event if isinstance(event, str) else json.dumps(event, ensure_ascii=False)
