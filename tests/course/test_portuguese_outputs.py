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
    r"(?<![\w.-])(?:the|is|are|was|were|with|from|than|then|not|which|hours?|records|refused|"
    r"stored|lost|objects|behind|worst|longest|billed|closed|invocations|renewals|refusals|missing|loaded|"
    r"accepted|delivered|checked|nobody|each|seconds|payments|done|same|before|true|false|"
    r"none|months?|days?|minutes|fragments|images|readers)(?![\w-])"
    r"|(?<!\w)\w+-(?:hours?|months?)(?![\w-])",
    re.I,
)
AWS_SPEAKS = re.compile(
    r"error\.response|documentation|re\.search\(|!aws|describe_|settings|lake\.told|operation_names|SCRIPT\)"
)
"""Cells that print AWS's own words; where ours quote them, they stand in code, not read here."""
NO_WORDS = re.compile(r"[A-Za-z]+-\d[\d.]*|\b(?:v|HTTP/|boto3 )\d[\d.]*|\{'.*")
"""A version, or members of an API call as Python writes them, to the end of their line."""
ENGLISH_NUMBER = re.compile(r"(?<![\d.])[1-9]\d{0,2},\d{3}(?!\d)|(?<![\d.:-])\d+\.\d{1,2}(?![\d.])")
"""1,000 or 0.5 (but for 1.000 and 0,50, which are Portuguese, and times, dates and versions)."""
ENGLISH_SECOND = re.compile(r"\d\d:\d\d:\d\d\.\d(?!\d)")
"""A tenth of a second with a point; the fractions that Python or SQL write have more digits."""

BREAK = "\N{SOFT HYPHEN}"


class Text(HTMLParser):
    """The words of HTML, without its code and style."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "wbr":
            self.words.append(BREAK)
        if tag in ("style", "code", "pre", "script"):
            self._inside.append(tag)
        self.words += [value for name, value in attrs if name == "alt" and value]

    def handle_endtag(self, tag: str) -> None:
        if self._inside and self._inside[-1] == tag:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        if not self._inside:
            self.words.append(data)

    @property
    def text(self) -> str:
        """All of it; a word that may break is one word."""
        return " ".join(self.words).replace(f" {BREAK} ", "")


def said(output: dict[str, Any]) -> str:
    """What an output says: its text, or the words of its HTML."""
    data = output.get("data", {})
    text = output.get("text") or data.get("text/html") or data.get("text/plain") or ""
    whole = "".join(text)
    if "text/html" not in data:
        return whole
    reader = Text()
    reader.feed(whole)
    return reader.text


def ours(cell: dict[str, Any]) -> list[str]:
    """What the outputs of a cell say in words of the course; values of AWS calls are no words."""
    if cell["cell_type"] != "code" or AWS_SPEAKS.search("".join(cell["source"])):
        return []
    spoken = [each for each in cell["outputs"] if not is_a_value(each)]
    return [NO_WORDS.sub("", said(each)) for each in spoken]


def is_a_value(output: dict[str, Any]) -> bool:
    """Whether an output is a plain value of Python, such as a dict that an AWS call answered."""
    data = output.get("data", {})
    plain = "".join(data.get("text/plain", ""))
    return set(data) == {"text/plain"} and plain[:1] in tuple("[{('b")


def english(cell: dict[str, Any]) -> list[str]:
    """English words, and numbers in the English way, in what a cell's outputs say."""
    whole = ours(cell)
    looks = (ENGLISH, ENGLISH_NUMBER, ENGLISH_SECOND)
    return [word for look in looks for word in sorted({w for t in whole for w in look.findall(t)})]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_english_is_left_in_what_a_portuguese_lesson_prints(path: Path) -> None:
    cells = json.loads(path.read_text("utf-8"))["cells"]
    assert {cell["id"]: words for cell in cells if (words := english(cell))} == {}


def test_the_law_finds_english_and_leaves_aws_alone() -> None:
    def cell(source: str, **output: Any) -> dict[str, Any]:
        return {"cell_type": "code", "source": [source], "outputs": [output]}

    assert english(cell("print(1)", text=["12 records refused\n"])) == ["records", "refused"]
    assert english(cell("x", data={"text/html": ['<img alt="the shard">'], "text/plain": [""]}))
    assert not english(cell("x", data={"text/html": ["<style>is</style><p>ok</p>"]}))
    assert english(cell("x", data={"text/plain": ["Fed(stored=1, refused=0)"]}))
    assert english(cell("print(x)", text=["0.5 USD, 1,000 registros"])) == ["0.5", "1,000"]
    assert english(cell("x", data={"text/html": ['<img alt="às 08:02:57.5">']})) == ["08:02:57.5"]
    assert english(cell("print(x)", text=["GB-month  0,690 USD"])) == ["GB-month"]
    assert not english(cell("print(error.response)", text=["The shard is closed"]))
    assert not english(cell("x", data={"text/plain": ["[{'Name': 'the'}]"]}))
    assert not english(cell("x", text=["0,5 USD, 1.000 registros às 10:00:00,5 de 2026-01-01"]))
    assert not english(cell("feed()", text=["1.000 registros gravados, 0 recusados\n"]))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_code_has_no_comment_but_where_to_write(path: Path) -> None:
    """Code cells are the same in every language, so what they say in English stays English."""
    cells = json.loads(path.read_text("utf-8"))["cells"]
    lines = [line for cell in cells if cell["cell_type"] == "code" for line in cell["source"]]
    said = {line.partition("# ")[2].strip() for line in lines if "# " in line}
    assert said <= {"Escreva seu código aqui"}
