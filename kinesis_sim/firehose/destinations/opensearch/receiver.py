"""A receiver for OpenSearch destinations: a cluster of one node that indexes bulk requests.

Wire format: OpenSearch's Bulk API (docs.opensearch.org, document APIs). It keeps documents by index
and answers the few questions that a lesson asks; it has no analysers and no query language.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

import orjson

from kinesis_sim.firehose.destinations.opensearch.mapping import FieldMapping, Misfit
from kinesis_sim.firehose.destinations.receiver import (
    Honest,
    Receiver,
    Refused,
    json_answer,
    table,
    with_body,
)
from kinesis_sim.firehose.destinations.transport import HttpAnswer, HttpRequest

if TYPE_CHECKING:
    import pandas

Document = dict[str, Any]
_INDEX_NAME = re.compile(r"(?![-_+])[^A-Z \"*\\<|,>/?#:]{1,255}")
_TARGET = {"_index", "_id"}


@dataclass
class Index:
    """The documents of one index by id, in order of arrival, and what its fields are."""

    mapping: FieldMapping = field(default_factory=FieldMapping)
    documents: dict[str, Document] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)


class _Action(NamedTuple):
    kind: str
    target: str
    document_id: str | None
    document: bytes


class OpenSearchReceiver(Receiver):
    """Takes bulk requests. arn: of the domain, for ``DomainARN``; empty for a collection.

    types: whether the cluster is old enough to know ``_type`` (before OpenSearch 2).
    fields: types of fields that every new index starts with, e.g. ``{"preco": "long"}``.
    """

    def __init__(
        self,
        name: str,
        url: str,
        arn: str = "",
        *,
        types: bool = False,
        fields: dict[str, str] | None = None,
        took_ms: int = 0,
    ) -> None:
        super().__init__(name, url, took_ms)
        self.arn = arn
        self.types = types
        self.fields = fields or {}
        self.indices: dict[str, Index] = {}
        self._made = 0
        self._rejecting = 0

    def count(self, index: str = "*") -> int:
        """How many documents there are; index: a name, or a pattern such as ``pedidos-*``."""
        return sum(len(found.documents) for _, found in self._matching(index))

    def search(self, index: str = "*", **equal: Any) -> list[Document]:
        """Documents whose fields have these values, as they were sent, in order of arrival."""
        return [
            document
            for _, found in self._matching(index)
            for document in found.documents.values()
            if all(document.get(name) == value for name, value in equal.items())
        ]

    def frame(self, index: str = "*") -> pandas.DataFrame:
        """A row per document: ``_index``, ``_id`` and its fields."""
        rows = [
            {"_index": name, "_id": key, **document}
            for name, found in self._matching(index)
            for key, document in found.documents.items()
        ]
        return table(rows, ("_index", "_id"))

    def reject(self, every: int = 1, times: int | None = 1) -> None:
        """Answer 429 for every ``every``-th document, as a full queue does, and do not index it."""

        def fault(honest: Honest) -> HttpAnswer:
            self._rejecting = every
            try:
                return honest()
            finally:
                self._rejecting = 0

        self.breaks(fault, times)

    def answer(self, request: HttpRequest, now: int) -> HttpAnswer:
        """Index what a bulk request brings, item by item."""
        if urlsplit(request.url).path != "/_bulk" or request.method != "POST":
            raise Refused(405, "Only POST /_bulk is taken here.", "method_not_allowed")
        kind = (request.header("Content-Type") or "").partition(";")[0]
        if kind not in ("application/x-ndjson", "application/json"):
            raise Refused(406, f"Content-Type header [{kind}] is not supported", "media_type")
        actions = self._actions(request.body)
        return _bulk_answer([self._item(number, each) for number, each in enumerate(actions, 1)])

    def refusal(self, refused: Refused, request: HttpRequest, now: int) -> HttpAnswer:
        """An error as OpenSearch writes it."""
        error = {"type": refused.kind or "exception", "reason": refused.message}
        body = {"error": {"root_cause": [error], **error}, "status": refused.status}
        return json_answer(refused.status, orjson.dumps(body))

    def drop_items(self, times: int | None = 1) -> None:
        """Take everything, but leave the last item out of the answer."""

        def change(answer: HttpAnswer) -> HttpAnswer:
            body = orjson.loads(answer.body)
            return with_body(answer, orjson.dumps({**body, "items": body["items"][:-1]}))

        self.amend(change, times)

    def _matching(self, pattern: str) -> Iterator[tuple[str, Index]]:
        return ((n, found) for n, found in self.indices.items() if fnmatchcase(n, pattern))

    def _actions(self, body: bytes) -> list[_Action]:
        if not body.endswith(b"\n"):
            raise Refused(
                400,
                "The bulk request must be terminated by a newline [\\n]",
                "illegal_argument_exception",
            )
        lines = body[:-1].split(b"\n")
        if len(lines) % 2:
            raise Refused(400, "A document is missing after the last action.", "parse_exception")
        return [
            self._action(number + 1, lines[number], lines[number + 1])
            for number in range(0, len(lines), 2)
        ]

    def _action(self, number: int, action: bytes, document: bytes) -> _Action:
        found = _object(action)
        if found is None or len(found) != 1:
            raise Refused(
                400,
                f"Malformed action/metadata line [{number}], expected one action.",
                "illegal_argument_exception",
            )
        kind, target = next(iter(found.items()))
        known = _TARGET | ({"_type"} if self.types else set())
        unknown = sorted(set(target) - known) if isinstance(target, dict) else [str(target)]
        if kind not in ("index", "create") or unknown:
            raise Refused(
                400,
                f"Action/metadata line [{number}] contains an unknown parameter "
                f"[{unknown[0] if unknown else kind}]",
                "illegal_argument_exception",
            )
        if "_index" not in target:
            raise Refused(400, "Validation Failed: 1: index is missing;", "action_request")
        return _Action(kind, target["_index"], target.get("_id"), document)

    def _item(self, number: int, action: _Action) -> dict[str, Any]:
        if self._rejecting and number % self._rejecting == 0:
            key = action.document_id or self._new_id()
            return _failed(
                action, key, 429, "rejected_execution_exception",
                "rejected execution of coordinating operation",
            )  # fmt: skip
        return self._index_one(action)

    def _index_one(self, action: _Action) -> dict[str, Any]:
        key = action.document_id or self._new_id()
        if not _INDEX_NAME.fullmatch(action.target):
            return _failed(
                action, key, 400, "invalid_index_name_exception",
                f"Invalid index name [{action.target}], must be lowercase and without spaces",
            )  # fmt: skip
        document = _object(action.document)
        if document is None:
            return _failed(action, key, 400, "mapper_parsing_exception", "failed to parse")
        index = self.indices.setdefault(action.target, Index(FieldMapping(dict(self.fields))))
        if action.kind == "create" and key in index.documents:
            return _failed(
                action, key, 409, "version_conflict_engine_exception",
                f"[{key}]: version conflict, document already exists",
            )  # fmt: skip
        try:
            index.mapping.take(document, key)
        except Misfit as misfit:
            return _failed(action, key, 400, "mapper_parsing_exception", str(misfit))
        return _kept(action, key, index, document)

    def _new_id(self) -> str:
        self._made += 1
        return f"auto-{self._made:015d}"


def _object(line: bytes) -> dict[str, Any] | None:
    try:
        found = orjson.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _kept(action: _Action, key: str, index: Index, document: Document) -> dict[str, Any]:
    version = index.versions[key] = index.versions.get(key, 0) + 1
    index.documents[key] = document
    created = version == 1
    return {
        action.kind: {
            "_index": action.target,
            "_id": key,
            "_version": version,
            "result": "created" if created else "updated",
            "_shards": {"total": 2, "successful": 1, "failed": 0},
            "_seq_no": len(index.documents) - 1,
            "_primary_term": 1,
            "status": 201 if created else 200,
        }
    }


def _failed(action: _Action, key: str, status: int, kind: str, reason: str) -> dict[str, Any]:
    error = {"type": kind, "reason": reason}
    return {action.kind: {"_index": action.target, "_id": key, "status": status, "error": error}}


def _bulk_answer(items: list[dict[str, Any]]) -> HttpAnswer:
    errors = any("error" in found for item in items for found in item.values())
    return json_answer(200, orjson.dumps({"took": 0, "errors": errors, "items": items}))
