"""Every quota is the number that its source gives, so that none can move unseen.

Read mechanically: a row's value must stand among the numbers of the rows of facts it cites, in any
of their units, and its double must not. Where that says nothing (derived, counted in another unit,
or the model's choice) the number stands here with its reason.
"""

from __future__ import annotations

import re

import pytest

from kinesis_sim.account.quotas import TABLE
from kinesis_sim.units import MIB

UNITS: dict[str, tuple[float, ...]] = {
    "k": (1e3,),
    "kb": (1e3, 1024),
    "kib": (1, 1024),
    "mb": (1e6, MIB),
    "mib": (1024, MIB),
    "gb": (1e9, 1024 * MIB),
    "gib": (1024 * MIB,),
    "min": (60,),
    "minutes": (60,),
    "h": (60, 3_600),
    "hours": (60, 3_600),
    "d": (24, 86_400),
    "day": (24,),
    "days": (24,),
}
"""What a number with a unit may be counted in: bytes, KiB, seconds, hours."""
OWN = {
    "video.channels_elsewhere": (5_000, "the row has 10,000 for two Regions, too"),
    "video.put_fragment_rate": (5, "the row has 10 tags, too"),
    "video.sdp_rate": (5, "the row has 10 minutes, too"),
    "video.tag_name_bytes": (128, "the row has 256 for values, too"),
    "streams.warm_throughput": (10_240, "MiB/s: 10 GiB/s"),
    "streams.on_demand_split_minutes": (10, "the model's choice, within 15 minutes"),
    "streams.on_demand_start_shards": (4, "4 MB/s of 1 MB/s each"),
    "streams.on_demand_growth_percent": (200, "double"),
    "streams.on_demand_growth_minutes": (15, "the row has 30 days, too"),
    "streams.on_demand_ceiling": (10_240, "shards of 1 MiB/s: 10 GB/s"),
    "streams.on_demand_ceiling_elsewhere": (200, "the row has 400 for reads, too"),
}
BY_FACTS = [name for name in TABLE if name not in OWN and ".calls." not in name]
RATED = [name for name in TABLE if ".calls." in name]


def numbers(text: str) -> set[float]:
    """Every number of a text, as it stands and in the units that its own may be counted in."""
    found: set[float] = set()
    for digits, unit in re.findall(r"(\d[\d,]*(?:\.\d+)?)\s?([A-Za-z]*)", text):
        number = float(digits.replace(",", ""))
        found |= {number, *(number * factor for factor in UNITS.get(unit.lower(), ()))}
    return found


def said(name: str) -> set[float]:
    """The numbers of the rows that a quota cites."""
    texts = [f"{row.claim} {row.value} {' '.join(row.more.values())}" for row in TABLE[name].rows]
    return numbers(" ".join(texts))


@pytest.mark.parametrize("name", BY_FACTS)
def test_a_quota_is_the_number_of_its_source(name: str) -> None:
    value = TABLE[name].value
    assert value in said(name)
    assert 2 * value not in said(name), "the source has the double, too: put the number into OWN"


@pytest.mark.parametrize("name", OWN)
def test_a_number_that_the_source_has_in_other_words(name: str) -> None:
    assert TABLE[name].value == OWN[name][0]


@pytest.mark.parametrize("name", RATED)
def test_a_call_rate_is_that_of_its_operation(name: str) -> None:
    operation = name.rpartition(".")[2]
    [row] = [row for row in TABLE[name].rows if re.search(rf"\b{operation}\b", row.claim)]
    rates = re.findall(r"(\d+)/s", row.more["Rate"])
    told = [op for op in re.findall(r"\b[A-Z]\w+", row.claim) if f"streams.calls.{op}" in TABLE]
    own = rates[told.index(operation)] if len(rates) == len(told) else rates[0]
    assert TABLE[name].value == int(own)
