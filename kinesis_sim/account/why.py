"""Why a number is what it is: the rows of facts behind a quota, a price, an operation or a word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from html import escape
from textwrap import wrap

from kinesis_sim import facts
from kinesis_sim.account.prices import PriceList, price_list
from kinesis_sim.account.quotas import Limits
from kinesis_sim.account.units import unit_said
from kinesis_sim.arguments import said
from kinesis_sim.errors import UsageError
from kinesis_sim.facts import Row
from kinesis_sim.rooms import ROOMS
from kinesis_sim.words import Texts, spoken

OPERATIONS = {
    "streams": ("data-streams", ("1.3",)),
    "firehose": ("firehose", ("1.1",)),
    "analytics": ("analytics", ("8.1",)),
    "video": ("video", ("2", "4", "5", "7")),
    "cloudwatch": ("around", ("1",)),
    "lambda": ("around", ("2",)),
    "fis": ("around", ("3",)),
}
"""By service: the document and the sections whose rows are of its operations."""
ALSO = {
    "kinesis": "streams",
    "mappings": "lambda",
    **dict.fromkeys(("kinesisanalytics", "kinesisanalyticsv2"), "analytics"),
    **dict.fromkeys((name for name in ROOMS if name.startswith("kinesis-video")), "video"),
    "kinesisvideo": "video",
}
"""What else a service is called before an operation's name."""
NAME = re.compile(r"[A-Z][a-z]+[A-Z]\w+|^Invoke$")
OWN_SECTION = re.compile("".join(f"(?<!{name} )" for name in facts.DOCUMENTS) + r"§(\d)")
WIDTH = 96


@dataclass(frozen=True, slots=True, repr=False)
class Explanation:
    """What is behind a name. leads: what it is here, e.g. a quota's value; rows: what says so."""

    name: str
    leads: tuple[str, ...]
    rows: tuple[Row, ...]

    def __repr__(self) -> str:
        return "\n".join([*self.leads, *(line for row in self.rows for line in _lines(row))])

    def _repr_html_(self) -> str:
        leads = "".join(f"<p><b>{escape(lead)}</b></p>" for lead in self.leads)
        return leads + "".join(map(_html, self.rows))


def why(name: str, limits: Limits | None = None, prices: PriceList | None = None) -> Explanation:
    """The rows behind a quota, a price, an operation, a row or section of facts, or some words.

    limits, prices: those in force where it is asked. It is told in the language that is spoken; the
    rows are as they were written, in AWS's. Raises UsageError, with the names that come near, when
    nothing is known by that name.
    """
    limits, prices = limits or Limits(), prices or price_list("us-east-1")
    leads, rows = [], list(facts.rows_of(name))
    for lead, found in _named(name, limits, prices):
        leads.append(lead)
        rows += found
    if not rows and not leads:
        rows += facts.search(name)
    if not rows and not leads:
        raise UsageError(_unknown(name, limits, prices))
    return Explanation(name, tuple(leads), tuple(dict.fromkeys(rows)))


def _named(name: str, limits: Limits, prices: PriceList) -> Iterator[tuple[str, tuple[Row, ...]]]:
    say, words = _words().say, _words()
    if (quota := limits.rows.get(name)) is not None:
        default = words.number(quota.value)
        changed = "" if limits[name] == quota.value else say("why.changed", value=default)
        remark = f" ({quota.remark})" if quota.remark else ""
        yield _quota(name, limits, quota.unit) + changed + remark, quota.rows
    if (price := prices.prices.get(name)) is not None:
        usd, unit = words.marked(f"{price.usd:f}"), unit_said(price.unit, words.lang)
        lead = say("why.price", name=name, region=prices.region, usd=usd, unit=unit)
        doubt = "" if price.verified else say("why.price-unverified")
        yield f"{lead}{doubt}; {price.source}", facts.cited(price.fact)
    if operation := _operation(name):
        title, row = operation
        yield say("why.operation", title=title), (row,)
        for called, quota in limits.rows.items():
            if called.endswith(f".calls.{title}"):
                yield _quota(called, limits, quota.unit), ()


def _words() -> Texts:
    return spoken("account")


def _quota(name: str, limits: Limits, unit: str) -> str:
    words = _words()
    told = unit_said(unit, words.lang)
    return words.say("why.quota", name=name, value=words.number(limits[name]), unit=told)


def _operation(name: str) -> tuple[str, Row] | None:
    """AWS's name of an operation such as ``streams.put_records``, and its row."""
    service, _, called = name.rpartition(".")
    service = ALSO.get(service, service)
    wanted = called.replace("_", "").casefold()
    for room, title, row in _operations():
        if title.casefold() == wanted and service in ("", room):
            return title, row
    return None


@cache
def _operations() -> tuple[tuple[str, str, Row], ...]:
    """Service, name and row of every operation."""
    return tuple(
        (room, title, row)
        for room, (document, numbers) in OPERATIONS.items()
        for number in numbers
        for row in facts.document(document).section(number).rows
        for title in (NAME.findall(row.claim) if row.value else ())
    )


@cache
def _written() -> tuple[str, ...]:
    """The names of all operations and rows."""
    operations = (f"{room}.{_snake(title)}" for room, title, _ in _operations())
    rows = (row.name for document in facts.DOCUMENTS for row in facts.document(document).rows)
    return (*operations, *rows)


def _unknown(name: str, limits: Limits, prices: PriceList) -> str:
    close = facts.near(name, (*limits.rows, *prices.prices, *_written()))
    say = _words().say
    nearest = say("why.near", names=", ".join(close)) if close else say("why.try")
    return say("why.unknown", name=said(name), near=nearest)


def _snake(title: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", title).lower()


def _lines(row: Row) -> Iterator[str]:
    yield ""
    yield from wrap(_in_full(row, f"{row.claim}: {row.value}" if row.value else row.claim), WIDTH)
    for heading, text in row.more.items():
        said = _in_full(row, f"{heading}: {text}")
        yield from wrap(said, WIDTH, initial_indent="  ", subsequent_indent="    ")
    for cite in row.citations:
        yield from wrap(cite.title, WIDTH, initial_indent="  - ", subsequent_indent="    ")
        if cite.page:
            yield f"    {cite.page}"
    yield f"  {_footing(row)}"


def _in_full(row: Row, text: str) -> str:
    """A row names sections of its own document by number alone; here each has its document."""
    return OWN_SECTION.sub(rf"{row.document} §\1", text)


def _footing(row: Row) -> str:
    words = _words()
    known = words.under("why.doubt")
    doubts = "".join(f"; {known.get(doubt, doubt)}" for doubt in row.doubt)
    return f"{words.say('why.read', day=row.checked)}{doubts} [{row.name}]"


def _html(row: Row) -> str:
    more = "".join(
        f"<li>{escape(_in_full(row, f'{heading}: {text}'))}</li>"
        for heading, text in row.more.items()
    )
    cites = "".join(f"<li>{_link(cite)}</li>" for cite in row.citations)
    value = f": {escape(_in_full(row, row.value))}" if row.value else ""
    return (
        f"<p><b>{escape(row.claim)}</b>{value}</p><ul>{more}{cites}</ul>"
        f"<p><small>{escape(_footing(row))}</small></p>"
    )


def _link(cite: facts.Citation) -> str:
    title = escape(cite.title)
    return f'<a href="{escape(cite.page)}">{title}</a>' if cite.page else title
