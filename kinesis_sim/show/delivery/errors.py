"""An object of the error output as somebody reads it: its rows, with the raw data decoded."""

from __future__ import annotations

import json
from base64 import b64decode
from typing import TYPE_CHECKING, Any

from kinesis_sim.show.kit.words import Words

if TYPE_CHECKING:
    from kinesis_sim.simulator import Simulator

Json = dict[str, Any]
MOST_ROWS, MOST_LETTERS = 5, 220


def opened(sim: Simulator, bucket: str, key: str, words: Words) -> Json:
    """key: s3://…; rows: [code, message, attempts, raw data as text]; note: what else to say."""
    named = words.say("opened.key", bucket=bucket, key=key)
    try:
        body = sim.buckets.read(bucket, key)
    except LookupError:
        return {"key": named, "rows": [], "note": words.say("opened.gone")}
    found = [json.loads(line) for line in body.decode().splitlines()]
    if len(found) == 1 and "entries" in found[0]:
        urls = " ".join(entry["url"] for entry in found[0]["entries"])
        return {"key": named, "rows": [], "note": f"{words.say('opened.manifest')} {urls}"}
    more = len(found) - MOST_ROWS
    note = words.say("opened.more", count=words.number(more)) if more > 0 else ""
    rows = [_row(each, words) for each in found[:MOST_ROWS]]
    return {"key": named, "rows": rows, "note": note}


def _row(row: Json, words: Words) -> list[Any]:
    code = row.get("errorCode") or row.get("lastErrorCode", "")
    message = row.get("errorMessage") or row.get("lastErrorMessage", "")
    raw = b64decode(row.get("rawData", ""))
    try:
        text = _shortened(raw.decode())
    except UnicodeDecodeError:
        text = words.say("opened.bytes", count=words.number(len(raw)))
    return [code, _shortened(message), row.get("attemptsMade", 0), text]


def _shortened(text: str) -> str:
    return text if len(text) <= MOST_LETTERS else f"{text[: MOST_LETTERS - 1]}…"
