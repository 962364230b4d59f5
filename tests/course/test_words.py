"""The course's texts exist in every language, with the same placeholders, numbers and code."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinesis_sim.course.notebooks.invariants import differences
from kinesis_sim.course.words import LANGUAGES, TEXT, CourseWords, leaves, tables
from kinesis_sim.errors import UsageError
from kinesis_sim.words import is_printable, number_from, number_in, whole_from

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


@pytest.mark.parametrize(
    ("text", "english", "portuguese"),
    [
        ("1200", 1_200, 1_200),
        ("1,200", 1_200, 1.2),
        ("1.200", 1.2, 1_200),
        ("1,200,000", 1_200_000, None),
        ("1.200,5", None, 1_200.5),
        ("1,200.5", 1_200.5, None),
        ("0,5", 0.5, 0.5),
        ("0.5", 0.5, 0.5),
        (" -1 200 ", -1_200, -1_200),
        ("1_200", 1_200, 1_200),
        ("", None, None),
        ("nan", None, None),
        ("1e5", None, None),
        ("inf", None, None),
        ("9" * 400, None, None),
        ("١٢", 12, 12),
    ],
)
def test_a_number_is_read_as_its_language_writes_it(
    text: str, english: float | None, portuguese: float | None
) -> None:
    assert number_from(text, "en") == english
    assert number_from(text, "pt-BR") == portuguese


@given(st.integers(-(10**12), 10**12), st.sampled_from(LANGUAGES))
def test_what_a_language_writes_it_reads(value: int, lang: str) -> None:
    assert number_from(number_in(value, lang), lang) == value
    assert whole_from(number_in(value, lang)) == whole_from(value) == value


@pytest.mark.parametrize("value", [True, 1.0, "1,5", "1,20", "one", "1,2000", None, [], "9" * 99])
def test_what_is_no_whole_number_is_none(value: object) -> None:
    assert whole_from(value) is None


@pytest.mark.parametrize(
    "text", ["\x1b[2J", "\x00", "a\u202eb", "\u2028", "\ud800", "\x9b", "a\rb"]
)
def test_what_controls_a_terminal_or_hides_is_not_printable(text: str) -> None:
    assert not is_printable(text)
    assert is_printable("Qual é – a\u00a0chave?\n\t“K02” 🚲")
