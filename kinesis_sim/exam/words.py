"""What exam preparation says, read from ``text.toml``."""

from collections.abc import Mapping
from pathlib import Path

from kinesis_sim.course.words import known_language
from kinesis_sim.words import Texts, spoken_language

FILE = Path(__file__).with_name("text.toml")


class ExamWords(Texts):
    """The texts in one language; UsageError for one that the course does not speak."""

    def __init__(self, lang: str) -> None:
        super().__init__(FILE, known_language(lang))

    def reason(self, error: Exception) -> str:
        """Why a file could not be read or written, in the language."""
        for kind, name in REASONS.items():
            if isinstance(error, kind):
                return self.say(f"reason.{name}")
        return self.say("reason.other", name=type(error).__name__)


REASONS: Mapping[type[Exception], str] = {
    FileNotFoundError: "absent",
    PermissionError: "denied",
    IsADirectoryError: "folder",
    NotADirectoryError: "no-folder",
    UnicodeDecodeError: "no-text",
    RecursionError: "deep",
}


def spoken_exam() -> ExamWords:
    """What exam preparation says in the language that is spoken now."""
    return ExamWords(spoken_language())
