"""A receiver for HTTP endpoint destinations: it holds Firehose to the documented request.

Source: facts/firehose §6 and the guide's page on delivery requests and responses.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from zlib import MAX_WBITS, decompressobj
from zlib import error as ZlibError

from kinesis_sim.firehose.destinations.receiver import (
    Receiver,
    Refused,
    json_answer,
    table,
    with_body,
)
from kinesis_sim.firehose.destinations.transport import HttpAnswer, HttpRequest

if TYPE_CHECKING:
    import pandas

_ARN = re.compile(r"arn:[^:]+:firehose:[a-z0-9-]+:\d{12}:deliverystream/[a-zA-Z0-9_.-]{1,64}")
_MOST_RECORDS = 10_000
_LARGEST_BODY = 64 << 20
_LARGEST_RECORD = 1_024_000
_MOST_ATTRIBUTES, _LONGEST_NAME, _LONGEST_VALUE = 50, 256, 1024


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request that was taken. at: when (epoch ms); timestamp: when Firehose made it."""

    request_id: str
    at: int
    timestamp: int
    source_arn: str
    attributes: dict[str, str]
    records: tuple[bytes, ...]


class HttpReceiver(Receiver):
    """Takes deliveries. access_key: what must come with them; empty takes any.

    deduplicate: whether a request id that was taken before is answered with 200 and not kept again.
    """

    def __init__(
        self,
        name: str,
        url: str,
        access_key: str = "",
        *,
        deduplicate: bool = False,
        took_ms: int = 0,
    ) -> None:
        super().__init__(name, url, took_ms)
        self.access_key = access_key
        self.deduplicate = deduplicate
        self.deliveries: list[Delivery] = []
        self._seen: set[str] = set()

    @property
    def records(self) -> list[bytes]:
        """Every record that was taken, in the order of arrival."""
        return [data for delivery in self.deliveries for data in delivery.records]

    def frame(self) -> pandas.DataFrame:
        """A row per record. Columns: at (epoch ms), request_id, data (text)."""
        rows = [
            {"at": each.at, "request_id": each.request_id, "data": data.decode(errors="replace")}
            for each in self.deliveries
            for data in each.records
        ]
        return table(rows, ("at", "request_id", "data"))

    def forge(self, times: int | None = 1, **members: Any) -> None:
        """Take everything, but answer with other members, or without one.

        E.g. ``requestId="other"``; without: ``timestamp=None``.
        """

        def change(answer: HttpAnswer) -> HttpAnswer:
            body = {**json.loads(answer.body), **members}
            kept = {name: value for name, value in body.items() if value is not None}
            return with_body(answer, json.dumps(kept).encode())

        self.amend(change, times)

    def mislabel(self, times: int | None = 1, **headers: str | None) -> None:
        """Take everything, but answer with other headers, or without one.

        E.g. ``content_type="text/html"``; without: ``content_length=None``.
        """
        wanted = {name.replace("_", "-").title(): value for name, value in headers.items()}

        def change(answer: HttpAnswer) -> HttpAnswer:
            found = {**answer.headers, **wanted}
            return replace(answer, headers={k: v for k, v in found.items() if v is not None})

        self.amend(change, times)

    def answer(self, request: HttpRequest, now: int) -> HttpAnswer:
        """Check a request rule by rule, and keep what it brings."""
        request_id = _checked_headers(request)
        if self.access_key and request.header("X-Amz-Firehose-Access-Key") != self.access_key:
            raise Refused(403, "X-Amz-Firehose-Access-Key is not the key of this endpoint.")
        body = _checked_body(_plain(request), request_id)
        if not (self.deduplicate and request_id in self._seen):
            self._seen.add(request_id)
            self.deliveries.append(_delivery(request, body, now))
        return _answer(200, request, now)

    def refusal(self, refused: Refused, request: HttpRequest, now: int) -> HttpAnswer:
        """The documented answer of a failure."""
        return _answer(refused.status, request, now, errorMessage=refused.message)


def _answer(status: int, request: HttpRequest, now: int, **more: str) -> HttpAnswer:
    request_id = request.header("X-Amz-Firehose-Request-Id") or ""
    body = {"requestId": request_id, "timestamp": now, **more}
    return json_answer(status, json.dumps(body).encode())


def _rule(holds: bool, message: str) -> None:
    if not holds:
        raise Refused(400, message)


