"""A lesson to be read on the exam's page: where its links to what teaches a question lead.

It is the notebook as built, its outputs with it, in the plainest HTML that nbconvert makes: each
cell has its id, so that an address such as ``/lessons/en/03_producers.ipynb#cell-id=two-limits``
leads to the very cell. Nothing of it runs; to work in it, one opens it in JupyterLab.
"""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape
from importlib.util import find_spec
from pathlib import Path
from string import Template

from kinesis_sim.course.outline import entries
from kinesis_sim.course.words import LANGUAGES, in_language
from kinesis_sim.course.workbook import lessons_folder
from kinesis_sim.errors import UsageError
from kinesis_sim.exam.words import ExamWords

HERE = Path(__file__).parent
LESSONS = "/lessons/"
ADDRESS = re.compile(rf"{LESSONS}([a-zA-Z-]+)/([a-z0-9_]+)\.ipynb")
TABLE_OR_CODE = re.compile(r"<(pre|table)(?=[ >])")


def lessons_before(language: str) -> str | None:
    """What goes before a link to a lesson on this page; None where none can be read here."""
    if find_spec("nbconvert") is None:
        return None
    try:
        lessons_folder()
    except UsageError:
        return None
    return f"{LESSONS}{language}/"


@lru_cache(maxsize=8)
def lesson_page(path: str) -> bytes | None:
    """The page of a lesson at ``/lessons/<language>/<file>.ipynb``; None where there is none."""
    named = ADDRESS.fullmatch(path)
    if named is None or named[1] not in LANGUAGES:
        return None
    language, file = named[1], named[2]
    entry = next((each for each in entries() if each.file == file), None)
    if entry is None or language not in entry.written or lessons_before(language) is None:
        return None
    words = ExamWords(language)
    title = f"{entry.number} {in_language(entry.title, language)}"
    text = HERE.joinpath("lesson.html").read_text("utf-8")
    page = Template(text).substitute(
        lang=language,
        title=escape(title),
        back=escape(words.say("title")),
        about=escape(words.say("lesson.about")),
        body=_body(lessons_folder() / language / f"{file}.ipynb"),
    )
    return page.encode()


def _body(notebook: Path) -> str:
    """The cells as HTML; what may be wider than the page can be reached by Tab, and scrolls."""
    from nbconvert import HTMLExporter

    exporter = HTMLExporter(template_name="basic")  # type: ignore[no-untyped-call]
    body, _ = exporter.from_filename(str(notebook))
    return TABLE_OR_CODE.sub(r'<\1 tabindex="0"', str(body))
