"""The experiment behind an answer, run now: its code, what it found, and the picture it left."""

from __future__ import annotations

from base64 import b64encode
from contextlib import suppress
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from kinesis_sim.course.item import Item
from kinesis_sim.course.telling import Teller
from kinesis_sim.errors import KinesisSimError
from kinesis_sim.exam.words import ExamWords
from kinesis_sim.signatures import typed
from kinesis_sim.simulator import simulators_made
from kinesis_sim.streams.events import RecordsPut

if TYPE_CHECKING:
    from kinesis_sim.show.kit.sheet import Sheet
    from kinesis_sim.simulator import Simulator


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a proof showed. told: its code and what it found, as HTML; picture: None for none."""

    told: str
    picture: Sheet | None


@typed
def evidence(item: Item, lang: str) -> Evidence | None:
    """Run an item's proof, and picture the last simulator of it; None where it has no proof."""
    if not item.proof:
        return None
    with simulators_made() as made:
        told = Teller(lang).proved(item)
    pictures = (picture for sim in reversed(made) if (picture := _picture(sim, lang)) is not None)
    return Evidence(told, next(pictures, None))


def as_html(found: Evidence | None, lang: str) -> str:
    """The evidence as HTML, its picture within."""
    words = ExamWords(lang)
    if found is None:
        return f"<p>{escape(words.say('proof.none'))}</p>"
    if found.picture is None:
        return found.told
    data = b64encode(found.picture.png()).decode()
    caption = escape(words.say("proof.picture"))
    alt = escape(repr(found.picture), quote=True)
    image = f'<img src="data:image/png;base64,{data}" alt="{alt}">'
    return f"{found.told}<p>{caption}</p>{image}"


def _picture(sim: Simulator, lang: str) -> Sheet | None:
    """A picture of what a simulator holds: a Firehose stream, a stream under load, or shards."""
    with suppress(KinesisSimError):
        for delivery in reversed(list(sim.firehose)):
            return sim.show.delivery(delivery.name, lang=lang)
        for stream in reversed(list(sim.streams)):
            puts = sim.events.of(RecordsPut, stream=stream.name)
            throttled = any(share.throttled for put in puts for share in put.shares)
            draw = sim.show.heat if throttled else sim.show.shards
            return draw(stream.name, lang=lang)
    return None
