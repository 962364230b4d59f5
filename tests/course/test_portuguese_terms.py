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
    r"\bhints de\b": "buffer",
}
"""A second name that a thing must not have, and the name it has."""
ASIDE = re.compile(r"`[^`]*`|\([^)]*\)|\"[^\"]*=[^\"]*\"|<[^>]*>")


def second_names(text: str) -> list[str]:
    """The second names in a Portuguese text, outside code and brackets."""
    plain = ASIDE.sub(" ", text).lower()
    return [found[0] for name in NAMES for found in re.finditer(name, plain)]


def portuguese(table: Any, path: str) -> Iterator[tuple[str, str]]:
    """Every (path, Portuguese text) in a table of a TOML file."""
    entries = enumerate(table) if isinstance(table, list) else table.items()
    for key, entry in entries:
        if key == "pt-BR" and isinstance(entry, str):
            yield path, entry
        elif isinstance(entry, list | dict):
            yield from portuguese(entry, f"{path} {key}")


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


def test_texts_and_questions_call_a_thing_by_one_name() -> None:
    said = {
        key: text
        for path in TEXTS
        for key, text in portuguese(tomllib.loads(path.read_text("utf-8")), path.stem)
    }
    assert len(said) > 3_000
    assert {key: found for key, text in said.items() if (found := second_names(text))} == {}


def test_the_readme_calls_a_thing_by_one_name() -> None:
    assert second_names((ROOT / "README.pt-BR.md").read_text("utf-8")) == []
