"""A wrong model turns a key over: named mutations of the simulator, each caught by a proof.

A proof that gave the same key whatever the simulator did would prove nothing. Each row says what is
made wrong, where, and which question notices. What raises instead of answering is noticed as well:
CI fails either way.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import pytest

from kinesis_sim import Simulator
from kinesis_sim.account import encryption
from kinesis_sim.analytics import charges
from kinesis_sim.analytics.forest import forest
from kinesis_sim.analytics.kinesis_sql import session
from kinesis_sim.analytics.on_clock import file_sink, sinks
from kinesis_sim.analytics.operators import ends, sessions, windowed
from kinesis_sim.analytics.state import snapshot
from kinesis_sim.aws import gate
from kinesis_sim.course import proofs
from kinesis_sim.course.bank import items, prove
from kinesis_sim.firehose import buffering, delivery_stream
from kinesis_sim.instants import MINUTE
from kinesis_sim.streams import events, record_log, stream
from kinesis_sim.units import KIB, MIB

ITEMS = {item.id: item for item in items()}

QUOTAS: dict[str, tuple[str, dict[str, float]]] = {
    "a shard takes 2,000 records a second": (
        "K02-too-many",
        {"streams.shard_write_records": 2_000},
    ),
    "so sensors need half the shards": (
        "K05-room-for-count",
        {"streams.shard_write_records": 2_000},
    ),
    "and a tiny load fits": ("K02-one-second", {"streams.shard_write_records": 2_000}),
    "a shard takes 4 MiB a second": ("K04-room-for-bytes", {"streams.shard_write_bytes": 4 * MIB}),
    "a shard takes 4 MiB of pictures": (
        "K02-too-heavy",
        {"streams.shard_write_bytes": 4 * MIB, "streams.shard_burst_bytes": 8 * MIB},
    ),
    "a shard answers ten reads a second": ("M03-six-pollers", {"streams.shard_read_calls": 10}),
    "a shard gives 4 MiB a second": ("R07-big-gulp", {"streams.shard_read_bytes": 4 * MIB}),
    "so a pause is half as long": ("R07-long-pause", {"streams.shard_read_bytes": 4 * MIB}),
    "twenty consumers may be CREATING": (
        "R03-too-many-at-once",
        {"streams.consumers_creating": 20},
    ),
    "a stream has fifty consumers anyway": ("C22-thirty-readers", {"streams.consumers": 50}),
    "Advantage brings five consumers": ("C22-thirty-readers", {"streams.consumers_advantage": 25}),
    "an iterator lives an hour": ("K22-how-long", {"streams.iterator_seconds": 3_600}),
    "and longer than lunch": ("K22-after-lunch", {"streams.iterator_seconds": 3_600}),
    "retention ends at 700 hours": ("K16-most", {"streams.retention_most": 700}),
    "retention ends at a week": ("C08-changes-for-a-year", {"streams.retention_most": 168}),
    "a mode may be switched five times": ("K29-third-switch", {"streams.mode_switches_per_day": 5}),
    "warm throughput ends at 10 MiB/s": ("K30-warm-first", {"streams.warm_throughput": 10}),
    "a subscription lasts an hour": ("R04-goes-quiet", {"streams.subscription_seconds": 3_600}),
    "São Paulo takes 10 MiB/s": ("F22-sao-paulo", {"firehose.put_bytes_elsewhere": 10 * MIB}),
}


def on_the_minute(self: sessions.StaggerAggregate, kind: int, row: Any) -> None:
    """Counts a row in by the full minute that it came in."""
    TAKE(self, kind, (row[0] - row[0] % MINUTE, *row[1:]))


TAKE = sessions.StaggerAggregate.take

CODE: dict[str, tuple[str, Any, str, Any]] = {
    "every key has the same hash": ("K07-two-bikes", stream, "hash_key", lambda key: 0),
    "a payload unit is 5 KB": ("P01-payload-units", events, "PUT_UNIT_BYTES", 5 * KIB),
    "zero buffering waits a minute": (
        "F04-under-a-minute", buffering, "ZERO_BUFFERING_MS", 60_000,
    ),
    "nothing ever leaves a shard": (
        "K16-by-default", record_log.RecordLog, "trim", lambda self, horizon: None,
    ),
    "Firehose bills what comes": ("P06-rounded-up", delivery_stream, "billed", sum),
    "a stagger window waits for the full minute": (
        "A05-when-it-closes", sessions.StaggerAggregate, "take", on_the_minute,
    ),
    "a forest does not look at anything": (
        "A13-what-it-looks-at", forest.CutForest, "put", lambda self, point: 0.0,
    ),
    "a row that fails is not told anywhere": (
        "A16-a-bad-row", session.KinesisSession, "failed", lambda self, pump, row, error: None,
    ),
    "a closed window takes rows": (
        "C23-seven-rows", windowed.WindowBuffer, "open_windows",
        lambda self, row: self.assign(row),
    ),
    "an idle shard still counts": (
        "C23-nobody-rides", ends.Watermarks, "rest", lambda self, split: None,
    ),
    "no shard has a watermark of its own": (
        "C23-report-two-days", ends.Watermarks, "know", lambda self, splits: None,
    ),
    "a stream takes updates": ("C23-updates-refused", sinks.SendingSink, "appends_only", False),
    "files are seen at once": (
        "A09-no-count-twice", file_sink.FileSink, "flush", sinks.RowSink.flush,
    ),
    "a snapshot restores nothing": (
        "A10-stopped-by-force", snapshot.Snapshot, "restore", lambda self, kept, **more: None,
    ),
    "orchestration is free": ("A11-kpus-on-the-bill", charges, "ORCHESTRATION_KPUS", 0),
    "a disabled key still opens": (
        "S03-key-disabled", encryption.Keys, "check", lambda self, *key, **action: None,
    ),
    "nobody is asked who may": ("S07-one-producer", gate.Gate, "_allow", lambda *call: None),
    "a run has no minimum": ("A11-four-minutes", charges, "LEAST_MS", 0),
}  # fmt: skip


def noticed(name: str) -> bool:
    """Whether the question's proof gives another key than its own, or cannot go on."""
    item = ITEMS[name]
    try:
        found = prove(item)
    except Exception:
        return True
    if isinstance(found, tuple) and item.kind != "order":
        return sorted(found) != sorted(item.keys)
    return bool(found != item.key)


def mutated(quotas: dict[str, float]) -> Callable[..., Simulator]:
    """The simulator with other quotas than AWS's."""

    def made(**settings: Any) -> Simulator:
        given = settings.get("limits", {})
        limits = given if given == "off" else {**quotas, **given}
        return Simulator(**{**settings, "limits": limits})

    return made


@pytest.mark.parametrize("mutation", QUOTAS)
def test_a_wrong_quota_turns_a_key_over(mutation: str, monkeypatch: pytest.MonkeyPatch) -> None:
    name, quotas = QUOTAS[mutation]
    assert not noticed(name)
    for found in iter_modules(proofs.__path__, f"{proofs.__name__}."):
        module = import_module(found.name)
        if hasattr(module, "Simulator"):
            monkeypatch.setattr(module, "Simulator", mutated(quotas))
    assert noticed(name)


@pytest.mark.parametrize("mutation", CODE)
def test_a_wrong_model_turns_a_key_over(mutation: str, monkeypatch: pytest.MonkeyPatch) -> None:
    name, place, attribute, wrong = CODE[mutation]
    assert not noticed(name)
    monkeypatch.setattr(place, attribute, wrong)
    assert noticed(name)


def test_there_are_twenty_mutations() -> None:
    assert len(QUOTAS) + len(CODE) >= 20
