"""What users are told of limits is what the code has: whoever changes one changes the page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kinesis_sim.aws import (
    accounts,
    bodies,
    exchange,
    jq_child,
    multiplex,
    neighbours,
    push,
    query_ports,
    templates,
    turns,
)
from kinesis_sim.aws.bridges import documents
from kinesis_sim.firehose.lake import database, objects
from kinesis_sim.firehose.processing import decompression
from kinesis_sim.journal import folder, saved
from kinesis_sim.units import KIB, MIB
from kinesis_sim.video.signaling import backlog

ROOT = Path(__file__).parents[2]
NUMBERS = {2: ("two", "dois")}
"""Numbers that pages write out."""
ENGLISH: dict[str, dict[str, float]] = {
    "SECURITY.md": {
        "a batch of gzip unpacks to # MiB": decompression.LARGEST / MIB,
        "MiB or # times its size": decompression.BATCH_GROWTH,
        "setting; # s (between two steps": query_ports.SECONDS,
        "a million rows, # MiB of objects": objects.MOST_BYTES / MIB,
        "process of its own: # s of processor time": jq_child.WORK_SECONDS,
        "no aliases, # levels": templates._LEVELS,
        "levels, # bytes; other YAML": templates.LONGEST,
        "OpenSearch Ingestion): # values": documents._MOST_NODES,
        "no pickle; # MiB, 512": saved.LARGEST_FILE / MIB,
        "256 MiB, # MiB unpacked": saved.LARGEST_INPUTS / MIB,
        "unpacked, # million inputs": saved.MOST_INPUTS / 1e6,
        "million inputs, # s; nothing": saved.SECONDS,
        "There are # accounts": accounts.MOST,
        "bodies are limited to # MiB": exchange.BODY_LIMIT / MIB,
        "MiB (# MiB for signed S3)": neighbours.NEIGHBOUR_BODY_LIMIT / MIB,
        "signed S3), # MiB together": bodies.ALL_TOGETHER / MIB,
        "One that leaves # MiB of answers": turns.OWN / MIB,
        "beyond # MiB for all of them": turns.ALL_TOGETHER / MIB,
        "taken nothing for # seconds is closed": turns.STUCK_SECONDS,
        "Who resets more than # HTTP/2": multiplex.RESETS_MOST,
        "channels: # MiB wait for those": backlog.BACKLOG_MOST / MIB,
        "are away, # MiB for those": backlog.BACKLOG_MOST / MIB,
    },
    "README.md": {
        "less than # KiB after an orderly end": folder.CLOSE_BYTES / KIB,
        "orderly end, # MiB at most after": folder.PACK_BYTES / MIB,
        "(# at most besides the server's": accounts.MOST,
    },
}
PORTUGUESE: dict[str, dict[str, float]] = {
    "SECURITY.md": {
        "(no máximo # além da do servidor)": accounts.MOST,
        "a que deixa # MiB de": turns.OWN / MIB,
        "acima de # MiB no total": turns.ALL_TOGETHER / MIB,
        "não retirou nada por # segundos": turns.STUCK_SECONDS,
        "mais de # streams HTTP/2": multiplex.RESETS_MOST,
        "no máximo # MiB por quem está ausente": backlog.BACKLOG_MOST / MIB,
        "ausente e # MiB por quem não lê": backlog.BACKLOG_MOST / MIB,
    },
    "README.pt-BR.md": {
        "menos de # KiB depois de um encerramento": folder.CLOSE_BYTES / KIB,
        "no máximo # MiB depois de um `kill -9`": folder.PACK_BYTES / MIB,
    },
}
ROWS = [
    (page, sentence, value, place)
    for place, told in enumerate((ENGLISH, PORTUGUESE))
    for page, rows in told.items()
    for sentence, value in rows.items()
]


@pytest.mark.parametrize(("page", "sentence", "value", "place"), ROWS)
def test_a_limit_is_what_the_page_says(page: str, sentence: str, value: float, place: int) -> None:
    text = " ".join((ROOT / page).read_text("utf-8").split())
    said = f"{value:,g}" if place == 0 else f"{value:,g}".replace(",", ".")
    spelled = [said, *(NUMBERS[int(value)][place : place + 1] if value in NUMBERS else ())]
    wanted = "|".join(re.escape(sentence).replace(r"\#", re.escape(one)) for one in spelled)
    assert re.search(wanted, text)


def test_a_subscription_is_waited_for_a_minute_and_no_more() -> None:
    assert push.SEND_SECONDS == 60  # "after a minute in any case", on the same page
    text = " ".join((ROOT / "SECURITY.md").read_text("utf-8").split())
    assert "after a minute in any case" in text
    assert database.MOST_ROWS == 1e6  # "a million rows"
