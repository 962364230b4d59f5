"""What exam preparation says, read from ``text.toml``."""

from pathlib import Path

from kinesis_sim.course.words import known_language
from kinesis_sim.words import Texts

FILE = Path(__file__).with_name("text.toml")


class ExamWords(Texts):
    """The texts in one language; UsageError for one that the course does not speak."""

    def __init__(self, lang: str) -> None:
        super().__init__(FILE, known_language(lang))
