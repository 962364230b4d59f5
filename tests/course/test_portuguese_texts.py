"""What the Portuguese course says beside its lessons' outputs is Portuguese, and reads well.

Texts of pictures, checks, quizzes, commands and exams, units of bills and quotas, lessons' prose
and the README; code and what is quoted or in brackets may be English.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import polib

from kinesis_sim import Simulator
from kinesis_sim.words import speaking_in
from tests.course.test_portuguese_outputs import ENGLISH, ENGLISH_NUMBER, Text
from tests.course.test_portuguese_terms import TEXTS, texts_in

ROOT = Path(__file__).parents[2]
CATALOGUES = sorted((ROOT / "notebooks/locale/pt_BR").glob("*.po"))
CODE = re.compile(
    r"```.*?```|`[^`]*`|\([^)]*\)|\"[^\"]*\"|\{[^}]*\}|<[^>]*>|\*[^*\n]*\*", re.DOTALL
)
NAMES = re.compile(
    r"\b(?:Flink |boto3 |Python |HTTP/)\d[\d.]*|\b[A-Z]{2,}\b|, not found\b|True ou False|^1, 1\.5,"
)
"""SQL and other capitals, versions, and what AWS, Python and an option say."""
COMMAND = re.compile(
    r"(?:kinesis-lab|python -m kinesis_sim|py -m kinesis_sim)"
    r" (?:lab|exam|demo|again|progress)\b(?P<rest>[^`\n]*)"
)
CLOSE_PERCENT = re.compile(r"[\d}]%(?!\()")
COUNTED = re.compile(
    r"\{\w+\} (?:recusad|gravad|perdid|descartad|retid|aceit|repetid|cobrad)[oa]s\b"
)
"""A participle after a number that may be one: ``{refused:recusado|recusados}``."""


@cache
def texts() -> dict[str, str]:
    """Every Portuguese text of the package, the catalogues and the README, by where it stands."""
    found = {}
    for path in TEXTS:
        room = path.relative_to(ROOT / "kinesis_sim")
        for key, said in texts_in(tomllib.loads(path.read_text("utf-8")), str(room)):
            found[key] = said["pt-BR"]
    units = tomllib.loads((ROOT / "kinesis_sim/account/units.toml").read_text("utf-8"))
    found |= {f"units {unit}": said for unit, said in units["pt-BR"].items()}
    for path in CATALOGUES:
        rows = enumerate(polib.pofile(str(path)))
        found |= {f"{path.stem} {row.msgctxt or at}": row.msgstr for at, row in rows}
    return found | {"README": (ROOT / "README.pt-BR.md").read_text("utf-8")}


def english(text: str) -> list[str]:
    """English words and numbers in a text, outside code, quotes and brackets."""
    plain = NAMES.sub(" ", CODE.sub(" ", text))
    return sorted({*ENGLISH.findall(plain), *ENGLISH_NUMBER.findall(plain)})


def unnamed(text: str) -> Iterator[str]:
    """Commands of the course that would answer in English."""
    for found in COMMAND.finditer(text):
        if "--edition" not in found["rest"]:
            yield found[0]


def test_no_english_is_left_in_a_portuguese_text() -> None:
    assert len(texts()) > 4_500
    assert {key: words for key, text in texts().items() if (words := english(text))} == {}


def test_a_command_of_the_course_names_its_edition() -> None:
    """ "kinesis-lab lab" opened the English course for whom a Portuguese text sent there."""
    assert list(unnamed("abra com kinesis-lab lab.")) == ["kinesis-lab lab."]
    assert not list(unnamed("`python -m kinesis_sim exam --edition pt-BR`"))
    assert {key: found for key, text in texts().items() if (found := [*unnamed(text)])} == {}


def test_a_percent_sign_stands_apart() -> None:
    found = {key: CLOSE_PERCENT.findall(text) for key, text in texts().items()}
    assert {key: marks for key, marks in found.items() if marks} == {}


def test_what_is_counted_agrees_with_one() -> None:
    """ "1 registro gravado, 1 recusados" is what a full second printed."""
    assert COUNTED.findall("{count} registro gravado, {refused} recusados")
    many = {key: text for key, text in texts().items() if key.endswith("-many")}
    rest = {key: text for key, text in texts().items() if key not in many}
    assert {key: found for key, text in rest.items() if (found := COUNTED.findall(text))} == {}


def test_the_bill_is_portuguese() -> None:
    sim = Simulator()
    kinesis = sim.client("kinesis")
    kinesis.create_stream(StreamName="meu-stream", ShardCount=2)
    sim.advance(hours=2)
    with speaking_in("pt-BR"):
        bill = sim.bill()
        said = [repr(bill), bill._repr_html_()]
    reader = Text()
    reader.feed(said[1])
    assert "hora de shard" in said[0]
    assert "hora de shard" in reader.text
    assert [ENGLISH.findall(text) for text in (said[0], reader.text)] == [[], []]
    assert "shard-hour" in repr(sim.bill())
