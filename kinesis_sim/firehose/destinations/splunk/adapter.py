"""Splunk: the HTTP Event Collector (HEC), and the wait for the indexer's acknowledgement.

Source: facts/firehose §6; the guide's page on delivery failures; Splunk's pages on HEC and on
indexer acknowledgement. Records are sent as they are: concatenated, with nothing between them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from kinesis_sim.firehose.destinations.credential import (
    Block,
    Credential,
    SecretPort,
    SecretUnavailable,
    credential,
)
from kinesis_sim.firehose.destinations.identity import guid
from kinesis_sim.firehose.destinations.splunk.answer import (
    ACK_TIMEOUT,
    is_acknowledged,
    verdict_on,
    verdict_on_acknowledgement,
    verdict_on_trouble,
)
from kinesis_sim.firehose.destinations.splunk.kind import ACK_TIMEOUT_S
from kinesis_sim.firehose.destinations.transport import (
    HttpAnswer,
    HttpRequest,
    Transport,
    Unreachable,
)
from kinesis_sim.firehose.destinations.verdict import BatchVerdict
from kinesis_sim.firehose.outcome import Outcome, Waiting
from kinesis_sim.firehose.record import Record
from kinesis_sim.instants import SECOND

EndpointType = Literal["Raw", "Event"]
LOOK_EVERY_MS = 5 * SECOND
"""How often the acknowledgement is asked for: the model's choice."""
PATHS: dict[EndpointType, str] = {
    "Raw": "/services/collector/raw",
    "Event": "/services/collector/event",
}
ACK_PATH = "/services/collector/ack"


@dataclass(frozen=True, slots=True)
class SplunkSettings:
    """``SplunkDestinationConfiguration``, with its defaults."""

    endpoint: str
    endpoint_type: EndpointType
    token: Credential
    ack_timeout_ms: int = ACK_TIMEOUT_S * SECOND

    @classmethod
    def read(cls, block: Block) -> SplunkSettings:
        """The settings of a configuration block."""
        timeout = block.get("HECAcknowledgmentTimeoutInSeconds", ACK_TIMEOUT_S)
        return cls(
            block["HECEndpoint"].rstrip("/"),
            block["HECEndpointType"],
            credential(block, block.get("HECToken", ""), "hec_token"),
            timeout * SECOND,
        )


@dataclass(frozen=True, slots=True)
class _Sent:
    """A batch that Splunk has and still has to acknowledge. token: it was sent with."""

    records: Sequence[Record]
    ack_id: int
    deadline: int
    bytes: int
    token: str


@dataclass
class Splunk:
    """The adapter (a ``Destination``).

    It keeps one HEC channel, whose GUID follows from the stream's ARN.
    """

    settings: SplunkSettings
    stream_arn: str
    transport: Transport
    secret: SecretPort

    def deliver(self, records: Sequence[Record], request_id: str, now: int) -> Outcome | Waiting:
        """Post once.

        Taken data is Waiting for its acknowledgement, until the time-out that starts with this very
        request; the Outcome after it took only as long as the last look.
        """
        try:
            token = self.settings.token.read(self.secret)
        except SecretUnavailable as error:
            missing = BatchVerdict("Splunk.InvalidToken", str(error))
            return Outcome(0, missing.over(records))
        body = b"".join(record.data for record in records)
        answer = self._post(PATHS[self.settings.endpoint_type], body, token, now)
        if isinstance(answer, Unreachable):
            return _lost(records, verdict_on_trouble(answer), answer.took_ms, len(body))
        taken = verdict_on(answer)
        if isinstance(taken, BatchVerdict):
            return _lost(records, taken, answer.took_ms, len(body))
        deadline = now + self.settings.ack_timeout_ms
        return self._wait(_Sent(records, taken, deadline, len(body), token), now + answer.took_ms)

    def _wait(self, sent: _Sent, now: int) -> Waiting:
        return Waiting(
            lambda moment: self._look(sent, moment),
            max(now, min(now + LOOK_EVERY_MS, sent.deadline)),
        )

    def _look(self, sent: _Sent, now: int) -> Outcome | Waiting:
        """Ask for the acknowledgement.

        What goes wrong with the question itself is asked again, unless it says that there never
        will be an answer.
        """
        question = json.dumps({"acks": [sent.ack_id]}).encode()
        answer = self._post(ACK_PATH, question, sent.token, now)
        if not isinstance(answer, Unreachable):
            if is_acknowledged(answer, sent.ack_id):
                return Outcome(len(sent.records), (), answer.took_ms, sent.bytes)
            hopeless = verdict_on_acknowledgement(answer)
            if hopeless is not None:
                return _lost(sent.records, hopeless, answer.took_ms, sent.bytes)
        if now >= sent.deadline:
            return _lost(sent.records, ACK_TIMEOUT, answer.took_ms, sent.bytes)
        return self._wait(sent, now + answer.took_ms)

    def _post(self, path: str, body: bytes, token: str, now: int) -> HttpAnswer | Unreachable:
        headers = {
            "Authorization": f"Splunk {token}",
            "X-Splunk-Request-Channel": guid(f"channel of {self.stream_arn}").upper(),
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
        }
        url = f"{self.settings.endpoint}{path}"
        timeout = self.settings.ack_timeout_ms
        return self.transport.send(HttpRequest("POST", url, headers, body, timeout), now)


def _lost(records: Sequence[Record], verdict: BatchVerdict, took_ms: int, size: int) -> Outcome:
    return Outcome(0, verdict.over(records), took_ms, size)
