"""The course's texts exist in every language, with the same placeholders, numbers and code."""

from __future__ import annotations

import pytest

from kinesis_sim.course.notebooks.invariants import differences
from kinesis_sim.course.words import LANGUAGES, TEXT, CourseWords, leaves, tables
from kinesis_sim.errors import UsageError

FILES = sorted(path.stem for path in TEXT.glob("*.toml"))


@pytest.mark.parametrize("file", FILES)
def test_every_text_is_there_in_english(file: str) -> None:
    assert [key for key, texts in leaves(tables(file)) if not texts.get("en")] == []


def test_the_course_itself_speaks_every_language() -> None:
    assert [key for key, texts in leaves(tables("ui")) if set(texts) != set(LANGUAGES)] == []


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_a_translation_is_whole_and_faithful(file: str, language: str) -> None:
    texts = dict(leaves(tables(file)))
    if any(language in by_language for by_language in texts.values()):
        assert [key for key, by_language in texts.items() if language not in by_language] == []
    pairs = {key: (t["en"], t[language]) for key, t in texts.items() if language in t}
    assert {key: found for key, pair in pairs.items() if (found := differences(*pair))} == {}


def test_placeholders_are_filled() -> None:
    assert CourseWords("ui", "pt-BR").say("reveal.right", actual="3") == "Como você previu: 3."


def test_numbers_follow_the_language() -> None:
    assert CourseWords("ui", "en").number(1234.5) == "1,234.5"
    assert CourseWords("ui", "pt-BR").number(1234.5) == "1.234,5"


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(UsageError, match="en and pt-BR"):
        CourseWords("ui", "fr")


def test_an_unknown_text_is_an_error() -> None:
    with pytest.raises(KeyError, match=r"no\.such"):
        CourseWords("ui", "en").say("no.such")
