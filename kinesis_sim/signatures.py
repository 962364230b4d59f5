"""Faces that keep to their signatures: what is of another type is refused in one sentence.

``@typed`` reads the annotations of a function, ``@faced`` those of all public methods of a class,
and looks at texts, numbers, truth values, bytes, paths, lists of texts, maps, callables and classes
that the function's module knows. What an annotation says in other words is left to the function.
Nothing has happened when it refuses.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from functools import wraps
from typing import Any, TypeVar

from kinesis_sim.arguments import is_number, is_whole, said
from kinesis_sim.errors import UsageError

Function = TypeVar("Function", bound=Callable[..., Any])
Kind = TypeVar("Kind", bound=type)
Test = Callable[[Any], bool]
_TEXTS = (str, bytes, bytearray, Mapping)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and (value.isascii() or _has_bytes(value))


def _has_bytes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_many(value: Any) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, _TEXTS)


def _are_texts(value: Any) -> bool:
    return _is_many(value) and (not isinstance(value, Collection) or all(map(_is_text, value)))


_PLAIN: dict[str, tuple[Test, str]] = {
    "None": (lambda value: value is None, "None"),
    "bool": (lambda value: isinstance(value, bool), "True or False"),
    "bytes": (lambda value: isinstance(value, bytes | bytearray | memoryview), "bytes"),
    "datetime": (lambda value: isinstance(value, datetime), "a datetime"),
    "float": (is_number, "a number"),
    "int": (is_whole, "a whole number"),
    "Path": (lambda value: isinstance(value, os.PathLike), "a path"),
    "str": (_is_text, "a text"),
}
_HEADS: dict[str, tuple[Test, str]] = {
    **dict.fromkeys(("Collection", "Iterable", "Sequence", "list", "tuple"), (_is_many, "a list")),
    **dict.fromkeys(("Mapping", "dict"), (lambda value: isinstance(value, Mapping), "a dict")),
    "Callable": (callable, "a function"),
}
_PYTHONS = ("builtins", "datetime")
_UNIONS = ("Any", "Feed", "Self")
_OF_TEXTS = ("Collection[str]", "Iterable[str]", "Sequence[str]", "list[str]")


def typed(function: Function, leaving: Collection[str] = ()) -> Function:
    """A function that raises UsageError for an argument of another type than it is annotated with.

    Annotations have to be texts (``from __future__ import annotations``). leaving: arguments that
    the function looks at itself, because it has more to say.
    """
    names, tests = [], dict[str, tuple[list[Test], str]]()
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD):
            names.append(parameter.name)
        many = parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
        annotation = str(parameter.annotation)
        wanted = (
            None
            if many or parameter.name in leaving
            else _wanted(annotation, getattr(function, "__globals__", {}))
        )
        if wanted is not None:
            tests[parameter.name] = wanted

    @wraps(function)
    def checked(*given: Any, **named: Any) -> Any:
        for name, value in (*zip(names, given, strict=False), *named.items()):
            wanted = tests.get(name)
            if wanted is not None and not any(test(value) for test in wanted[0]):
                raise UsageError(f"{name}={said(value)}: give {wanted[1]}.")
        return function(*given, **named)

    return checked  # type: ignore[return-value]


def faced(kind: Kind) -> Kind:
    """A class all of whose public methods are ``typed``; its ``judged`` are left to themselves."""
    leaving = getattr(kind, "judged", ())
    for name, found in list(vars(kind).items()):
        if name.startswith("_"):
            continue
        if inspect.isfunction(found):
            setattr(kind, name, typed(found, leaving))
        elif isinstance(found, classmethod | staticmethod):
            setattr(kind, name, type(found)(typed(found.__func__, leaving)))
    return kind


def _wanted(annotation: str, known: dict[str, Any]) -> tuple[list[Test], str] | None:
    """The tests of which one has to say yes, and what they ask for; None where it is not known.

    known: what names mean where the annotation stands.
    """
    tests, words = [], []
    for part in _parts(annotation):
        found = _PLAIN.get(part) or _HEADS.get(part.partition("[")[0])
        if part in _OF_TEXTS:
            found = (_are_texts, "a list of texts")
        found = found or _class(part, known)
        if found is None:
            return None
        tests.append(found[0])
        words.append(found[1])
    return tests, " or ".join(dict.fromkeys(words))


def _class(name: str, known: dict[str, Any]) -> tuple[Test, str] | None:
    """What is of a class; of one that only type checkers import, what is nothing of Python's own.

    Names of unions (``Instant``) are not classes, and stand in ``_UNIONS`` where they are imported
    for type checkers only.
    """
    if not name.isidentifier() or name in _UNIONS:
        return None
    if name not in known:
        return lambda value: type(value).__module__ not in _PYTHONS, f"a {name}"
    kind = known[name]
    if not isinstance(kind, type) or getattr(kind, "_is_protocol", False):
        return None
    return lambda value: isinstance(value, kind), f"a {kind.__name__}"


def _parts(annotation: str) -> list[str]:
    """A union's parts: what stands between bars outside all brackets."""
    parts, depth = [""], 0
    for letter in annotation:
        depth += (letter in "[(") - (letter in "])")
        if letter == "|" and not depth:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts]
