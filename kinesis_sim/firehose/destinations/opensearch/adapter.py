"""OpenSearch Service, Elasticsearch and OpenSearch Serverless: bulk requests, a document a record.

Source: facts/firehose §6, the guide's pages on delivery, index rotation and failures. Requests are
not signed: receivers of this process do not look, and a real cluster on this machine has no IAM.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson

from kinesis_sim.firehose.destinations.credential import Block
from kinesis_sim.firehose.destinations.identity import record_id
from kinesis_sim.firehose.destinations.opensearch.answer import (
    MALFORMED,
    NO_COMMANDS,
    verdict_on_request,
    verdict_on_trouble,
    verdicts_on_items,
)
from kinesis_sim.firehose.destinations.opensearch.domain import Flavour, domain_endpoint
from kinesis_sim.firehose.destinations.opensearch.index_names import index_name
from kinesis_sim.firehose.destinations.transport import HttpRequest, Transport, Unreachable
from kinesis_sim.firehose.destinations.verdict import BatchVerdict
from kinesis_sim.firehose.outcome import Failure, Outcome
from kinesis_sim.firehose.record import Record
from kinesis_sim.instants import MINUTE
from kinesis_sim.units import MIB

TIMEOUT_MS = MINUTE
"""How long a bulk request may take: the model's choice, AWS names no number."""
_ANSWER_BYTES_A_RECORD = 1024
_COMMAND = re.compile(rb'\s*\{\s*"(index|create|update|delete)"\s*:\s*\{[^\n]*\}\s*\n')


@dataclass(frozen=True, slots=True)
class OpenSearchSettings:
    """The three configuration blocks as one, with their defaults.

    Serverless has no rotation, type or document id options; that it gets Firehose's document ids
    follows from its error rows.
    """

    kind: Flavour
    endpoint: str
    index: str
    rotation: str = "OneDay"
    type_name: str = ""
    document_ids: bool = True

    @classmethod
    def read(cls, kind: Flavour, block: Block) -> OpenSearchSettings:
        """The settings of a configuration block."""
        given = block.get("CollectionEndpoint") or block.get("ClusterEndpoint")
        ids = (block.get("DocumentIdOptions") or {}).get("DefaultDocumentIdFormat")
        rotation = "NoRotation" if kind == "serverless" else "OneDay"
        return cls(
            kind,
            (given or domain_endpoint(block.get("DomainARN", ""))).rstrip("/"),
            block["IndexName"],
            block.get("IndexRotationPeriod", rotation),
            block.get("TypeName", ""),
            ids != "NO_DOCUMENT_ID",
        )


class _Line(NamedTuple):
    """A record that is fit to be sent, and the action before it."""

    record: Record
    action: bytes


@dataclass
class OpenSearch:
    """The adapter (a ``Destination``)."""

    settings: OpenSearchSettings
    stream_arn: str
    transport: Transport

    def deliver(self, records: Sequence[Record], request_id: str, now: int) -> Outcome:
        """Post one bulk request with the records that are single-line JSON objects.

        The others fail for good; each document that the cluster did not take fails on its own.
        """
        failures: list[Failure] = []
        lines: list[_Line] = []
        for record in records:
            wrong = wrong_with(record.data)
            if wrong is None:
                lines.append(_Line(record, self._action(record)))
            else:
                failures.append(wrong.on(record, self._document(record)))
        if not lines:
            return Outcome(0, failures)
        return self._post(lines, failures, now)

    def _post(self, lines: Sequence[_Line], failures: list[Failure], now: int) -> Outcome:
        body = b"".join(
            part for line in lines for part in (line.action, _one_line(line.record.data), b"\n")
        )
        headers = {"Content-Type": "application/x-ndjson", "Content-Length": str(len(body))}
        room = MIB + _ANSWER_BYTES_A_RECORD * len(lines)
        url = f"{self.settings.endpoint}/_bulk"
        answer = self.transport.send(HttpRequest("POST", url, headers, body, TIMEOUT_MS, room), now)
        records = [line.record for line in lines]
        verdict: BatchVerdict | list[BatchVerdict | None]
        if isinstance(answer, Unreachable):
            verdict = verdict_on_trouble(answer, self.settings.endpoint)
        else:
            verdict = verdict_on_request(answer, self.settings.kind) or verdicts_on_items(
                answer, len(lines)
            )
        if isinstance(verdict, BatchVerdict):
            verdict = [verdict] * len(records)
        for record, each in zip(records, verdict, strict=True):
            if each is not None:
                failures.append(each.on(record, self._document(record)))
        return Outcome(verdict.count(None), failures, answer.took_ms, len(body))

    def _action(self, record: Record) -> bytes:
        target: dict[str, Any] = {"_index": self._index(record)}
        if self.settings.type_name:
            target["_type"] = self.settings.type_name
        if self.settings.document_ids:
            target["_id"] = record_id(record, self.stream_arn)
        return orjson.dumps({"index": target}) + b"\n"

    def _index(self, record: Record) -> str:
        return index_name(self.settings.index, self.settings.rotation, record.arrived)

    def _document(self, record: Record) -> dict[str, str]:
        """What error rows of OpenSearch add to the common members (facts/firehose §3)."""
        found = record_id(record, self.stream_arn) if self.settings.document_ids else ""
        if self.settings.kind == "serverless":
            return {"osDocumentId": found, "osIndexName": self._index(record)}
        return {
            "esDocumentId": found,
            "esIndexName": self._index(record),
            "esTypeName": self.settings.type_name,
        }


def wrong_with(data: bytes) -> BatchVerdict | None:
    """Why a record cannot be a document: it must be one JSON object on one line, in UTF-8.

    That a line end after it is forgiven is the model's choice (unverified).
    """
    line = _one_line(data)
    if b"\n" in line or b"\r" in line:
        return NO_COMMANDS if _COMMAND.match(line) else MALFORMED
    try:
        found = orjson.loads(line)
    except ValueError:
        return MALFORMED
    return None if isinstance(found, dict) else MALFORMED


def _one_line(data: bytes) -> bytes:
    return data.removesuffix(b"\n").removesuffix(b"\r")
