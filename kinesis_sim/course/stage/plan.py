"""The plan of a class hour in the control room: what to break, what to ask, what then happens.

What happens is found by running it, as the room itself does; no answer is written down.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

from kinesis_sim.course.outline import entry_of
from kinesis_sim.course.words import in_language
from kinesis_sim.words import Texts

FIRST_MIN, EACH_MIN = 2, 5
"""Minutes of class before the first fault, and for each."""
LESSONS = {
    "hot_key": "shards_and_partition_keys",
    "double_load": "capacity",
    "slow_consumer": "readers",
    "crowd": "readers",
    "crash_worker": "workers",
    "poison_record": "workers",
}
"""The faults in the order of the hour, and the lesson that each leads to."""
COLUMNS = ("minute", "break", "ask", "happens", "cure", "lesson")


def plan(room: Callable[[], Any], lang: str) -> str:
    """The hour as a table in HTML. room: makes a control room that asks, at its first second."""
    words = Texts(Path(__file__).with_name("text.toml"), lang)
    head = "".join(f"<th>{escape(words.say(f'plan.{name}'))}</th>" for name in COLUMNS)
    rows = (
        "".join(f"<td>{cell}</td>" for cell in _row(room(), fault, place, words))
        for place, fault in enumerate(LESSONS)
    )
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _row(room: Any, fault: str, place: int, words: Texts) -> list[str]:
    labels = dict(room.words["faults"])
    asked, options, happened = room.tried(fault)
    listed = "".join(f"<li>{escape(said)}</li>" for said in options)
    entry = entry_of(LESSONS[fault])
    return [
        str(FIRST_MIN + place * EACH_MIN),
        escape(labels[fault]),
        f"{escape(asked)}<ul>{listed}</ul>",
        f"<strong>{escape(happened)}</strong>",
        escape(words.say(f"plan.cures.{fault}")),
        escape(f"{entry.number} {in_language(entry.title, words.lang)}"),
    ]