def _checked_headers(request: HttpRequest) -> str:
    """The request id, once every header is as documented."""
    _rule(request.method == "POST", f"{request.method} is not POST.")
    _rule(request.url.startswith("https://"), f"{request.url} is not https.")
    kind = request.header("Content-Type")
    _rule(kind == "application/json", f"Content-Type is {kind}, not application/json.")
    length = request.header("Content-Length")
    _rule(length == str(len(request.body)), f"Content-Length is {length}, not the body's.")
    version = request.header("X-Amz-Firehose-Protocol-Version")
    _rule(version == "1.0", f"X-Amz-Firehose-Protocol-Version is {version}, not 1.0.")
    source = request.header("X-Amz-Firehose-Source-Arn") or ""
    _rule(bool(_ARN.fullmatch(source)), f"X-Amz-Firehose-Source-Arn {source!r} names no stream.")
    request_id = request.header("X-Amz-Firehose-Request-Id")
    if not request_id:
        raise Refused(400, "X-Amz-Firehose-Request-Id is missing.")
    _attributes(request)
    return request_id


def _attributes(request: HttpRequest) -> dict[str, str]:
    text = request.header("X-Amz-Firehose-Common-Attributes")
    if text is None:
        return {}
    found = _json(text.encode(), "X-Amz-Firehose-Common-Attributes")
    attributes = found.get("commonAttributes")
    if not isinstance(attributes, dict):
        raise Refused(400, "X-Amz-Firehose-Common-Attributes has no object commonAttributes.")
    _rule(len(attributes) <= _MOST_ATTRIBUTES, f"More than {_MOST_ATTRIBUTES} common attributes.")
    for name, value in attributes.items():
        good = isinstance(value, str) and len(value) <= _LONGEST_VALUE
        _rule(good and 0 < len(name) <= _LONGEST_NAME, f"The common attribute {name!r} is no text.")
    return attributes


def _plain(request: HttpRequest) -> bytes:
    encoding = request.header("Content-Encoding")
    if encoding is None:
        plain = request.body
    elif encoding == "gzip":
        plain = _unzipped(request.body)
    else:
        raise Refused(400, f"Content-Encoding is {encoding}; only gzip or no header is allowed.")
    if len(plain) > _LARGEST_BODY:
        raise Refused(413, f"The body is larger than {_LARGEST_BODY:,} bytes.")
    return plain


def _unzipped(body: bytes) -> bytes:
    """No more than a byte past the limit, however much is packed in."""
    stream = decompressobj(MAX_WBITS | 16)
    try:
        plain = stream.decompress(body, _LARGEST_BODY + 1)
    except ZlibError:
        raise Refused(400, "The body is not gzip, as Content-Encoding says.") from None
    _rule(stream.eof or len(plain) > _LARGEST_BODY, "The gzip body ends too early.")
    return plain


def _checked_body(plain: bytes, request_id: str) -> dict[str, Any]:
    body = _json(plain, "The body")
    _rule(body.get("requestId") == request_id, "requestId is not X-Amz-Firehose-Request-Id.")
    moment = body.get("timestamp")
    _rule(isinstance(moment, int) and moment is not True, "timestamp is no integer.")
    rows = body.get("records")
    if not isinstance(rows, list) or not 1 <= len(rows) <= _MOST_RECORDS:
        raise Refused(400, f"records is no list of 1 to {_MOST_RECORDS:,} records.")
    body["records"] = [_data(row, number) for number, row in enumerate(rows)]
    return body


def _data(row: Any, number: int) -> bytes:
    if not isinstance(row, dict) or row.keys() != {"data"} or not isinstance(row["data"], str):
        raise Refused(400, f"Record {number} is no object with a text data.")
    try:
        data = b64decode(row["data"], validate=True)
    except ValueError:
        raise Refused(400, f"The data of record {number} is not base64.") from None
    _rule(
        len(data) <= _LARGEST_RECORD, f"Record {number} is larger than {_LARGEST_RECORD:,} bytes."
    )
    return data


def _json(text: bytes, what: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        raise Refused(400, f"{what} is not JSON.") from None
    if not isinstance(found, dict):
        raise Refused(400, f"{what} is no JSON object.")
    return found


def _delivery(request: HttpRequest, body: dict[str, Any], now: int) -> Delivery:
    return Delivery(
        body["requestId"],
        now,
        body["timestamp"],
        request.header("X-Amz-Firehose-Source-Arn") or "",
        _attributes(request),
        tuple(body["records"]),
    )
