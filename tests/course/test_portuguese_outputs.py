"""What the Portuguese lessons print is Portuguese: no English is left in their committed outputs.

AWS's own words (errors, documentation, names of fields) are English on AWS too.
"""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks/pt-BR").glob("*.ipynb"))
ENGLISH = re.compile(
    r"\b(?:the|is|are|was|were|with|from|than|then|not|which|hours?|records|refused|stored|lost|"
    r"objects|behind|worst|longest|billed|closed|invocations|renewals|refusals|missing|loaded|"
    r"accepted|delivered|checked|nobody|each|seconds)\b",
    re.I,
)
AWS_SPEAKS = re.compile(
    r"error|documentation|!aws|Message|describe_|settings|read\(|operation_names"
)
"""Cells that print AWS's words, or data that was put."""
LEFT = Path(__file__).with_name("english_left.txt")


class Text(HTMLParser):
    """The words of HTML, without its code and style."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("style", "code", "pre", "script"):
            self._inside.append(tag)
        self.words += [value for name, value in attrs if name == "alt" and value]

    def handle_endtag(self, tag: str) -> None:
        if self._inside and self._inside[-1] == tag:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        if not self._inside:
            self.words.append(data)


def said(output: dict[str, Any]) -> str:
    """What an output says: its text, or the words of its HTML."""
    data = output.get("data", {})
    text = output.get("text") or data.get("text/html") or data.get("text/plain") or ""
    whole = "".join(text)
    if "text/html" not in data:
        return whole
    reader = Text()
    reader.feed(whole)
    return " ".join(reader.words)


def english(cell: dict[str, Any]) -> list[str]:
    """English words in what a cell's outputs say."""
    if cell["cell_type"] != "code" or AWS_SPEAKS.search("".join(cell["source"])):
        return []
    return sorted({word for output in cell["outputs"] for word in ENGLISH.findall(said(output))})


def left() -> set[str]:
    """Cells whose ``print`` still has to go through ``_()``: this list only gets shorter."""
    return set(LEFT.read_text("utf-8").split())


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_english_is_left_in_what_a_portuguese_lesson_prints(path: Path) -> None:
    slug = path.stem.partition("_")[2]
    cells = json.loads(path.read_text("utf-8"))["cells"]
    found = {f"{slug}/{cell['id']}": words for cell in cells if (words := english(cell))}
    assert {name: words for name, words in found.items() if name not in left()} == {}


def test_the_law_finds_english_and_leaves_aws_alone() -> None:
    def cell(source: str, **output: Any) -> dict[str, Any]:
        return {"cell_type": "code", "source": [source], "outputs": [output]}

    assert english(cell("print(1)", text=["12 records refused\n"])) == ["records", "refused"]
    assert english(cell("x", data={"text/html": ['<img alt="the shard">'], "text/plain": [""]}))
    assert not english(cell("x", data={"text/html": ["<style>is</style><p>ok</p>"]}))
    assert not english(cell("print(error)", text=["The shard is closed"]))
    assert not english(cell("feed()", text=["1.000 registros gravados, 0 recusados\n"]))
