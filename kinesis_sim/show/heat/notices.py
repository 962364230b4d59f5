"""What to notice in a heat map or a mix, in sentences derived from its rows."""

from __future__ import annotations

from collections.abc import Iterator

from kinesis_sim.show.heat.fold import UNEVEN, HeatMap, Sums
from kinesis_sim.show.heat.mix import STEPS, TRIES, Mix, Mixed
from kinesis_sim.show.kit.timeline import duration
from kinesis_sim.show.kit.words import Words
from kinesis_sim.streams.limits import ShardLimits
from kinesis_sim.units import MIB


def takes(limits: ShardLimits | None, words: Words) -> str:
    """What a shard takes per second, in one sentence."""
    if limits is None:
        return words.say("off")
    records = words.number(limits.write_records)
    return words.say("takes", records=records, mib=_mib(limits))


def notice(heat: HeatMap, words: Words) -> str:
    """Which shards refused, why, and how the others did."""
    return " ".join(_sentences(heat, words))


def summary(heat: HeatMap, words: Words) -> str:
    """What the map shows, in one text."""
    width, said = duration(heat.width), notice(heat, words)
    return words.say("summary", stream=heat.stream, columns=heat.columns, width=width, notice=said)


def mixed_notice(mix: Mix, result: Mixed, words: Words) -> str:
    """What the shards did, and what that meant for the producer."""
    return " ".join([notice(result.heat, words), *_producer(mix, result, words)])


def setting(mix: Mix, name: str, words: Words) -> str:
    """One setting of a mix in words, e.g. "3,000 a second"."""
    value = getattr(mix, name)
    if isinstance(value, str):
        return words.say(f"value.{value}")
    return words.say(f"value.{name}", number=words.number(value))


def settings(mix: Mix, words: Words) -> str:
    """All settings of a mix in one line."""
    pairs = ((words.say(f"control.{name}"), setting(mix, name, words)) for name in STEPS)
    return ", ".join(f"{name}: {value}" for name, value in pairs)


def percent(part: float) -> int:
    """A part in percent: 0 and 100 only where nothing or nothing else is meant."""
    return round(100 * part) if part in (0, 1) else min(99, max(1, round(100 * part)))


def _sentences(heat: HeatMap, words: Words) -> Iterator[str]:
    if not heat.cells:
        yield words.say("notice.empty")
        return
    if heat.limits is None:
        yield words.say("off")
        return
    sums = heat.sums
    refusing = sorted((row for row in sums if row.throttled), key=lambda row: -row.throttled)
    calm = [row for row in sums if not row.throttled]
    if not refusing:
        row = max(calm, key=_full)
        assert row.fullest is not None
        limit = words.say(f"limit.{row.fullest.limit}")
        yield words.say("notice.calm", shard=row.shard, percent=percent(_full(row)), limit=limit)
        yield from _uneven(heat, words)
        return
    yield _refused(refusing[0], heat.limits, words)
    if more := len(refusing) - 1:
        yield words.count("notice.more", more)
    if calm:
        yield words.say("notice.others", percent=percent(max(map(_full, calm))))
    yield from _uneven(heat, words)


def _uneven(heat: HeatMap, words: Words) -> Iterator[str]:
    """Asked about keys: the shard that much more came to, and which of the keys go there."""
    came = {row.shard: row.records + row.throttled for row in heat.sums}
    most = max(came, key=came.__getitem__)
    part = came[most] / max(1, sum(came.values()))
    if not heat.pins or part * len(came) < UNEVEN:
        return
    times = words.marked(f"{part * len(came):.1f}")
    yield words.say("notice.uneven", shard=most, percent=percent(part), times=times)
    if keys := [key for key, shard in heat.pins if shard == most]:
        form = "one" if len(keys) == 1 else "many"
        yield words.say(f"notice.keys-{form}", keys=words.listed(keys))


def _full(row: Sums) -> float:
    return row.fullest.full if row.fullest is not None else 0.0


def _refused(row: Sums, limits: ShardLimits, words: Words) -> str:
    cell = row.fullest
    assert cell is not None
    # A column may last longer than the rush in it: the other limit's part is that of a full second.
    other = min(cell.bytes_part, cell.records_part) / (cell.full or 1)
    most = words.number(limits.write_records)
    kind = cell.limit if len(row.hit) == 1 else "both"
    why = words.say(f"why.{kind}", most=most, mib=_mib(limits), other=percent(other))
    return words.say(
        "notice.refused",
        shard=row.shard,
        count=words.number(row.throttled),
        came=words.number(row.records + row.throttled),
        percent=percent(row.refused),
        why=why,
    )


def _producer(mix: Mix, result: Mixed, words: Words) -> Iterator[str]:
    counts, number = result.counts, words.number
    if counts.stored == counts.offered:
        yield words.say("mixer.all", offered=number(counts.offered))
    else:
        part = percent(counts.stored / counts.offered)
        stored, offered = number(counts.stored), number(counts.offered)
        yield words.say("mixer.some", stored=stored, offered=offered, percent=part)
    if not counts.throttled:
        return
    lost = number(counts.lost)
    if mix.retry == "none":
        yield words.say("mixer.none", lost=lost)
    else:
        again, waiting = number(counts.retried), number(result.buffered)
        yield words.say("mixer.again", retried=again, lost=lost, tries=TRIES, waiting=waiting)


def _mib(limits: ShardLimits) -> str:
    return f"{limits.write_bytes / MIB:g}"
