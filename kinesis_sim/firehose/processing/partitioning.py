"""Dynamic partitioning by inline parsing: the keys that jq finds in a record.

The error code is AWS's (tests of govuk-one-login against a real stream wait for it), and so are the
error-output-type ``metadata-extraction-failed`` and the texts of what is no JSON and of an empty
key (facts/firehose §4); the others are the model's. jq itself is the version that the ``jq``
package brings, newer than the 1.6 of Firehose; what 1.6 did not know is refused
(``partition_query``).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from kinesis_sim.errors import MissingPackage
from kinesis_sim.firehose.processing.partition_query import is_slow, names_of, wrong
from kinesis_sim.firehose.record import Pairs

ENGINE = "JQ-1.6"
"""The one JsonParsingEngine (facts/firehose §4; the literal is unverified there)."""
ERROR_TYPE = "metadata-extraction-failed"
EXTRACTION_FAILED = "DynamicPartitioning.MetadataExtractionFailed"
NOT_JSON = "Non JSON record provided"
"""Of a record that is not one JSON value (facts/firehose/4/partition-texts)."""
EMPTY_KEY = "partitionKeys values must not be null or empty"
"""Of a record without a value for a key; of a structure, too (facts/firehose/4/partition-texts)."""
SEVERAL = "the query gives several values for a key"
NOTHING = "the query gives nothing for the record"
TOO_SLOW = (
    "the query takes more work for this record than this model gives it; ask jq for less, or do it "
    "in a Lambda function"
)
LONGEST_VALUE = 600
"""Characters kept of a value: more than a prefix of 512 can hold."""
_BOUNDED = (
    '({query}) | [{picks} | if type == "string" then .[:{longest}] '
    'elif type == "number" then (if isnan then null else . + 0 | tojson end) '
    'elif type == "boolean" then tojson else null end]'
)
"""What jq runs: it hands over short texts alone, whatever the query builds. Adding 0 makes a double
of a number, as all are in jq 1.6; newer ones keep the digits they read."""


@dataclass(frozen=True, slots=True)
class NoKeys:
    """A record without partitioning keys: it goes to the error prefix."""

    code: str
    message: str


class Jq(Protocol):
    """The port to a jq that can be ended, for queries that can take long."""

    def __call__(self, program: str, text: str) -> list[Any]:
        """The first two results.

        Raises ValueError for jq's own errors, TimeoutError for a record that takes more work than
        one may.
        """


class Query:
    """A MetadataExtractionQuery, checked and compiled once.

    jq: runs it when it can take long; without, it is run here all the same.

    Raises InvalidArgumentException for a query that is not one object of 1 to 50 keys, that jq
    cannot compile, or that uses what this model refuses (``partition_query``); MissingPackage
    without jq.
    """

    def __init__(self, query: str, jq: Jq | None = None) -> None:
        self.names: tuple[str, ...] = names_of(query)
        """The keys that it finds, in the query's order."""
        picks = ", ".join(f".[{_quoted(name)}]" for name in self.names)
        text = (
            _BOUNDED.replace("{query}", query)
            .replace("{picks}", picks)
            .replace("{longest}", str(LONGEST_VALUE))
        )
        self._elsewhere = jq if is_slow(query) else None
        self._text = text
        try:
            self._program = _jq().compile(text)
        except ValueError as error:
            raise wrong(f"is no jq expression: {_first_line(error)}") from None

    def keys(self, data: bytes) -> Pairs | NoKeys:
        """The keys of a record, sorted by name.

        A value is a text, a number or a boolean; one that is null, empty, missing or a structure
        leaves the record without keys.
        """
        try:
            found = self._run(data.decode())
        except UnicodeDecodeError:
            return _no_keys(NOT_JSON)
        except TimeoutError:
            return _no_keys(TOO_SLOW)
        except ValueError as error:
            return _no_keys(f"jq: {_first_line(error)}" if _is_json(data) else NOT_JSON)
        if len(found) == 1:
            return self._pairs(found[0])
        if not _is_json(data):
            return _no_keys(NOT_JSON)
        return _no_keys(NOTHING if not found else SEVERAL)

    def _run(self, text: str) -> list[list[str | None]]:
        if self._elsewhere is not None:
            return self._elsewhere(self._text, text)
        return _take(self._program.input_text(text))

    def _pairs(self, values: Sequence[str | None]) -> Pairs | NoKeys:
        pairs = zip(self.names, values, strict=True)
        if all(values):
            return tuple(sorted((name, value) for name, value in pairs if value))
        return _no_keys(EMPTY_KEY)


def _take(results: Any) -> list[Any]:
    """The first two results at most: a record that gives more has failed anyhow."""
    iterator = iter(results)
    return [result for result, _ in zip(iterator, range(2), strict=False)]


def _is_json(data: bytes) -> bool:
    """Whether a record is one JSON value, as far as Python reads it."""
    try:
        json.loads(data)
    except RecursionError:
        return True
    except ValueError:
        return False
    return True


def _no_keys(message: str) -> NoKeys:
    return NoKeys(EXTRACTION_FAILED, message)


def _quoted(name: str) -> str:
    return json.dumps(name)


def _first_line(error: ValueError) -> str:
    return (str(error).strip().splitlines() or ["no reason given"])[0][:200]


def _jq() -> Any:
    try:
        import jq
    except ImportError:
        raise MissingPackage(
            'Dynamic partitioning needs jq: pip install "kinesis-lab[firehose]"'
        ) from None
    return jq
