"""A terminal that cannot show a character or is narrow shows what comes nearest, line by line."""

from __future__ import annotations

import io
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinesis_sim.course.console import NEAREST, broken, keys, make_legible, width

KEYS = """
    1, 1 3     choose options                n, p, 7.   next, previous, question 7
    q          leave it open                 ?          this list
""".strip("\n")


def stream(encoding: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="strict", newline="")


@pytest.mark.parametrize(
    ("encoding", "text", "shown"),
    [
        ("ascii", "Questões · três", "Questoes - tres"),
        ("ascii", "⚑ • “a” → b…", '! * "a" -> b.'),
        ("ascii", "🚲 日", "? ?"),
        ("latin-1", "Questões · três •", "Questões · três *"),
        ("utf-8", "🚲 • três", "🚲 • três"),
        ("utf-8", "\ud83d", "?"),
    ],
)
def test_what_cannot_be_shown_is_shown_by_what_comes_nearest(
    encoding: str, text: str, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with stream(encoding) as out, stream(encoding) as err, stream(encoding) as typed:
        monkeypatch.setattr(sys, "stdout", out)
        monkeypatch.setattr(sys, "stderr", err)
        monkeypatch.setattr(sys, "stdin", typed)
        make_legible()
        assert (out.errors, err.errors, typed.errors) == (NEAREST, NEAREST, "replace")
        out.write(text)
        out.flush()
        out.seek(0)
        assert out.buffer.read().decode(encoding) == shown


def test_only_a_terminal_or_a_setting_makes_lines_break(monkeypatch: pytest.MonkeyPatch) -> None:
    with stream("utf-8") as out:
        monkeypatch.setattr(sys, "stdout", out)
        monkeypatch.delenv("COLUMNS", raising=False)
        assert width() == 0
        monkeypatch.setenv("COLUMNS", "40")
        assert width() == 40


@given(st.text(st.sampled_from("ab  \n1•"), max_size=200), st.integers(0, 30))
def test_breaking_loses_no_word_and_leaves_what_fits(text: str, columns: int) -> None:
    found = broken(text, columns)
    assert found.split() == text.split()
    longest = max(map(len, text.split()), default=0)
    if columns >= 2 * longest + 2:
        assert all(len(line) <= columns for line in found.split("\n"))
    if all(len(line) <= columns for line in text.split("\n")):
        assert found == text


def test_what_goes_on_stands_below_what_it_belongs_to() -> None:
    assert broken(" •2  one two three", 12) == " •2  one two\n     three"


def test_keys_stand_in_one_column_where_two_do_not_fit() -> None:
    assert keys(KEYS, 0) == keys(KEYS, 100) == KEYS
    assert keys(KEYS, 40).split("\n") == [
        "1, 1 3  choose options",
        "q  leave it open",
        "n, p, 7.  next, previous, question 7",
        "?  this list",
    ]
