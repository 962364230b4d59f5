"""A quota that a lesson prints in prose is the one in force here, in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest

from kinesis_sim.account.prices import price_list
from kinesis_sim.account.quotas import TABLE
from kinesis_sim.course.words import TEXT, leaves, tables
from tests.project.source import ROOT

MIB, KB, HOURS = 2**20, 1_000, 24
WORDS = {
    "five": 5, "ten": 10, "twenty": 20, "fifty": 50, "double": 200,
    "cinco": 5, "dez": 10, "vinte": 20, "cinquenta": 50, "dobro": 200,
}  # fmt: skip
N = r"(\d[\d.,]*\d|\d|[A-Za-z]+)"
ADJACENT = re.compile(r'"\s*\n\s*"')
"""Where a string of a cell goes on in the next line."""
Quoted = tuple[str, float]
"""A quota's name and what its value is divided by before it is printed."""

SENTENCES: dict[str, tuple[str, str, tuple[Quoted, ...]]] = {
    "direct put": (
        rf"It is {N} MiB, {N} requests and {N} records in three large Regions; elsewhere, "
        rf"São Paulo too, {N} MiB, {N} requests and {N} records",
        rf"São {N} MiB, {N} requisições e {N} registros em três Regiões grandes; nas outras, "
        rf"como São Paulo, {N} MiB, {N} requisições e {N} registros",
        (
            ("firehose.put_bytes", MIB),
            ("firehose.put_requests", 1),
            ("firehose.put_records", 1),
            ("firehose.put_bytes_elsewhere", MIB),
            ("firehose.put_requests_elsewhere", 1),
            ("firehose.put_records_elsewhere", 1),
        ),
    ),
    "active partitions": (
        rf"There may be {N} active partitions",
        rf"Pode haver {N} partições ativas",
        (("firehose.active_partitions", 1),),
    ),
    "shards of an account": (
        rf"{N} in three large Regions, 1,000 or {N} elsewhere",
        rf"{N} em três Regiões grandes, 1\.000 ou {N} nas outras",
        (("streams.shards_per_account", 1), ("streams.shards_per_account_elsewhere", 1)),
    ),
    "pollers": (
        rf"All pollers of a shard together have {N} reads and {N} MiB a second",
        rf"Todos os pollers de um shard, juntos, têm {N} leituras e {N} MiB por segundo",
        (("streams.shard_read_calls", 1), ("streams.shard_read_bytes", MIB)),
    ),
    "fan-out": (
        rf"A \*\*registered consumer\*\* gets {N} MiB a second per shard",
        rf"\(registered consumer\) recebe {N} MiB por segundo por shard",
        (("streams.fan_out_bytes", MIB),),
    ),
    "consumers": (
        rf"at most {N}, or {N} with On-demand Advantage",
        rf"São {N} por stream, ou {N} com o On-demand Advantage",
        (("streams.consumers", 1), ("streams.consumers_advantage", 1)),
    ),
    "scalings": (
        rf"{N} calls in 24 rolling hours",
        rf"{N} chamadas em 24 horas corridas",
        (("streams.scalings_per_day", 1),),
    ),
    "records of a shard": (
        rf"Each shard takes {N} records a second",
        rf"Cada shard aceita {N} registros por segundo",
        (("streams.shard_write_records", 1),),
    ),
    "retention": (
        rf"{N} hours are {N} days",
        rf"{N} horas são {N} dias",
        (("streams.retention_most", 1), ("streams.retention_most", HOURS)),
    ),
    "on-demand start": (
        rf"starts with room for {N} MB a second",
        rf"começa com espaço para {N} MB por segundo",
        (("streams.on_demand_start_shards", 1),),
    ),
    "on-demand growth": (
        rf"On-demand keeps room for {N} the peak of the last {N} days\. Shards that took more "
        rf"than {N} KB a second",
        rf"reserva espaço para o {N} do pico dos últimos {N} dias\. Os shards que recebiam mais "
        rf"de {N} KB por segundo",
        (
            ("streams.on_demand_growth_percent", 1),
            ("streams.on_demand_memory_days", 1),
            ("streams.on_demand_split_bytes", KB),
        ),
    ),
}
"""What to find in English and in Portuguese, and the quotas that its numbers are, in that order."""


def english() -> Iterator[tuple[str, str]]:
    for path in sorted((ROOT / "notebooks" / "source").glob("*.md")):
        yield path.name, ADJACENT.sub("", path.read_text("utf-8"))
    yield from reasons("en")


def portuguese() -> Iterator[tuple[str, str]]:
    for path in sorted((ROOT / "notebooks" / "locale" / "pt_BR").glob("*.po")):
        yield path.name, "\n".join(entry.msgstr for entry in polib.pofile(str(path)))
    yield from reasons("pt-BR")


def reasons(language: str) -> Iterator[tuple[str, str]]:
    """What lessons say outside their notebooks: reasons of predictions, checks and hints."""
    for path in sorted(TEXT.glob("*.toml")):
        yield (
            path.name,
            "\n".join(texts.get(language, "") for _, texts in leaves(tables(path.stem))),
        )


def number(text: str) -> float:
    """A number as prose writes it: in words, or with commas (or, in Portuguese, points)."""
    word = WORDS.get(text.casefold())
    return float(re.sub(r"[.,]", "", text)) if word is None else word


@pytest.mark.parametrize("language", [0, 1], ids=["en", "pt-BR"])
@pytest.mark.parametrize("name", SENTENCES)
def test_a_quota_in_prose_is_the_quota_in_force(name: str, language: int) -> None:
    *patterns, quotas = SENTENCES[name]
    texts = english() if language == 0 else portuguese()
    found = [(place, m) for place, text in texts for m in re.finditer(patterns[language], text)]
    assert found, "the sentence is not there any more: mend the pattern, or take it out"
    wanted = [TABLE[quota].value / by for quota, by in quotas]
    assert [place for place, m in found if [number(n) for n in m.groups()] != wanted] == []


def test_a_price_in_prose_is_the_price_on_file() -> None:
    wanted = float(price_list("us-east-1")["firehose.jq_hour"].usd)
    patterns = (r"jq's hours, at (\d\.\d+) USD each", r"horas de jq, a (\d,\d+) USD cada")
    for texts, pattern in zip((english(), portuguese()), patterns, strict=True):
        found = [m[1] for _, text in texts for m in re.finditer(pattern, text)]
        assert [float(one.replace(",", ".")) for one in found] == [wanted]


@pytest.mark.parametrize(
    ("text", "value"), [("2,000", 2_000), ("500.000", 500_000), ("Ten", 10), ("7", 7)]
)
def test_numbers_are_read_as_prose_writes_them(text: str, value: float) -> None:
    assert number(text) == value


def test_lessons_are_where_they_are_looked_for() -> None:
    assert isinstance(ROOT, Path)
    assert len(list(english())) >= 9
    assert len(list(portuguese())) >= 9
