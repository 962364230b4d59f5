"""What pictures say, read from each one's ``text.toml``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kinesis_sim import words
from kinesis_sim.words import LANGUAGES as LANGUAGES
from kinesis_sim.words import Texts, known_language

PICTURES = Path(__file__).parents[1]


class Words(Texts):
    """The texts of one picture in one language.

    >>> Words("shards", "pt-BR").say("open")
    'aberto'
    """

    def __init__(self, picture: str, lang: str) -> None:
        super().__init__(_file(picture), known_language(lang, "Pictures speak"))


def tables_of(picture: str) -> dict[str, Any]:
    """The tables of a picture's ``text.toml``, every language in them."""
    return words.tables(_file(picture))


def _file(picture: str) -> Path:
    return PICTURES / picture / "text.toml"
