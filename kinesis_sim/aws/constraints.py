"""The constraints that botocore's model puts on a value, each with AWS's words for breaking it.

Words: mhart/kinesalite's tests, which were also run against AWS, and AWS answers recorded in the
snapshots of localstack/localstack; the rows are in ``tests/aws/test_validation.py``.

Enum values are named in AWS's own order where one was recorded (``enum_orders.toml``), else in
botocore's (this model's choice: no model carries AWS's). Another choice: lengths of text count
Unicode characters, as the API's documentation says.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from botocore.model import Shape

NOT_NULL = "Member must not be null"
_NUMBERS = ("integer", "long", "float", "double")
_SIZED = ("string", "blob", "list", "map")
# Beyond its longest legal length a text is not matched against its pattern, only reported as too
# long, once it is also longer than this: several patterns backtrack in quadratic time.
_MATCHED_AT_MOST = 8_192


@dataclass(frozen=True, slots=True)
class Constraint:
    """One rule on one value.

    kind: "pattern", "min", "max" or "enum"; bound: the model's value for it; text: AWS's sentence
    after "failed to satisfy constraint: "; holds: whether a value of the right type keeps the rule.
    """

    kind: str
    bound: Any
    text: str
    holds: Callable[[Any], bool]


@lru_cache(maxsize=8192)
def constraints(shape: Shape) -> tuple[Constraint, ...]:
    """The constraints of one shape itself, in the order in which AWS lists their violations."""
    traits = shape.metadata
    kind = shape.type_name
    found: list[Constraint] = []
    if kind == "string" and "pattern" in traits:
        found.append(_pattern(traits["pattern"], traits.get("max")))
    for name, build in (("min", _least), ("max", _most)):
        if name in traits and kind in _NUMBERS + _SIZED:
            found.append(build(traits[name], measured=kind in _SIZED))
    if traits.get("enum"):
        found.append(_enum(tuple(traits["enum"])))
    return tuple(found)


def bracketed(shape: Shape) -> str:
    """The list of rules that AWS prints for a list's members, or a map's keys or values."""
    order = ("max", "min", "pattern", "enum")
    rules = sorted(constraints(shape), key=lambda rule: order.index(rule.kind))
    return f"[{', '.join(rule.text for rule in rules) or NOT_NULL}]"


@lru_cache(maxsize=1024)
def java_pattern(text: str) -> re.Pattern[str]:
    """A pattern of the model with Java's meaning, to be used with ``fullmatch``.

    Unlike Python's, Java's \\d, \\w, \\s are ASCII and its dot stops at five line ends. \\p{L},
    \\p{N} and \\p{Z} are the Unicode categories; as Python has none of them, L and N become \\w,
    which is exact in every class that also has the underscore: all classes in the models that have
    them.
    """
    return re.compile(_TOKEN.sub(_translate, text))


_SPACES = "\u0020\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_TOKEN = re.compile(r"\\p\{\w+\}|\\.|\[(?:\\p\{\w+\}|\\.|[^\]\\])*\]|\.", re.DOTALL)
_IN_CLASS = {r"\d": "0-9", r"\w": "A-Za-z0-9_", r"\s": r" \t\n\x0b\f\r"}
_CATEGORIES = {r"\p{L}": r"\w", r"\p{N}": r"\w", r"\p{Z}": _SPACES}
_ALONE = {r"\S": r"[^ \t\n\x0b\f\r]", r"\D": "[^0-9]", r"\W": "[^A-Za-z0-9_]"}
_INSIDE = re.compile(r"\\p\{\w+\}|\\.", re.DOTALL)


def _translate(found: re.Match[str]) -> str:
    token = found.group()
    if token == ".":
        return "[^\n\r\u0085\u2028\u2029]"
    if token.startswith("["):
        return _INSIDE.sub(lambda inner: _of_class(inner.group()), token)
    if token in _ALONE:
        return _ALONE[token]
    return f"[{_of_class(token)}]" if token in _IN_CLASS or token in _CATEGORIES else token


def _of_class(token: str) -> str:
    return _IN_CLASS.get(token) or _CATEGORIES.get(token) or token


_PRINTED = {"^$|\\.[0-9a-z!\\-_.*'()]+": "^(|\\.[0-9a-z!\\-_.*'()]+)$"}
"""Patterns that AWS prints otherwise than botocore has them: FileExtension's (floci-io/floci issue
2328, 2026)."""


def _pattern(text: str, most: int | None) -> Constraint:
    match = java_pattern(text).fullmatch
    longest = float("inf") if most is None else max(most, _MATCHED_AT_MOST)

    def holds(value: Any) -> bool:
        return len(value) > longest or match(value) is not None

    words = f"Member must satisfy regular expression pattern: {_PRINTED.get(text, text)}"
    return Constraint("pattern", text, words, holds)


def _least(bound: Any, *, measured: bool) -> Constraint:
    if measured:
        text = f"Member must have length greater than or equal to {bound}"
        return Constraint("min", bound, text, lambda value: len(value) >= bound)
    text = f"Member must have value greater than or equal to {bound}"
    return Constraint("min", bound, text, lambda value: value is not None and value >= bound)


def _most(bound: Any, *, measured: bool) -> Constraint:
    if measured:
        text = f"Member must have length less than or equal to {bound}"
        return Constraint("max", bound, text, lambda value: len(value) <= bound)
    text = f"Member must have value less than or equal to {bound}"
    return Constraint("max", bound, text, lambda value: value is not None and value <= bound)


def _enum(values: tuple[str, ...]) -> Constraint:
    order = _recorded_orders().get(frozenset(values), values)
    text = f"Member must satisfy enum value set: [{', '.join(order)}]"
    allowed = frozenset(values)
    return Constraint("enum", values, text, lambda value: value in allowed)


@cache
def _recorded_orders() -> dict[frozenset[str], tuple[str, ...]]:
    file = resources.files(__package__).joinpath("enum_orders.toml")
    rows = tomllib.loads(file.read_text(encoding="utf-8"))["order"]
    return {frozenset(row["values"]): tuple(row["values"]) for row in rows}
