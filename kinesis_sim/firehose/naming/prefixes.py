"""The prefixes of a delivery stream's S3 objects: their expressions, and the rules between them.

Source: facts/firehose §3 (DG:s3-prefixes); words: facts/firehose §1.7, CreateDeliveryStream's own,
measured in September 2026. What they do not cover (a key of the prefix that no query gives, or that
only a missing function could) is told in this model's words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from kinesis_sim.errors import ServiceError
from kinesis_sim.firehose import refusals
from kinesis_sim.firehose.naming.date_patterns import (
    DatePattern,
    Overflow,
    WrongPattern,
    date_pattern,
)

DEFAULT_TIME = "!{timestamp:yyyy/MM/dd/HH/}"
LONGEST = 512
"""Characters that an evaluated prefix may have (DG:s3-prefixes); the time that is appended to one
without expressions does not count (CAP docs/firehose)."""
RANDOM_LENGTH = 11
_LATE = datetime(8888, 12, 31, 23, 59, 59, tzinfo=UTC)
"""When a new prefix is measured: no field is longer at another time, but for names."""
_EXPRESSION = re.compile(r"!\{([^:{}]*):((?:'[^']*'|[^'{}])*)\}")


@dataclass(frozen=True, slots=True)
class TimestampPart:
    """``!{timestamp:…}``."""

    pattern: DatePattern


@dataclass(frozen=True, slots=True)
class Variable:
    """``!{firehose:…}``."""

    name: Literal["random-string", "error-output-type"]


@dataclass(frozen=True, slots=True)
class PartitionKeyPart:
    """``!{partitionKeyFromQuery:name}`` or ``!{partitionKeyFromLambda:name}``."""

    source: Literal["query", "function"]
    name: str


Part = str | TimestampPart | Variable | PartitionKeyPart
Template = tuple[Part, ...]
_SOURCES: dict[str, Literal["query", "function"]] = {
    "partitionKeyFromQuery": "query",
    "partitionKeyFromLambda": "function",
}


def wrong(rule: str) -> ServiceError:
    """InvalidArgumentException for a prefix that breaks a rule."""
    return refusals.invalid(
        f"The supplied prefix(es) do not satisfy the following constraint: {rule}"
    )


def template(text: str, member: str) -> Template:
    """Read a prefix. member: its name in the request, for the error message.

    Raises InvalidArgumentException for an expression that Firehose does not have.
    """
    parts: list[Part] = []
    end = 0
    for found in _EXPRESSION.finditer(text):
        parts.append(_literal(text[end : found.start()], text))
        parts.append(_part(found[1], found[2], member))
        end = found.end()
    parts.append(_literal(text[end:], text))
    return tuple(part for part in parts if part)


def _literal(part: str, text: str) -> str:
    if "!{" in part:
        raise wrong(
            f"Invalid expression usage: {text}.Must be of the form !{{<namespace>:<value>}}"
        )
    return part


def _part(namespace: str, value: str, member: str) -> Part:
    if namespace == "timestamp":
        try:
            return TimestampPart(date_pattern(value))
        except WrongPattern:
            raise _no_value(member) from None
    if namespace == "firehose":
        if value == "random-string":
            return Variable("random-string")
        if value == "error-output-type":
            return Variable("error-output-type")
        raise _no_value(member)
    if namespace in _SOURCES:
        if not value:
            raise _no_value(member)
        return PartitionKeyPart(_SOURCES[namespace], value)
    raise wrong(f"Namespace to the left of colon ({namespace}) is an invalid keyword!")


def _no_value(member: str) -> ServiceError:
    return wrong(f"Invalid conversion character used in the value of the expression in {member}")


def has(parts: Template, kind: type | tuple[type, ...]) -> bool:
    """Whether a prefix has an expression of a kind."""
    return any(isinstance(part, kind) for part in parts)


def keys_of(parts: Template, source: str) -> frozenset[str]:
    """The names of the partitioning keys that a prefix asks of a source."""
    return frozenset(
        part.name for part in parts if isinstance(part, PartitionKeyPart) and part.source == source
    )


def check_prefixes(
    prefix: str | None,
    error_prefix: str | None,
    *,
    partitioned: bool = False,
    query_keys: Iterable[str] = (),
    function: bool = False,
    redshift: bool = False,
) -> None:
    """Hold both prefixes of a destination to the rules of facts/firehose §3; None or "" is absent.

    partitioned: dynamic partitioning is on. query_keys: names that the MetadataExtractionQuery
    finds (``partitioning.Query.names``). function: a Lambda processor is configured; the names it
    answers are known only once it does. redshift: the S3 step of a Redshift destination.
    Raises InvalidArgumentException and names the rule.
    """
    parts = template(prefix or "", "Prefix")
    error_parts = template(error_prefix or "", "ErrorOutputPrefix")
    if redshift and (error_prefix or has(parts, (TimestampPart, Variable, PartitionKeyPart))):
        raise wrong(
            "Prefix Expressions or ErrorOutputPrefix is currently not supported for this "
            "destination"
        )
    if Variable("error-output-type") in parts:
        raise wrong("Prefix must not contain any occurrence of !{firehose:error-output-type}")
    _check_keys(parts, error_parts, partitioned)
    _check_error_prefix(parts, error_parts, error_prefix)
    if partitioned:
        _check_partitioned(parts, frozenset(query_keys), function)
    for each, called in ((parts, "prefix"), (error_parts, "ErrorOutputPrefix")):
        if _shortest(each) > LONGEST:
            raise wrong(f"Length of evaluated {called} cannot be greater than {LONGEST}")


def _check_keys(parts: Template, error_parts: Template, partitioned: bool) -> None:
    """Partitioning keys stand where they can be known."""
    if has(error_parts, PartitionKeyPart):
        raise refusals.invalid(
            "Dynamic Partitioning Namespaces can't be part of an error prefix expression"
        )
    if has(parts, PartitionKeyPart) and not partitioned:
        raise refusals.invalid(
            "Dynamic Partitioning Namespaces can only be part of a prefix expression when Dynamic "
            "Partitioning is enabled."
        )
    if partitioned and not has(parts, PartitionKeyPart):
        raise refusals.invalid(
            "S3 Prefix should contain Dynamic Partitioning namespaces when Dynamic Partitioning is "
            "enabled"
        )


def _check_error_prefix(parts: Template, error_parts: Template, error_prefix: str | None) -> None:
    if not error_prefix and has(parts, (TimestampPart, Variable, PartitionKeyPart)):
        raise wrong("ErrorOutputPrefix cannot be null or empty when Prefix contains expressions")
    expressions = has(error_parts, (TimestampPart, Variable))
    if expressions and Variable("error-output-type") not in error_parts:
        raise wrong(
            "ErrorOutputPrefix must contain at least one occurrence of "
            "!{firehose:error-output-type}"
        )


def _check_partitioned(parts: Template, query_keys: frozenset[str], function: bool) -> None:
    asked = keys_of(parts, "query")
    if query_keys - asked:
        raise refusals.invalid(
            "MetaDataExtraction JQ Query can't contain keys that are not present in the S3 Prefix "
            "expression"
        )
    if asked - query_keys:
        raise refusals.invalid(
            "S3 Prefix expression can't contain keys that MetaDataExtraction JQ Query does not "
            f"give: {', '.join(sorted(asked - query_keys))}"
        )
    if keys_of(parts, "function") and not function:
        raise refusals.invalid(
            "S3 Prefix expression can contain partitionKeyFromLambda only with a Lambda processor"
        )


def _shortest(parts: Template) -> int:
    """Characters that a prefix has at least once it is evaluated."""
    return sum(map(_length, parts))


def _length(part: Part) -> int:
    if isinstance(part, str):
        return len(part)
    if isinstance(part, TimestampPart):
        try:
            return len(part.pattern.format(_LATE))
        except Overflow:
            return 1
    return RANDOM_LENGTH if isinstance(part, Variable) and part.name == "random-string" else 1
