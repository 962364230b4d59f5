"""The prefixes of a delivery stream's S3 objects: their expressions, and the rules between them.

Source: facts/firehose §3 (DG:s3-prefixes). ``Ths supplied prefix(es) do not satisfy the following
constraint`` is how the service opens the sentence, its slip included (hashicorp/
terraform-provider-aws pull request 13416 quotes it); only the rule about ErrorOutputPrefix and
expressions is known word for word, the others are the model's wording.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from kinesis_sim.errors import ServiceError
from kinesis_sim.firehose.naming.date_patterns import DatePattern, WrongPattern, date_pattern

DEFAULT_TIME = "!{timestamp:yyyy/MM/dd/HH/}"
LONGEST = 512
"""Characters that an evaluated prefix may have (DG:s3-prefixes)."""
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
    return ServiceError(
        "InvalidArgumentException",
        f"Ths supplied prefix(es) do not satisfy the following constraint: {rule}",
    )


def template(text: str, member: str) -> Template:
    """Read a prefix. member: its name in the request, for the error message.

    Raises InvalidArgumentException for an expression that Firehose does not have.
    """
    parts: list[Part] = []
    end = 0
    for found in _EXPRESSION.finditer(text):
        parts.append(_literal(text[end : found.start()], member))
        parts.append(_part(found[1], found[2], member))
        end = found.end()
    parts.append(_literal(text[end:], member))
    return tuple(part for part in parts if part)


def _literal(text: str, member: str) -> str:
    if "!{" in text:
        begun = text[text.index("!{") :][:40]
        raise wrong(
            f"{member} has '{begun}', but the sequence !{{ can only open an expression "
            "!{namespace:value}"
        )
    return text


def _part(namespace: str, value: str, member: str) -> Part:
    if namespace == "timestamp":
        return TimestampPart(_pattern(value, member))
    if namespace == "firehose":
        if value == "random-string":
            return Variable("random-string")
        if value == "error-output-type":
            return Variable("error-output-type")
        raise wrong(
            f"{member} has !{{firehose:{value}}}, but the namespace firehose knows only "
            "random-string and error-output-type"
        )
    if namespace in _SOURCES:
        if not value:
            raise wrong(f"{member} has !{{{namespace}:}}, but a partitioning key has a name")
        return PartitionKeyPart(_SOURCES[namespace], value)
    raise wrong(
        f"{member} has !{{{namespace}:{value}}}, but a namespace is one of timestamp, firehose, "
        "partitionKeyFromQuery, partitionKeyFromLambda"
    )


def _pattern(text: str, member: str) -> DatePattern:
    if not text:
        raise wrong(f"{member} has !{{timestamp:}} without a pattern, e.g. yyyy/MM/dd/")
    try:
        return date_pattern(text)
    except WrongPattern as error:
        raise wrong(f"{member} has !{{timestamp:{text}}}, but {error}") from None


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
    if redshift:
        _check_redshift(parts, error_prefix)
    _check_error_prefix(parts, error_parts, error_prefix)
    if Variable("error-output-type") in parts:
        raise wrong("Prefix cannot contain !{firehose:error-output-type}")
    if partitioned:
        _check_partitioned(parts, error_prefix, frozenset(query_keys), function)
    elif has(parts, PartitionKeyPart):
        raise wrong(
            "Prefix can contain partitionKeyFromQuery and partitionKeyFromLambda only with dynamic "
            "partitioning enabled"
        )


def _check_redshift(parts: Template, error_prefix: str | None) -> None:
    if has(parts, (TimestampPart, Variable, PartitionKeyPart)):
        raise wrong("Prefix cannot contain expressions when the destination is Amazon Redshift")
    if error_prefix:
        raise wrong("ErrorOutputPrefix must be null when the destination is Amazon Redshift")


def _check_error_prefix(parts: Template, error_parts: Template, error_prefix: str | None) -> None:
    if not error_prefix and has(parts, (TimestampPart, Variable, PartitionKeyPart)):
        raise wrong("ErrorOutputPrefix cannot be null or empty when Prefix contains expressions")
    if has(error_parts, PartitionKeyPart):
        raise wrong(
            "ErrorOutputPrefix cannot contain partitionKeyFromQuery or partitionKeyFromLambda"
        )
    expressions = has(error_parts, (TimestampPart, Variable))
    if expressions and Variable("error-output-type") not in error_parts:
        raise wrong(
            "ErrorOutputPrefix must contain !{firehose:error-output-type} when it contains "
            "expressions"
        )


def _check_partitioned(
    parts: Template, error_prefix: str | None, query_keys: frozenset[str], function: bool
) -> None:
    if not has(parts, PartitionKeyPart) or not error_prefix:
        raise wrong(
            "Prefix must contain partitioning keys, and ErrorOutputPrefix cannot be null or empty, "
            "when dynamic partitioning is enabled"
        )
    asked = keys_of(parts, "query")
    if asked != query_keys:
        odd = ", ".join(sorted(asked ^ query_keys))
        raise wrong(
            "Prefix must contain one partitionKeyFromQuery for each key of MetadataExtractionQuery "
            f"and no other; on one side only: {odd}"
        )
    if keys_of(parts, "function") and not function:
        raise wrong("Prefix can contain partitionKeyFromLambda only with a Lambda processor")
