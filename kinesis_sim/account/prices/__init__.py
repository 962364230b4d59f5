"""What things cost: one dated data file per Region, with sources and what is not verified."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import resources

STAND_IN = "us-east-1"
"""The Region whose prices stand in where no file is (its own are not known here)."""


@dataclass(frozen=True, slots=True)
class Price:
    """What one unit costs.

    usd: exact; verified: whether a source was found that can be trusted; fact: the row of facts it
    follows, as a mark.
    """

    item: str
    usd: Decimal
    unit: str
    source: str
    verified: bool
    fact: str = ""


@dataclass(frozen=True, slots=True)
class PriceList:
    """The prices of a Region. region: whose prices they are; checked: the date."""

    region: str
    checked: str
    prices: dict[str, Price]

    def __getitem__(self, item: str) -> Price:
        return self.prices[item]


@cache
def price_list(region: str) -> PriceList:
    """The prices in force in a Region.

    A Region without a file of its own (sa-east-1 among them: no source was found) gets those of
    us-east-1, every one of them marked as not verified.
    """
    own = resources.files(__package__).joinpath(f"{region}.toml")
    known = region.replace("-", "").isalnum() and own.is_file()
    return _read(region if known else STAND_IN, stand_in_for=None if known else region)


def _read(region: str, stand_in_for: str | None) -> PriceList:
    file = resources.files(__package__).joinpath(f"{region}.toml")
    data = tomllib.loads(file.read_text(encoding="utf-8"))
    prices = {
        item: Price(
            item,
            Decimal(row["usd"]),
            row["unit"],
            row["source"] if stand_in_for is None else f"{region}'s, for want of a source",
            row["verified"] and stand_in_for is None,
            row["fact"],
        )
        for item, row in data["items"].items()
    }
    return PriceList(data["region"], data["checked"], prices)
