"""What exam preparation says, read from ``text.toml``."""

from pathlib import Path

from kinesis_sim.course import words
from kinesis_sim.course.words import known_language
from kinesis_sim.words import Texts, spoken_language

FILE = Path(__file__).with_name("text.toml")


class ExamWords(Texts):
    """The texts in one language; UsageError for one that the course does not speak."""

    def __init__(self, lang: str) -> None:
        super().__init__(FILE, known_language(lang))

    def reason(self, error: Exception) -> str:
        """Why a file could not be read or written, in the language."""
        return words.reason(error, self.lang)


def spoken_exam() -> ExamWords:
    """What exam preparation says in the language that is spoken now."""
    return ExamWords(spoken_language())
