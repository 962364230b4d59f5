"""No regular expression takes time out of proportion: counted, not timed.

Twice the text may take little more than twice the steps. Those that take more stand in KNOWN with
what bounds their text.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module

import pytest

from tests.project.regex_steps import Matcher, growth
from tests.project.source import PACKAGE

LINEAR = 2.6
SEARCHES = ("search", "sub", "subn", "split", "findall", "finditer")
OWN = "reads only what comes with the package"
KNOWN: dict[str, str] = {
    "kinesis_sim.aws.constraints._TOKEN": OWN,
    "kinesis_sim.course.notebooks.messages._SHELL": OWN,
    "kinesis_sim.facts.citation.ADDRESS": OWN,
    "kinesis_sim.facts.citation.SEPARATOR": OWN,
    "kinesis_sim.facts.citation.THREAD": OWN,
    "kinesis_sim.show.delivery.words._KEY": "a query has 5,120 characters at most (botocore)",
}
"""``module.NAME`` of what may take more, and why that does no harm."""


@cache
def patterns() -> dict[str, tuple[re.Pattern[str], bool]]:
    """Every named expression, and whether it is looked for anywhere in a text."""
    found = dict[str, tuple[re.Pattern[str], bool]]()
    texts = {path: path.read_text("utf-8") for path in sorted(PACKAGE.rglob("*.py"))}
    everywhere = _searched("\n".join(texts.values()))
    for path, text in texts.items():
        for method, given in _written_out(text):
            found[f"{path.stem}: {given}"] = re.compile(given), method in SEARCHES
        if "re.compile(" not in text or path.name == "jq_child.py":
            continue
        module = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
        module = module.removesuffix(".__init__")
        for name, value in vars(import_module(module)).items():
            own = re.search(rf"^{name} = re\.compile", text, re.MULTILINE)
            if own and isinstance(value, re.Pattern):
                form = value if isinstance(value.pattern, str) else _as_text(value)
                private = name.startswith("_")
                looked_for = name in (_searched(text) if private else everywhere)
                found[f"{module}.{name}"] = form, looked_for
    return found


def _written_out(text: str) -> Iterator[tuple[str, str]]:
    """Expressions that stand where they are used: ``re.sub("…", …)``."""
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="re"), attr=method),
                args=[ast.Constant(value=str(given)), *_],
            ) if method in (*SEARCHES, "match", "fullmatch"):
                yield method, given


def _searched(text: str) -> set[str]:
    return set(re.findall(rf"\b(\w+)\.(?:{'|'.join(SEARCHES)})\(", text))


def _as_text(pattern: re.Pattern[bytes]) -> re.Pattern[str]:
    return re.compile(pattern.pattern.decode("latin-1"), pattern.flags | re.ASCII)


def test_it_finds_them() -> None:
    assert len(patterns()) > 70


@pytest.mark.parametrize(
    ("text", "searches", "linear"),
    [
        (r"\d+x", False, True),
        (r"(a+)+b", False, False),
        (r"\s*\w*\s*$", False, False),
        (r"\s*\s*\s*x", False, False),
        (r"\d+x", True, False),  # digits without end are begun with at each of them
        (r"\d+", True, True),  # but not where they match
        (r"/(\d{8})/[^/]+$", True, True),
        (r"[a-z]", True, True),
    ],
)
def test_the_count_tells_them_apart(text: str, searches: bool, linear: bool) -> None:
    assert (growth(re.compile(text), searches, LINEAR)[0] <= LINEAR) is linear


def test_the_matcher_matches_as_python_does() -> None:
    for name, (pattern, _) in patterns().items():
        for text in ("a-b", "2026-01-01", "'x''y'", "1h30m", "arn:aws:kinesis:us-east-1:1:x", "%"):
            assert Matcher(pattern).match(text) == (pattern.match(text) is not None), (name, text)


def test_every_expression_is_linear_or_bounded() -> None:
    grown = {name: growth(*row, LINEAR) for name, row in patterns().items()}
    beyond = {name: text for name, (factor, text) in grown.items() if factor > LINEAR}
    assert {name: text for name, text in beyond.items() if name not in KNOWN} == {}
    assert [name for name in KNOWN if name not in beyond] == []
