"""Filter criteria: patterns that a record must match to reach the function.

A pattern is JSON: every key must match, a list means any of its values, ``$or`` any of several
patterns. The operators are those of the Lambda guide (invocation-eventfiltering): exact values,
null, the empty text, prefix, suffix, anything-but, numeric, exists, equals-ignore-case.

A record's data is matched as JSON, decoded from base64; data that is no JSON is dropped by a
pattern for it, whatever the pattern says, and passes one about other members. Those are the members
of the event's ``kinesis``. Within lists of objects a pattern for their members matches if any of
them does, as in EventBridge.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from kinesis_sim.mappings.refusals import bad_pattern, too_many_patterns

Pattern = Callable[[Any], bool]
_MISSING = object()
_NO_JSON = object()
_OR = "$or"
MOST_PATTERNS = 5
_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    "=": lambda a, b: a == b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def compile_patterns(criteria: dict[str, Any]) -> tuple[Pattern, ...]:
    """The patterns of FilterCriteria. Raises InvalidParameterValueException for what is none."""
    texts = [row.get("Pattern", "") for row in criteria.get("Filters") or []]
    if len(texts) > MOST_PATTERNS:
        raise too_many_patterns(len(texts), MOST_PATTERNS)
    return tuple(_pattern(text) for text in texts)


def _pattern(text: str) -> Pattern:
    try:
        rule = json.loads(text)
    except (ValueError, RecursionError):
        raise bad_pattern(f"{text[:100]!r} is no JSON.") from None
    if not isinstance(rule, dict):
        raise bad_pattern("A pattern is a JSON object.")
    return _object(rule)


def _object(rule: dict[str, Any]) -> Pattern:
    parts = [(key, _member(key, value)) for key, value in rule.items() if key != _OR]
    choices = _choices(rule[_OR]) if _OR in rule else None

    def fits(document: Any) -> bool:
        if document is _NO_JSON:
            return False
        known = document if isinstance(document, dict) else {}
        if choices is not None and not any(choice(document) for choice in choices):
            return False
        return all(test(known.get(key, _MISSING)) for key, test in parts)

    def matches(document: Any) -> bool:
        if isinstance(document, list) and any(isinstance(one, dict) for one in document):
            return any(fits(one) for one in document)
        return fits(document)

    return matches


def _choices(value: Any) -> list[Pattern]:
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value) or not value:
        raise bad_pattern("'$or' needs a list of patterns.")
    return [_object(one) for one in value]


def _member(key: str, value: Any) -> Pattern:
    if isinstance(value, dict):
        return _object(value)
    if not isinstance(value, list) or not value:
        raise bad_pattern(f"{key!r} needs a list of values.")
    tests = [_value(one) for one in value]

    def matches(found: Any) -> bool:
        if found is _NO_JSON:
            return False
        candidates = found if isinstance(found, list) and found else [found]
        return any(test(one) for test in tests for one in candidates)

    return matches


def _value(rule: Any) -> Pattern:
    if not isinstance(rule, dict):
        return lambda found: (type(found) is type(rule) and found == rule) or _same(found, rule)
    if len(rule) != 1:
        raise bad_pattern("One operator a value.")
    [(operator, operand)] = rule.items()
    make = _OPERATORS.get(operator)
    if make is None:
        known = ", ".join(sorted(_OPERATORS))
        raise bad_pattern(f"There is no operator {operator!r}; the operators are {known}.")
    return make(operand)


def _same(found: Any, rule: Any) -> bool:
    """Numbers are equal by value; booleans and text only by themselves."""
    numbers = (int, float)
    return type(found) in numbers and type(rule) in numbers and found == rule


def _text(operator: str, operand: Any) -> str:
    if not isinstance(operand, str):
        raise bad_pattern(f"{operator} needs a text.")
    return operand


def _prefix(operand: Any) -> Pattern:
    text = _text("prefix", operand)
    return lambda found: isinstance(found, str) and found.startswith(text)


def _suffix(operand: Any) -> Pattern:
    text = _text("suffix", operand)
    return lambda found: isinstance(found, str) and found.endswith(text)


def _ignore_case(operand: Any) -> Pattern:
    text = _text("equals-ignore-case", operand).casefold()
    return lambda found: isinstance(found, str) and found.casefold() == text


def _exists(operand: Any) -> Pattern:
    if not isinstance(operand, bool):
        raise bad_pattern("exists needs true or false.")
    return lambda found: (found is not _MISSING) is operand


def _anything_but(operand: Any) -> Pattern:
    tests = [_value(one) for one in (operand if isinstance(operand, list) else [operand])]
    return lambda found: found is not _MISSING and not any(test(found) for test in tests)


def _numeric(operand: Any) -> Pattern:
    if not isinstance(operand, list) or len(operand) % 2 or not operand:
        raise bad_pattern("numeric needs pairs such as ['>', 5].")
    pairs = list(zip(operand[::2], operand[1::2], strict=True))
    for sign, bound in pairs:
        if not isinstance(sign, str) or sign not in _COMPARISONS or type(bound) not in (int, float):
            raise bad_pattern(f"numeric knows no {sign!r} {bound!r}.")

    def matches(found: Any) -> bool:
        number = type(found) in (int, float)
        return number and all(_COMPARISONS[sign](found, bound) for sign, bound in pairs)

    return matches


_OPERATORS: dict[str, Callable[[Any], Pattern]] = {
    "prefix": _prefix,
    "suffix": _suffix,
    "equals-ignore-case": _ignore_case,
    "exists": _exists,
    "anything-but": _anything_but,
    "numeric": _numeric,
}


def passes(patterns: tuple[Pattern, ...], record: dict[str, Any]) -> bool:
    """Whether a record (API member names) matches any of the patterns; none at all let all pass."""
    if not patterns:
        return True
    try:
        data = json.loads(record["Data"])
    except (ValueError, RecursionError):
        data = _NO_JSON
    document = {
        "kinesisSchemaVersion": "1.0",
        "data": data,
        "partitionKey": record.get("PartitionKey", ""),
        "sequenceNumber": record["SequenceNumber"],
        "approximateArrivalTimestamp": record.get("ApproximateArrivalTimestamp", 0) / 1000,
    }
    return any(pattern(document) for pattern in patterns)
