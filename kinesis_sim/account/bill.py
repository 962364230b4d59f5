"""A bill: what was used, at what price, by whose word.

Amounts are exact (Decimal); cents appear where a person looks. Taxes, free tiers, discounts, and
what other services cost (CloudWatch's shard-level metrics, KMS, S3, Lambda, Glue) are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from html import escape
from typing import TYPE_CHECKING

from kinesis_sim.account.prices import Price, PriceList
from kinesis_sim.account.units import unit_said, words
from kinesis_sim.errors import MissingPackage
from kinesis_sim.words import Texts

if TYPE_CHECKING:
    import pandas

COLUMNS = ("resource", "item", "quantity", "unit", "price", "amount", "source", "unverified")
NAME_JOINT = re.compile(r"(?<=[a-z])[._](?=[a-z])")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a bill. resource: the stream's name, or empty for the account.

    quantity: in the price's unit, a ratio of whole numbers kept exact until it is priced.
    """

    resource: str
    price: Price
    numerator: int
    denominator: int = 1

    @property
    def item(self) -> str:
        """What is paid for: a key of the price file."""
        return self.price.item

    @property
    def quantity(self) -> Decimal:
        """How many units, to 28 digits."""
        return Decimal(self.numerator) / Decimal(self.denominator)

    @property
    def amount(self) -> Decimal:
        """US dollars, not rounded to cents; to 28 digits."""
        with localcontext() as context:
            context.prec = 40
            exact = Decimal(self.numerator) * self.price.usd / Decimal(self.denominator)
        return +exact

    @property
    def unverified(self) -> bool:
        """Whether the price has no source that can be trusted."""
        return not self.price.verified

    def row(self) -> dict[str, object]:
        """The line by the names in COLUMNS."""
        return {
            "resource": self.resource,
            "item": self.item,
            "quantity": self.quantity,
            "unit": self.price.unit,
            "price": self.price.usd,
            "amount": self.amount,
            "source": self.price.source,
            "unverified": self.unverified,
        }


class Bill:
    """The lines of a bill, for what was used up to now. ``rows``, ``total``, ``to_frame()``.

    parts: the lines of each service, by its title; one at least, which is named when nothing was
    used.
    """

    def __init__(
        self, parts: Sequence[tuple[str, Iterable[Line]]], prices: PriceList, region: str
    ) -> None:
        used = [(title, [line for line in lines if line.numerator]) for title, lines in parts]
        self._parts = [part for part in used if part[1]] or used[:1]
        self.rows = tuple(line for _, lines in self._parts for line in lines)
        self.region = region
        self.prices = prices

    @property
    def total(self) -> Decimal:
        """US dollars in all, exact; ``round(bill.total, 2)`` for cents."""
        return sum((line.amount for line in self.rows), Decimal(0))

    def of(self, resource: str) -> Bill:
        """The part of one stream."""
        parts = [
            (title, [line for line in lines if line.resource == resource])
            for title, lines in self._parts
        ]
        return Bill(parts, self.prices, self.region)

    def amount(self, item: str) -> Decimal:
        """US dollars for one item, all streams together."""
        return sum((line.amount for line in self.rows if line.item == item), Decimal(0))

    def to_frame(self) -> pandas.DataFrame:
        """The lines as a DataFrame; amounts stay Decimal. Raises MissingPackage without pandas."""
        try:
            import pandas
        except ImportError:
            raise MissingPackage(
                'Bill.to_frame needs pandas: pip install "kinesis-lab[lab]"'
            ) from None
        return pandas.DataFrame([line.row() for line in self.rows], columns=list(COLUMNS))

    def __repr__(self) -> str:
        table = [_cells(line) for line in self.rows]
        table.append(("", "", "", "", _dollars(self.total, words())))
        widths = [max(len(row[index]) for row in table) for index in range(5)]
        lines = [self._title()]
        for row in table:
            left = "  ".join(
                cell.ljust(width) for cell, width in zip(row[:2], widths, strict=False)
            )
            amounts = (row[2].rjust(widths[2]), row[3].ljust(widths[3]), row[4].rjust(widths[4]))
            lines.append("  ".join((left, *amounts)).rstrip())
        return "\n".join([*lines, *self._notes()])

    def _repr_html_(self) -> str:
        say = words().say
        named = [say(f"column.{name}") for name in ("stream", "item", "used", "of")]
        head = "".join(f"<th>{name}</th>" for name in (*named, "USD"))
        rows = "".join(
            "<tr>" + "".join(f"<td>{_breaking(cell)}</td>" for cell in _cells(line)) + "</tr>"
            for line in self.rows
        )
        amount = _dollars(self.total, words())
        total = f"<tr><th colspan='4'>{say('bill.total')}</th><th>{amount}</th></tr>"
        notes = "".join(f"<p>{escape(note)}</p>" for note in self._notes())
        caption = f"<caption>{escape(self._title())}</caption>"
        return f"<table>{caption}<tr>{head}</tr>{rows}{total}</table>{notes}"

    def _title(self) -> str:
        said = words()
        services = said.listed(title for title, _ in self._parts)
        return said.say(
            "bill.title", services=services, region=self.region, checked=self.prices.checked
        )

    def _notes(self) -> list[str]:
        if self.prices.region != self.region:
            other = self.prices.region
            return [words().say("bill.stand-in", region=self.region, other=other)]
        unverified = any(line.unverified for line in self.rows)
        return [words().say("bill.unverified")] if unverified else []


def _breaking(cell: str) -> str:
    """A cell as HTML; names such as firehose.data_in may break, so that the table stays narrow."""
    return NAME_JOINT.sub(r"\g<0><wbr>", escape(cell))


def _cells(line: Line) -> tuple[str, str, str, str, str]:
    said = words()
    mark = " ?" if line.unverified else ""
    quantity = _shown(line.quantity, 3).rstrip("0").rstrip(".")
    unit = unit_said(line.price.unit, said.lang)
    return (
        line.resource,
        line.item,
        said.marked(quantity),
        said.say("bill.at", unit=unit, usd=said.marked(f"{line.price.usd:f}")),
        _dollars(line.amount, said) + mark,
    )


def _dollars(amount: Decimal, said: Texts) -> str:
    """Cents; less than a dollar to a hundredth of a cent, so that an hour's price can be seen."""
    return said.marked(_shown(amount, 2 if amount >= 1 or not amount else 4))


def _shown(value: Decimal, places: int) -> str:
    """So many decimal places; where that would leave nothing of a value, its first two digits."""
    least = Decimal(1).scaleb(-places)
    if 0 < value < least:
        least = Decimal(1).scaleb(value.adjusted() - 1)
    return f"{value.quantize(least, ROUND_HALF_UP):,f}"
