"""The checks of the appendix on the study notes."""

import re
from base64 import b64encode
from typing import Any

from kinesis_sim import Simulator
from kinesis_sim.arguments import said
from kinesis_sim.course.checks import Verdict, not_yet, passed
from kinesis_sim.streams.stream import Stream
from kinesis_sim.workloads.readers.read import read

STREAM, SHARDS, KEY, DATA = "meu-segundo-stream", 2, "chave2", "segunda mensagem"
AGED = frozenset("BDG")
CLAIMS = frozenset("ABCDEFGH")


def notes_cli(sim: Simulator) -> Verdict:
    """The stream of the exercise exists, has two shards and holds the one record asked for."""
    stream = sim.streams.streams.get(STREAM)
    if stream is None:
        return not_yet("no-stream", stream=STREAM)
    if not stream.usable:
        return not_yet("creating", stream=STREAM)
    if (count := len(stream.open_shards)) != SHARDS:
        return not_yet("shards", count=count)
    return _holds_the_record(sim, stream)


def _holds_the_record(sim: Simulator, stream: Stream) -> Verdict:
    records = [(record["PartitionKey"], record["Data"]) for record in read(sim, stream.name)]
    if not records:
        return not_yet("empty", stream=stream.name)
    if (KEY, DATA.encode()) in records:
        return passed(stream=stream.name, key=KEY)
    under_the_key = [data for key, data in records if key == KEY]
    if not under_the_key:
        return not_yet("other-key", key=records[-1][0], wanted=KEY)
    data = under_the_key[-1]
    reason = "base64" if data == b64encode(DATA.encode()) else "other-data"
    return not_yet(reason, data=data.decode("utf-8", "replace"), wanted=DATA)


def aged(answer: Any) -> Verdict:
    """The letters of the three claims that no longer hold, as a set, a list or one text."""
    if not isinstance(answer, str | list | tuple | set | frozenset):
        return not_yet("shape", answer=said(answer))
    words = _words(answer) if isinstance(answer, str) else map(str, answer)
    letters = {letter for word in words for letter in _letters(word.strip().upper())}
    if unknown := letters - CLAIMS:
        return not_yet("unknown", letters=_listed(unknown))
    if true := letters - AGED:
        return not_yet("still-true", letters=_listed(true))
    if not letters:
        return not_yet("none")
    if missing := AGED - letters:
        return not_yet("missing", found=len(letters), missing=len(missing))
    return passed()


def _words(text: str) -> list[str]:
    """The words of a text; a small e that stands between letters is the Portuguese "and".

    Where all letters are small, it is one if it stands there twice or beside a comma.
    """
    capital = re.search(r"\b[A-DF-H]\b", text)
    if capital or "," in text or len(re.findall(r"\be\b", text)) > 1:
        text = re.sub(r"(?<=\w)\s+e\s+(?=\w)", " ", text)
    return re.findall(r"\w+", text)


def _letters(word: str) -> set[str]:
    """The letters that a word names: "BDG" three, "AND" and "E" between others what they are."""
    return set(word) if set(word) <= CLAIMS else {word} if len(word) == 1 else set()


def _listed(letters: set[str]) -> str:
    return ", ".join(sorted(letters))
