"""What to notice is true at its instant, in both languages."""

from __future__ import annotations

import re

import pytest

from kinesis_sim import Simulator
from kinesis_sim.errors import UsageError
from kinesis_sim.show.kit.timeline import Times, axis
from kinesis_sim.show.kit.words import LANGUAGES, PICTURES, Words, tables_of
from kinesis_sim.show.shards.notices import Notices, next_instant
from tests.show.scenario import BEGIN, DAY, SPLIT_AT, STREAM, put, split_in_the_morning


def notices(sim: Simulator, lang: str = "en") -> Notices:
    history = sim.show.history(STREAM)
    words = Words("shards", lang)
    return Notices(history, Times(axis(history), words), words)


def test_before_the_first_record_it_says_so() -> None:
    assert notices(split_in_the_morning()).at(BEGIN) == "No record has been put yet."


def test_a_split_is_told_from_its_instant_on() -> None:
    told = notices(split_in_the_morning())
    assert "split" not in told.at(SPLIT_AT - 1)
    assert told.at(SPLIT_AT).startswith(
        "Shard 0 was split at 00:00:40. Its records stay where they are; new ones go to 2 and 3."
    )


def test_records_are_gone_to_the_millisecond() -> None:
    sim = split_in_the_morning()
    sim.run_until(BEGIN + DAY + 60_000)
    told = notices(sim)
    assert "All 4 records are still there" in told.at(BEGIN + DAY + 10_000)
    assert "Gone: 1 of 4 records, older than 24 h." in told.at(BEGIN + DAY + 10_001)
    assert "Shard 0 has expired" in told.at(SPLIT_AT + DAY + 1)
    assert "All 4 records are gone" in told.at(sim.clock.now)


def test_a_stream_being_created_and_changed_says_so() -> None:
    sim = Simulator(latency=None)
    kinesis = sim.client("kinesis")
    kinesis.create_stream(StreamName=STREAM, ShardCount=1)
    assert notices(sim).at(sim.clock.now).startswith("The stream is CREATING")
    sim.advance(seconds=15)
    kinesis.split_shard(
        StreamName=STREAM, ShardToSplit="shardId-000000000000", NewStartingHashKey=str(2**127)
    )
    assert notices(sim).at(sim.clock.now).startswith("The stream is UPDATING (SplitShard)")


def test_a_hot_shard_and_refused_records_are_pointed_out() -> None:
    sim = Simulator(latency=None, delays="instant", limits={"streams.shard_write_records": 20})
    sim.client("kinesis").create_stream(StreamName=STREAM, ShardCount=2)
    kinesis = sim.client("kinesis")
    rows = [{"Data": b"x", "PartitionKey": "k", "ExplicitHashKey": "0"}]
    kinesis.put_records(StreamName=STREAM, Records=rows * 20)
    assert "Shard 0 took 100 % of the records" in notices(sim).at(sim.clock.now)
    refused = kinesis.put_records(StreamName=STREAM, Records=rows * 30)["FailedRecordCount"]
    assert refused
    assert f"Shard 0 refused {refused} records" in notices(sim).at(sim.clock.now)


def test_a_changed_retention_is_told() -> None:
    sim = split_in_the_morning()
    sim.client("kinesis").increase_stream_retention_period(
        StreamName=STREAM, RetentionPeriodHours=48
    )
    assert "Retention went from 24 h to 48 h" in notices(sim).at(sim.clock.now)


def test_the_next_event_is_the_next_action_or_the_next_trim() -> None:
    sim = split_in_the_morning()
    history = sim.show.history(STREAM)
    assert next_instant(history, None) == BEGIN + 10_000 + DAY + 1
    assert next_instant(history, BEGIN + 60_000) == BEGIN + 60_000
    for _ in range(5):  # four records and a closed shard
        after = next_instant(sim.show.history(STREAM), None)
        assert after is not None
        sim.run_until(after)
    assert next_instant(sim.show.history(STREAM), None) is None


# --- words --------------------------------------------------------------------------------------

FILES = sorted(path.parent.name for path in PICTURES.glob("*/text.toml"))


@pytest.mark.parametrize("file", FILES)
def test_every_text_is_there_in_every_language_with_the_same_placeholders(file: str) -> None:
    raw = tables_of(file)
    for key, texts in leaves(raw, ""):
        assert sorted(texts) == sorted(LANGUAGES), key
        holes = {lang: sorted(re.findall(r"{(\w+)[:}]", text)) for lang, text in texts.items()}
        assert holes["en"] == holes["pt-BR"], key


def leaves(table: dict[str, object], path: str) -> list[tuple[str, dict[str, str]]]:
    found = []
    for name, entry in table.items():
        assert isinstance(entry, dict)
        found += [(path + name, entry)] if "en" in entry else leaves(entry, f"{path}{name}.")
    return found


def test_portuguese_is_portuguese() -> None:
    assert (
        notices(split_in_the_morning(), "pt-BR").at(BEGIN) == "Nenhum registro foi enviado ainda."
    )


def test_a_language_that_is_not_spoken_is_refused() -> None:
    with pytest.raises(UsageError, match="en and pt-BR, not 'de'"):
        Words("shards", "de")


def test_one_record_is_not_plural() -> None:
    sim = Simulator(latency=None, delays="instant", limits="off")
    sim.client("kinesis").create_stream(StreamName=STREAM, ShardCount=1)
    put(sim, 0)
    assert notices(sim).at(sim.clock.now) == "The one record is still there for every reader."
