"""One thing has one Portuguese name in lessons, questions, pictures and the README.

The English name may stand beside it in brackets, as exams print it, and in code.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks/pt-BR").glob("*.ipynb"))
TEXTS = sorted((ROOT / "kinesis_sim").glob("**/*.toml"))
NAMES = {
    r"shard-hora": "hora de shard",
    r"on-demand(?! advantage)": "sob demanda",
    r"dead-letter": "fila de mensagens mortas",
    r"back-?off": "recuo",
    r"mapeamento(?:s)? d[ae] orige(?:m|ns)": "event source mapping",
    r"\bfund(?:ir|id[oa]s?|indo)\b|\bfus(?:ão|ões)\b": "unir, união",
    r"\bcifr(?:a|ar|ad[oa]s?)\b": "criptografar",
    r"venenos[oa]": "envenenado",
    r"antig[oa] nome": "nome antigo",
    r"gb-month": "GB-mês",
    r"kpu-hora": "hora de KPU",
    r"\bhints? de\b": "buffer",
}
"""A second name that a thing must not have, and the name it has."""
KEPT = re.compile(
    r"stream|item|total|shards?|workers?|viewers?|min|bytes|player|checkpoint|live|buffer|tumbling"
    r"|stagger|poller|fan-out|trim|horizon|master|watermark|event|source|mapping|aws|put-record"
    r"|kinesis(?:analytics)?"
)
"""Words that Portuguese takes as they are; one with a capital or a digit in it is a name."""
WORD = re.compile(r"(?<![\w{.-])[a-z][a-z-]{2,}(?![\w}-])")
ASIDE = re.compile(r"`[^`]*`|\([^)]*\)|\"[^\"]*=[^\"]*\"|<[^>]*>")


def second_names(text: str) -> list[str]:
    """The second names in a Portuguese text, outside code and brackets."""
    plain = ASIDE.sub(" ", text).lower()
    return [found[0] for name in NAMES for found in re.finditer(name, plain)]


def texts_in(table: Any, path: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Every (path, text in each language) in a table of a TOML file."""
    if isinstance(table, dict) and isinstance(table.get("pt-BR"), str):
        yield path, table
    entries = enumerate(table) if isinstance(table, list) else table.items()
    for key, entry in entries:
        if isinstance(entry, list | dict):
            yield from texts_in(entry, f"{path} {key}")


@pytest.fixture(scope="module")
def texts() -> dict[str, dict[str, str]]:
    """Every text of the package that has a Portuguese one, by its path."""
    files = ((path.stem, tomllib.loads(path.read_text("utf-8"))) for path in TEXTS)
    return {key: said for stem, table in files for key, said in texts_in(table, stem)}


def test_the_law_finds_a_second_name_and_leaves_the_english_one_in_brackets() -> None:
    assert second_names("Quantas shard-horas são cobradas?") == ["shard-hora"]
    assert second_names("Mude para on-demand; o On-demand Advantage é outra coisa") == ["on-demand"]
    assert not second_names("sob demanda (on-demand), `on-demand`, fila (dead-letter queue)")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_lesson_calls_a_thing_by_one_name(path: Path) -> None:
    cells = json.loads(path.read_text("utf-8"))["cells"]
    prose = {cell["id"]: "".join(cell["source"]) for cell in cells if "source" in cell}
    prose = {key: text for key, text in prose.items() if "```" not in text}
    assert {key: found for key, text in prose.items() if (found := second_names(text))} == {}


def test_texts_and_questions_call_a_thing_by_one_name(texts: dict[str, dict[str, str]]) -> None:
    assert len(texts) > 3_000
    said = {key: text["pt-BR"] for key, text in texts.items()}
    assert {key: found for key, text in said.items() if (found := second_names(text))} == {}


def test_only_names_are_the_same_in_both_languages(texts: dict[str, dict[str, str]]) -> None:
    """ "force stop" stood in a Portuguese picture: nobody had translated it."""
    same = {key: text["en"] for key, text in texts.items() if text.get("en") == text["pt-BR"]}
    words = {
        key: [word for word in WORD.findall(ASIDE.sub(" ", text)) if not KEPT.fullmatch(word)]
        for key, text in same.items()
    }
    assert {key: found for key, found in words.items() if found} == {}


def test_the_readme_calls_a_thing_by_one_name() -> None:
    assert second_names((ROOT / "README.pt-BR.md").read_text("utf-8")) == []
