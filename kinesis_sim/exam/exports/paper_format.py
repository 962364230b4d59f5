"""A paper to print: questions in one HTML file, the key and its reasons in another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path

from kinesis_sim.course.feedback import inline
from kinesis_sim.course.item import Item
from kinesis_sim.course.words import in_language
from kinesis_sim.exam.exports import plain
from kinesis_sim.exam.words import ExamWords

SECONDS_A_QUESTION = 120
"""Of the associate exams; the foundational one has 83."""
STYLE = """
body { color: #1f2933; font: 12pt/1.45 Georgia, serif; margin: 2cm auto; max-width: 17cm; }
h1 { font-size: 16pt; } article { break-inside: avoid; margin: 0 0 1.2em; }
ol, ul { margin: 4px 0; }
li { margin: 3px 0; } .quiet { color: #4a5560; font-size: 10pt; } .right { font-weight: bold; }
@page { margin: 2cm; } @media print { body { margin: 0; max-width: none; padding: 0; } }
"""


def files(asked: Sequence[Item], path: Path, lang: str, at: int) -> Mapping[Path, bytes]:
    """Two HTML files: the paper at ``path``, its key beside it."""
    words = ExamWords(lang)
    title = words.say("paper.title", count=len(asked))
    minutes = round(len(asked) * SECONDS_A_QUESTION / 60)
    head = [
        f"<p>{escape(words.say('paper.name'))}: ______________________</p>",
        f"<p class=quiet>{escape(words.say('paper.time', minutes=minutes))}</p>",
    ]
    questions = [_question(n, item, lang) for n, item in enumerate(asked, 1)]
    keys = [_key(n, item, lang, words) for n, item in enumerate(asked, 1)]
    notice = [f"<p class=quiet>{escape(words.say('notice'))}</p>"]
    key_path = path.with_name(f"{path.stem}-key{path.suffix or '.html'}")
    return {
        path: _page(title, [*head, *questions, *notice], lang),
        key_path: _page(words.say("paper.key", title=title), keys, lang),
    }


def _question(number: int, item: Item, lang: str) -> str:
    listed = "".join(f"<li>{inline(text)}</li>" for text, _, _ in plain.options(item, lang))
    prompts = "".join(
        f"<li>{inline(in_language(prompt.text, lang))}: ____</li>" for prompt in item.prompts
    )
    parts = [f"<p><b>{number}.</b> {inline(plain.stem(item, lang))}</p>"]
    parts += [f"<ul>{prompts}</ul>"] if prompts else []
    parts += [f"<ol type=A>{listed}</ol>"] if listed else ["<p>____________</p>"]
    return f"<article>{''.join(parts)}</article>"


def _key(number: int, item: Item, lang: str, words: ExamWords) -> str:
    answer = words.say("paper.answer", answer=plain.key(item, lang))
    return "".join(
        [
            f"<article><p><b>{number}.</b> {inline(answer)}</p>",
            f"<p>{inline(plain.why(item, lang))}</p>" if item.why else "",
            f"<ol type=A>{''.join(_reasons(item, lang))}</ol>" if item.options else "",
            f"<p class=quiet>{escape(item.id)}. {inline(plain.sources(item))}</p></article>",
        ]
    )


def _reasons(item: Item, lang: str) -> Iterator[str]:
    for text, why, right in plain.options(item, lang):
        mark = " class=right" if right else ""
        yield f"<li{mark}>{inline(text)} <span class=quiet>{inline(why)}</span></li>"


def _page(title: str, parts: Sequence[str], lang: str) -> bytes:
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{STYLE}</style>'
    body = f"<h1>{escape(title)}</h1>{''.join(parts)}"
    return (
        f'<!doctype html><html lang="{lang}"><head>{head}</head><body>{body}</body></html>'.encode()
    )
