"""The bank in Moodle's GIFT: text, one question after the other.

What GIFT reads as its own goes as an entity where a text is HTML, since not every reader knows it
escaped; in plain text it has a backslash before it. Wrong options of a question with several
answers cost all that it gives, so that only the whole answer is worth anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from kinesis_sim.course.feedback import inline
from kinesis_sim.course.item import Item
from kinesis_sim.exam.exports import plain

ENTITIES = str.maketrans(
    {
        "{": "&lbrace;",
        "}": "&rbrace;",
        ":": "&colon;",
        "#": "&num;",
        "=": "&equals;",
        "\\": "&bsol;",
        "~": "\\~",
        "\n": " ",
    }
)

KINDS = ("single", "multi", "match", "numeric")
"""GIFT has no questions of putting in order."""


def files(asked: Sequence[Item], path: Path, lang: str, at: int) -> Mapping[Path, bytes]:
    """One text file. What has no place in GIFT is left out, and the file begins with its ids."""
    found = [_question(item, lang) for item in asked if item.kind in KINDS]
    if missing := plain.left_out(asked, KINDS, lang):
        found.insert(0, f"// {missing}\n")
    return {path: "\n".join(found).encode()}


def _question(item: Item, lang: str) -> str:
    lines = [f"::{_safe(item.id)}::[html]{_html(plain.stem(item, lang))}{{", *_answers(item, lang)]
    about = " ".join(filter(None, (plain.why(item, lang), plain.sources(item))))
    return "\n".join([*lines, f"####{_html(about)}", "}", ""])


def _answers(item: Item, lang: str) -> Iterator[str]:
    if isinstance(item.key, int | float):
        yield f"#{item.key:g}:{item.tolerance:g}"
    elif isinstance(item.key, Mapping):
        texts = {one.id: one.text for one in (*item.options, *item.prompts)}
        for prompt, option in item.key.items():
            left, right = (texts[name].get(lang) or texts[name]["en"] for name in (prompt, option))
            yield f"={_html(left)} -> {_safe(plain.unticked(right))}"
    else:
        yield from _choices(item, lang)


def _choices(item: Item, lang: str) -> Iterator[str]:
    several = len(item.keys) > 1
    for text, why, right in plain.options(item, lang):
        mark = "=" if right else "~"
        if several:
            mark = f"~%{100 / len(item.keys):.5f}%" if right else "~%-100%"
        yield f"{mark}{_html(text)}#{_html(why)}"


def _html(text: str) -> str:
    return inline(text).translate(ENTITIES)


def _safe(text: str) -> str:
    return re.sub(r"([~=#:{}\\])", r"\\\1", text.replace("\n", " "))
