"""Messages are Markdown cells and strings in _(); nothing else of a cell changes in translation."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinesis_sim.course.notebooks.messages import messages, translated, without_messages
from kinesis_sim.course.notebooks.source import Cell, SourceError

CODE = """\
names = !aws kinesis list-streams \\
    --query "_('not a message')"
lesson.predict("é", _("How "
                      "many?"), unit=_("records"))
%time put("_('nor this')")
x = 7 % 2"""


def code(text: str) -> Cell:
    return Cell("c", "code", text)


def test_a_markdown_cell_is_one_message() -> None:
    [message] = messages(Cell("goal", "markdown", "# Goal\n\nText"))
    assert (message.context, message.text) == ("goal", "# Goal\n\nText")


def test_strings_in_code_are_messages_in_order() -> None:
    found = [(message.context, message.text) for message in messages(code(CODE))]
    assert found == [("c:1", "How many?"), ("c:2", "records")]


def test_only_messages_change() -> None:
    words = {"How many?": "Quantos são?", "records": "registros"}
    done = translated(code(CODE), lambda message: words[message.text]).text
    expected = CODE.replace('_("How "\n                      "many?")', '_("Quantos são?")')
    assert done == expected.replace("records", "registros")


def test_code_without_messages_is_equal_in_all_languages() -> None:
    done = translated(code(CODE), lambda message: "longa " * 40)
    assert without_messages(done) == without_messages(code(CODE))


def test_a_long_translation_is_wrapped_under_itself() -> None:
    cell = code('lesson.reveal("left", left, because=_("Why."), within=1)')
    done = translated(cell, lambda message: "uma frase bem mais longa " * 6).text
    assert max(map(len, done.splitlines())) <= 100
    assert {line.index('"') for line in done.splitlines()[1:]} == {done.index('_("') + 2}


@given(st.text(min_size=1))
def test_any_translation_survives_as_a_python_string(text: str) -> None:
    done = translated(code('say(_("x"))'), lambda message: text)
    assert ast.literal_eval(done.text.removeprefix("say(_(").removesuffix("))")) == text


@pytest.mark.parametrize("call", ['_(f"{n} left")', "_(text)", '_("a", "b")', '_("a" + "b")'])
def test_a_message_is_a_plain_string(call: str) -> None:
    with pytest.raises(SourceError, match="one plain string"):
        messages(code(call))


def test_code_that_is_not_python_is_named() -> None:
    with pytest.raises(SourceError, match="cell 'c' is not Python"):
        messages(code("x = ("))


def test_a_cell_of_another_language_has_no_messages() -> None:
    assert messages(code("%%bash\necho _('x') (")) == []
