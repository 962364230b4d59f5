"""Filter criteria: patterns that a record must match to reach the function.

A pattern is JSON: every key must match, a list means any of its values. The operators are those of
EventBridge that Lambda takes: exact values, null, prefix, suffix, anything-but, numeric, exists,
equals-ignore-case. A record's data is matched as JSON; data that is no JSON matches no pattern
for it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from kinesis_sim.errors import ServiceError

Pattern = Callable[[Any], bool]
_MISSING = object()
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
    texts = [row.get("Pattern", "{}") for row in criteria.get("Filters", [])]
    if len(texts) > MOST_PATTERNS:
        raise _invalid(f"At most {MOST_PATTERNS} filters are allowed, not {len(texts)}.")
    return tuple(_pattern(text) for text in texts)


def _pattern(text: str) -> Pattern:
    try:
        rule = json.loads(text)
    except (ValueError, RecursionError):
        raise _invalid(f"Invalid filter pattern definition: {text[:100]} is no JSON.") from None
    if not isinstance(rule, dict):
        raise _invalid("Invalid filter pattern definition: a pattern is a JSON object.")
    return _object(rule)


def _object(rule: dict[str, Any]) -> Pattern:
    parts = [(key, _member(key, value)) for key, value in rule.items()]

    def matches(document: Any) -> bool:
        if not isinstance(document, dict):
            document = {}
        return all(test(document.get(key, _MISSING)) for key, test in parts)

    return matches


def _member(key: str, value: Any) -> Pattern:
    if isinstance(value, dict):
        return _object(value)
    if not isinstance(value, list) or not value:
        raise _invalid(f"Invalid filter pattern definition: {key!r} needs a list of values.")
    tests = [_value(one) for one in value]

    def matches(found: Any) -> bool:
        candidates = found if isinstance(found, list) else [found]
        return any(test(one) for test in tests for one in candidates)

    return matches


def _value(rule: Any) -> Pattern:
    if not isinstance(rule, dict):
        return lambda found: (type(found) is type(rule) and found == rule) or _same(found, rule)
    if len(rule) != 1:
        raise _invalid("Invalid filter pattern definition: one operator a value.")
    [(operator, operand)] = rule.items()
    make = _OPERATORS.get(operator)
    if make is None:
        known = ", ".join(sorted(_OPERATORS))
        raise _invalid(f"Invalid filter operator {operator!r}; the operators are {known}.")
    return make(operand)


def _same(found: Any, rule: Any) -> bool:
    """Numbers are equal by value; booleans and text only by themselves."""
    numbers = (int, float)
    return type(found) in numbers and type(rule) in numbers and found == rule


def _text(operator: str, operand: Any) -> str:
    if not isinstance(operand, str):
        raise _invalid(f"Invalid filter pattern definition: {operator} needs a text.")
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
    return lambda found: (found is not _MISSING) is bool(operand)


def _anything_but(operand: Any) -> Pattern:
    tests = [_value(one) for one in (operand if isinstance(operand, list) else [operand])]
    return lambda found: found is not _MISSING and not any(test(found) for test in tests)


def _numeric(operand: Any) -> Pattern:
    if not isinstance(operand, list) or len(operand) % 2 or not operand:
        raise _invalid("Invalid filter pattern definition: numeric needs pairs such as ['>', 5].")
    pairs = list(zip(operand[::2], operand[1::2], strict=True))
    for sign, bound in pairs:
        if sign not in _COMPARISONS or type(bound) not in (int, float):
            raise _invalid(f"Invalid numeric filter {sign!r} {bound!r}.")

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
        data = _MISSING
    document = {
        "data": data,
        "partitionKey": record.get("PartitionKey"),
        "sequenceNumber": record["SequenceNumber"],
    }
    return any(pattern(document) for pattern in patterns)


def _invalid(message: str) -> ServiceError:
    return ServiceError("InvalidParameterValueException", message)
