"""HTTP endpoints: the requests that Firehose posts, and what it takes an answer for.

Source: the developer guide's page on delivery requests and responses (facts/firehose §6) and its
list of error codes. AWS speaks to port 443 only; here any port will do, so that an endpoint on this
machine can be used.

A batch that is larger than a request may be goes out as several, one after another. Each is taken
or not as a whole, and together they make one Outcome: what was taken and what failed add up, and so
do time and bytes.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from gzip import compress

from kinesis_sim.errors import UsageError
from kinesis_sim.firehose.destinations.credential import (
    Block,
    Credential,
    SecretPort,
    SecretUnavailable,
    credential,
)
from kinesis_sim.firehose.destinations.http_endpoint.answer import verdict_on, verdict_on_trouble
from kinesis_sim.firehose.destinations.identity import guid, record_id
from kinesis_sim.firehose.destinations.transport import HttpRequest, Transport, Unreachable
from kinesis_sim.firehose.destinations.verdict import BatchVerdict
from kinesis_sim.firehose.outcome import Failure, Outcome
from kinesis_sim.firehose.record import Record
from kinesis_sim.instants import MINUTE, SECOND

MOST_RECORDS = 10_000
LARGEST_BODY = 64 << 20
TIMEOUT_MS = 3 * MINUTE
MOST_BACKOFF_MS = 2 * MINUTE
JITTER = 0.15
_ENVELOPE_BYTES = 128
_ROW_BYTES = len('{"data":""},')
_SPLITS_REMEMBERED = 1024


def backoff_ms(retry: int, draw: float) -> int:
    """Milliseconds before a retry: 1 s × 2^retry, at most 2 minutes, ±15 %.

    retry: 0 before the first one. draw: a random number of [0, 1). The guide prints the formula
    with MAX where its text says "capped", so the smaller is taken; the jitter comes after the cap,
    as printed, so the longest wait is 138 s (facts/firehose §6). Raises UsageError.
    """
    if retry < 0 or not 0 <= draw < 1:
        raise UsageError(
            f"backoff_ms({retry}, {draw}): give a retry of 0 or more and 0 ≤ draw < 1."
        )
    grown = MOST_BACKOFF_MS if retry > 16 else min(SECOND << retry, MOST_BACKOFF_MS)
    return round(grown * (1 - JITTER + 2 * JITTER * draw))


@dataclass(frozen=True, slots=True)
class HttpEndpointSettings:
    """``HttpEndpointDestinationConfiguration``, with its defaults."""

    url: str
    access_key: Credential
    attributes: tuple[tuple[str, str], ...] = ()
    compressed: bool = False

    @classmethod
    def read(cls, block: Block) -> HttpEndpointSettings:
        """The settings of a configuration block."""
        endpoint = block["EndpointConfiguration"]
        asked = block.get("RequestConfiguration") or {}
        return cls(
            endpoint["Url"],
            credential(block, endpoint.get("AccessKey", ""), "api_key"),
            tuple(
                (row["AttributeName"], row["AttributeValue"])
                for row in asked.get("CommonAttributes", ())
            ),
            asked.get("ContentEncoding") == "GZIP",
        )


@dataclass
class HttpEndpoint:
    """The adapter (a ``Destination``). stream_arn: sent with every request."""

    settings: HttpEndpointSettings
    stream_arn: str
    transport: Transport
    secret: SecretPort
    _split: dict[str, None] = field(default_factory=dict, init=False, repr=False)

    def deliver(self, records: Sequence[Record], request_id: str, now: int) -> Outcome:
        """Post once.

        A batch that needs several requests gives each an id of its own, which follows from
        request_id and the records and so is the same when they are tried again.
        """
        try:
            key = self.settings.access_key.read(self.secret)
        except SecretUnavailable as error:
            missing = BatchVerdict("HttpEndpoint.ConnectionFailed", str(error))
            return Outcome(0, missing.over(records))
        parts = list(_parts(records))
        self._remember(request_id, len(parts) > 1)
        delivered, took, sent, failures = 0, 0, 0, list[Failure]()
        for part in parts:
            request = self._request(part, self._part_id(part, request_id), key, now + took)
            verdict, waited = self._exchange(request, now + took)
            took, sent = took + waited, sent + len(request.body)
            if verdict is None:
                delivered += len(part)
            else:
                failures += verdict.over(part)
        return Outcome(delivered, failures, took, sent)

    def _exchange(self, request: HttpRequest, now: int) -> tuple[BatchVerdict | None, int]:
        answer = self.transport.send(request, now)
        if isinstance(answer, Unreachable):
            return verdict_on_trouble(answer), answer.took_ms
        return verdict_on(answer, request.headers["X-Amz-Firehose-Request-Id"]), answer.took_ms

    def _remember(self, request_id: str, split: bool) -> None:
        """A batch once split keeps the ids of its parts, even when only one is left to retry."""
        if split:
            self._split[request_id] = None
            while len(self._split) > _SPLITS_REMEMBERED:
                self._split.pop(next(iter(self._split)), None)

    def _part_id(self, part: Sequence[Record], request_id: str) -> str:
        if request_id not in self._split:
            return request_id
        first, last = record_id(part[0], self.stream_arn), record_id(part[-1], self.stream_arn)
        return guid(f"{request_id}/{first}/{last}/{len(part)}")

    def _request(self, part: Sequence[Record], request_id: str, key: str, now: int) -> HttpRequest:
        body = _body(part, request_id, now)
        headers = {
            "Content-Type": "application/json",
            "X-Amz-Firehose-Protocol-Version": "1.0",
            "X-Amz-Firehose-Request-Id": request_id,
            "X-Amz-Firehose-Source-Arn": self.stream_arn,
        }
        if key:
            headers["X-Amz-Firehose-Access-Key"] = key
        if self.settings.attributes:
            attributes = {"commonAttributes": dict(self.settings.attributes)}
            headers["X-Amz-Firehose-Common-Attributes"] = json.dumps(attributes)
        if self.settings.compressed:
            body = compress(body, mtime=0)
            headers["Content-Encoding"] = "gzip"
        headers["Content-Length"] = str(len(body))
        return HttpRequest("POST", self.settings.url, headers, body, TIMEOUT_MS)


def _parts(records: Sequence[Record]) -> Iterator[list[Record]]:
    """The records in order, in as few requests as the limits of one allow."""
    part: list[Record] = []
    size = _ENVELOPE_BYTES
    for record in records:
        more = (len(record.data) + 2) // 3 * 4 + _ROW_BYTES
        if part and (len(part) == MOST_RECORDS or size + more > LARGEST_BODY):
            yield part
            part, size = [], _ENVELOPE_BYTES
        part.append(record)
        size += more
    if part:
        yield part


def _body(part: Sequence[Record], request_id: str, now: int) -> bytes:
    rows = b",".join(b'{"data":"' + b64encode(record.data) + b'"}' for record in part)
    head = f'{{"requestId":{json.dumps(request_id)},"timestamp":{now},"records":['
    return b"".join((head.encode(), rows, b"]}"))
