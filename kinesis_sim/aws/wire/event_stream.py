"""``application/vnd.amazon.eventstream``: the framing of SubscribeToShard's answer.

A message is: total length (u32), length of the headers (u32), CRC32 of these eight bytes, the
headers, the payload, CRC32 of all before (facts/data-streams §9, EFO wire). A stream opens with an
``initial-response`` event, without which boto3 refuses it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from struct import pack
from typing import TYPE_CHECKING, Any
from zlib import crc32

if TYPE_CHECKING:
    from kinesis_sim.aws.wire import Format

CONTENT_TYPE = "application/vnd.amazon.eventstream"
_STRING = 7
INITIAL = "initial-response"


def message(headers: Mapping[str, str], payload: bytes) -> bytes:
    """One framed message with string headers."""
    block = b"".join(_header(name, value) for name, value in headers.items())
    prelude = pack(">II", 16 + len(block) + len(payload), len(block))
    body = b"".join((prelude, pack(">I", crc32(prelude)), block, payload))
    return body + pack(">I", crc32(body))


def _header(name: str, value: str) -> bytes:
    key, text = name.encode(), value.encode()
    return pack(">B", len(key)) + key + pack(">BH", _STRING, len(text)) + text


class EventWriter:
    """Writes the events of one stream shape in one wire format.

    shape: the botocore structure of the stream, one member per kind of event; members that are
    exceptions become exception messages.
    """

    def __init__(self, shape: Any, form: Format) -> None:
        self._form = form
        self._kinds: dict[str, tuple[dict[str, str], Callable[[Any], Any]]] = {
            name: (_headers(name, member, form), form.writer(member))
            for name, member in shape.members.items()
        }

    def initial(self) -> bytes:
        """The message that opens the stream."""
        headers = {":message-type": "event", ":event-type": INITIAL}
        return message(headers | {":content-type": self._form.content_type}, self._form.dumps({}))

    def event(self, event: Mapping[str, Any]) -> bytes:
        """The message of ``{kind: value}``, values as the gate gives them."""
        ((kind, value),) = event.items()
        headers, convert = self._kinds[kind]
        return message(headers, self._form.dumps(convert(value)))


def _headers(name: str, member: Any, form: Format) -> dict[str, str]:
    failed = member.metadata.get("exception", False)
    headers = {":message-type": "exception" if failed else "event"}
    headers[":exception-type" if failed else ":event-type"] = name
    return headers | {":content-type": form.content_type}
