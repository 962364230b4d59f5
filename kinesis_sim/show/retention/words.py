"""What the retention timeline says: sentences, labels and money, from its rows."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from kinesis_sim.account.prices import Price
from kinesis_sim.instants import HOUR, MINUTE
from kinesis_sim.show.kit.numbers import dollars
from kinesis_sim.show.kit.timeline import Axis, Tick, Times, duration, ticks
from kinesis_sim.show.kit.timeline import since as whole_since
from kinesis_sim.show.kit.words import Words
from kinesis_sim.show.retention.fold import TIERS, Path, Retention, Standing, tier_of

ALARM_SHARE = 0.5
"""The part of the retention above which AWS's guide sees a risk of loss (facts/data-streams §7)."""
MONTH_HOURS = 730
LEAST_SHOWN = Decimal("0.00005")
"""USD: what is less shows as nothing and is not listed."""
NAMED = (
    *("shard_hour", "put_unit", "stream_hour", "data_in", "data_out"),
    *("extended_retention", "long_term_retention", "long_term_retrieval"),
)


class Told:
    """One set of rows in one language."""

    def __init__(self, rows: Retention, words: Words) -> None:
        self._rows, self._words = rows, words
        history = rows.history
        end = max(history.now, history.begin + MINUTE)
        self.axis = Axis(((history.begin, 0.0), (end, 1.0)), ())
        self._times = Times(self.axis, words)

    @property
    def title(self) -> str:
        """What the picture shows."""
        return self._words.say("title", stream=self._rows.history.stream)

    def subtitle(self, at: int) -> str:
        """The retention in force at an instant, or the one that is supposed."""
        supposed = self._rows.what_if
        if supposed is not None:
            since, hours = supposed
            time = self.time(since)
            return self._words.say("subtitle-what-if", hours=lasting(hours), time=time)
        rows = self._rows
        told = self._words.say("subtitle", hours=lasting(rows.horizon.hours(at)))
        return told + whole_since(rows.whole_from, rows.history.begin, self._words)

    def time(self, at: int) -> str:
        """An instant as the axis writes it."""
        return self._times.short(at)

    def ticks(self) -> list[Tick]:
        """What to write under the time axis."""
        return ticks(self.axis, self._times)

    def summary(self, at: int) -> str:
        """All of it in one text."""
        readers = [
            f"{self.name(path)}: {', '.join(self.reader(path, at))}. " for path in self._paths
        ]
        return self._words.say(
            "summary",
            title=self.title,
            time=self.time(at),
            subtitle=self.subtitle(at),
            notice=self.notice(at),
            readers="".join(readers),
            cost=self.cost(at),
        )

    # --- rows ---------------------------------------------------------------------------------

    @property
    def _paths(self) -> tuple[Path, ...]:
        return self._rows.paths

    def name(self, path: Path) -> str:
        """A reader's name, with its shard where it reads several."""
        reader, names = path.reader, [other.name for other in self._rows.readers]
        if names.count(reader.name) == 1:
            return reader.name
        return f"{reader.name}, {self._words.say('shard', number=reader.shard)}"

    def records(self, at: int) -> tuple[str, str]:
        """How many records are there, and how many are not any more."""
        rows, words = self._rows, self._words
        gone = rows.gone(at)
        kept = words.number(rows.all.until(at)[0] - gone)
        return (
            words.say("records-kept", count=kept),
            words.say("records-gone", count=words.number(gone)),
        )

    def reader(self, path: Path, at: int) -> tuple[str, ...]:
        """One or two short lines on where a reader stands."""
        words, standing = self._words, path.at(at)
        if standing is None:
            return (words.say("reader.none"),)
        lost, count = words.number(standing.lost), words.number(standing.waiting)
        if standing.fallen:
            return words.say("reader.fallen"), words.say("reader.lost", lost=lost, count=count)
        if not standing.waiting:
            return (words.say("reader.done-lost" if standing.lost else "reader.done", lost=lost),)
        key = "reader.waiting-lost" if standing.lost else "reader.waiting"
        behind = words.say("reader.behind", behind=duration(at - standing.place))
        return behind, words.say(key, count=count, lost=lost)

    def tiers(self) -> list[tuple[str, str]]:
        """Each band of retention, the shortest first: up to where it reaches, and its price."""
        extended, long_term = self._rows.tiers
        first = "tier.gb-month" if "GB" in extended.unit else "tier.shard-hour"
        second = "tier.gb-month" if "GB" in extended.unit else "tier.more"
        say, words = self._words.say, self._words
        prices = [
            say("tier.included"),
            say(first, usd=_price(extended, words)),
            say(second, usd=_price(long_term, words)),
        ]
        ends = [say("upto", time=duration(end)) for end in TIERS]
        return list(zip(ends, prices, strict=True))

    # --- sentences ----------------------------------------------------------------------------

    def notice(self, at: int) -> str:
        """What to notice at an instant (epoch ms), most telling first."""
        said = (self._supposed, self._records, self._changed, self._readers)
        return " ".join(text for say in said for text in say(at))

    def _records(self, at: int) -> Iterator[str]:
        rows, words = self._rows, self._words
        total, gone = rows.all.until(at)[0], rows.gone(at)
        values = {"hours": lasting(rows.horizon.hours(at)), "total": words.number(total)}
        if not total:
            yield words.say("notice.empty")
        elif rows.what_if is not None and at >= rows.what_if[0]:
            return  # the supposition has said it
        elif not gone:
            yield words.say("notice.kept", **values)
        else:
            numbers = {"kept": words.number(total - gone), "gone": words.number(gone)}
            yield words.say("notice.gone", **values, **numbers)

    def _changed(self, at: int) -> Iterator[str]:
        """The newest change of the retention, while it is not a supposed one."""
        rows, words = self._rows, self._words
        changes = [change for change in rows.history.retentions if change.at <= at]
        if not changes or rows.what_if is not None:
            return
        last = changes[-1]
        count = rows.gone(last.at) - rows.all.before(
            rows.horizon.at(max(last.at - 1, rows.history.begin))
        )
        yield words.say(
            "notice.raised" if last.became > last.was else "notice.lowered",
            was=lasting(last.was),
            became=lasting(last.became),
            time=self.time(last.at),
            count=words.number(count),
        )

    def _supposed(self, at: int) -> Iterator[str]:
        rows, words = self._rows, self._words
        if rows.what_if is None or at < rows.what_if[0]:
            return
        since, hours = rows.what_if
        really = rows.all.before(min(rows.history.horizon.at(at), at))
        more = really - rows.gone(at)
        raised = hours > rows.history.horizon.hours(since)
        kind = "saved" if more > 0 else "cut" if more < 0 else "no-return" if raised else "same"
        values = {"time": self.time(since), "hours": lasting(hours)}
        yield words.say(f"notice.{kind}", count=words.number(abs(more)), **values)

    def _readers(self, at: int) -> Iterator[str]:
        """One sentence for each reader in trouble; those that fell first."""
        kept = self._rows.horizon.hours(at) * HOUR
        found = [(path, path.at(at)) for path in self._paths]
        ranked = [(path, s) for path, s in found if s is not None]
        for path, standing in sorted(ranked, key=lambda pair: -pair[1].lost):
            if key := _trouble(standing, at - standing.place, kept):
                yield self._words.say(
                    f"notice.{key}",
                    reader=self.name(path),
                    lost=self._words.number(standing.lost),
                    behind=duration(at - standing.place),
                )
        if self._rows.hidden:
            yield self._words.count("hidden", self._rows.hidden)

    # --- money --------------------------------------------------------------------------------

    def cost(self, at: int) -> str:
        """What the stream has cost, by item, and what its retention costs a month."""
        rows, say = self._rows, self._words.say
        named = list(self._parts())
        total, parts = dollars(rows.total, self._words), self._words.listed(named) if named else ""
        key = "cost.so-far" if parts else "cost.nothing"
        said = [say(key, total=total, parts=parts), self._month(at)]
        said.append(say("cost.checked", date=rows.prices.checked))
        if any(line.unverified for line in rows.bill) or not all(p.verified for p in rows.tiers):
            said.append(say("cost.unverified"))
        return " ".join(filter(None, said))

    def _parts(self) -> Iterator[str]:
        for line in self._rows.bill:
            kind = line.item.partition(".")[2]
            if line.amount < LEAST_SHOWN:
                continue
            usd = dollars(line.amount, self._words) + (" ?" if line.unverified else "")
            yield self._words.say(f"cost.{kind if kind in NAMED else 'other'}", usd=usd)

    def _month(self, at: int) -> str:
        """What extended retention adds to a month, where it is charged by the shard-hour."""
        rows, say = self._rows, self._words.say
        hours, price = rows.horizon.hours(at), rows.tiers[0]
        if tier_of(hours) == 0:
            return say("cost.month-none")
        if "GB" in price.unit:
            return ""
        key = "cost.month-one" if rows.shards == 1 else "cost.month"
        usd = dollars(MONTH_HOURS * rows.shards * price.usd, self._words)
        return say(key, hours=lasting(hours), count=rows.shards, usd=usd)


def lasting(hours: int) -> str:
    """A retention as people say it: 24 h, 7 d, 365 d."""
    return duration(hours * HOUR)


def _trouble(standing: Standing, behind: int, kept: int) -> str:
    if standing.fallen:
        return "fallen"
    if standing.waiting and behind > ALARM_SHARE * kept:
        return "close"
    return "resumed" if standing.lost else ""


def _price(price: Price, words: Words) -> str:
    usd = words.marked(f"{price.usd:f}")
    return usd if price.verified else f"{usd} ?"
