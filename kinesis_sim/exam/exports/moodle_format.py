"""The bank as Moodle XML: choices, matching, ordering and numbers, each under its stable id.

Moodle marks several answers in part; wrong options cost all that a question gives here, so that
only the whole answer is worth anything, as in the exams.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from kinesis_sim.course.feedback import inline
from kinesis_sim.course.item import Item
from kinesis_sim.exam.exports import plain

TYPES = {
    "single": "multichoice",
    "multi": "multichoice",
    "order": "ordering",
    "match": "matching",
    "numeric": "numerical",
}


def files(asked: Sequence[Item], path: Path, lang: str, at: int) -> Mapping[Path, bytes]:
    """One XML file."""
    quiz = Element("quiz")
    category = SubElement(quiz, "question", type="category")
    _text(SubElement(category, "category"), "$course$/top/Kinesis Lab")
    for item in asked:
        _question(quiz, item, lang)
    indent(quiz)
    return {path: tostring(quiz, encoding="utf-8", xml_declaration=True)}


def _question(quiz: Element, item: Item, lang: str) -> None:
    question = SubElement(quiz, "question", type=TYPES[item.kind])
    _text(SubElement(question, "name"), item.id)
    _html(question, "questiontext", plain.stem(item, lang))
    _html(question, "generalfeedback", _general(item, lang))
    SubElement(question, "defaultgrade").text = "1"
    SubElement(question, "penalty").text = "0"
    SubElement(question, "idnumber").text = f"{item.id}-{lang}"
    FILLERS[item.kind](question, item, lang)
    tags = SubElement(question, "tags")
    for tag in (*item.topics, *item.exams):
        _text(SubElement(tags, "tag"), tag)


def _general(item: Item, lang: str) -> str:
    return " ".join(filter(None, (plain.why(item, lang), plain.sources(item))))


def _choice(question: Element, item: Item, lang: str) -> None:
    SubElement(question, "single").text = "true" if item.kind == "single" else "false"
    SubElement(question, "shuffleanswers").text = "true"
    SubElement(question, "answernumbering").text = "abc"
    for text, why, right in plain.options(item, lang):
        share = f"{100 / len(item.keys):.5f}".rstrip("0").rstrip(".")
        wrong = "0" if item.kind == "single" else "-100"
        answer = _html(question, "answer", text, fraction=share if right else wrong)
        _html(answer, "feedback", why)


def _matching(question: Element, item: Item, lang: str) -> None:
    SubElement(question, "shuffleanswers").text = "true"
    assert isinstance(item.key, Mapping)
    options = {option.id: option.text for option in item.options}
    for prompt in item.prompts:
        pair = _html(question, "subquestion", prompt.text.get(lang) or prompt.text["en"])
        told = options[item.key[prompt.id]]
        _text(SubElement(pair, "answer"), plain.unticked(told.get(lang) or told["en"]))


def _ordering(question: Element, item: Item, lang: str) -> None:
    """The answers stand in the right order; ALL of them are shown, in a list from top to bottom."""
    SubElement(question, "layouttype").text = "VERTICAL"
    SubElement(question, "selecttype").text = "ALL"
    SubElement(question, "gradingtype").text = "ALL_OR_NOTHING"
    for name in item.keys:
        text = item.option(name).text
        _html(question, "answer", text.get(lang) or text["en"], fraction="1")


def _numerical(question: Element, item: Item, lang: str) -> None:
    answer = SubElement(question, "answer", fraction="100")
    SubElement(answer, "text").text = f"{item.key:g}" if isinstance(item.key, int | float) else ""
    SubElement(answer, "tolerance").text = f"{item.tolerance:g}"
    _html(answer, "feedback", plain.why(item, lang))


FILLERS = {
    "single": _choice,
    "multi": _choice,
    "match": _matching,
    "order": _ordering,
    "numeric": _numerical,
}


def _html(parent: Element, tag: str, text: str, **attributes: str) -> Element:
    node = SubElement(parent, tag, {"format": "html", **attributes})
    _text(node, inline(text))
    return node


def _text(parent: Element, text: str) -> None:
    SubElement(parent, "text").text = text
