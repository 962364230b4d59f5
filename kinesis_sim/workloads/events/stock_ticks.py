"""Stock ticks, as the AWS guides' own examples use them: made-up prices of five tickers."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from kinesis_sim.clock import DEFAULT_START
from kinesis_sim.errors import UsageError
from kinesis_sim.instants import MINUTE, SECOND, to_ms
from kinesis_sim.workloads.events.arrival import Arrival, keyed
from kinesis_sim.workloads.events.face import source
from kinesis_sim.workloads.events.rhythm import iso

TICKERS: Mapping[str, float] = {
    "AAPL": 180.0,
    "AMZN": 140.0,
    "INTC": 45.0,
    "MSFT": 330.0,
    "TBV": 85.0,
}
"""Ticker → price at the start: the tickers of the guides, the prices invented."""


@source
def stock_ticks(
    start: str | datetime | int = DEFAULT_START,
    *,
    minutes: float = 1,
    per_second: float = 10,
    key: str | Sequence[str] = "ticker",
    seed: int = 0,
) -> Iterator[Arrival]:
    """Trades at random moments, ``per_second`` of them on average; prices walk at random.

    Fields: event_time, ticker, price, as in the guides.
    """
    if not per_second > 0:
        raise UsageError(f"per_second={per_second}: give a number above 0.")
    chance = random.Random(f"ticks/{seed}")
    prices = dict(TICKERS)
    begin = to_ms(start)
    at, end = float(begin), begin + minutes * MINUTE
    while (at := at + chance.expovariate(per_second) * SECOND) < end:
        ticker = chance.choice(list(prices))
        prices[ticker] = max(1.0, prices[ticker] * (1 + chance.gauss(0, 0.002)))
        row = {"event_time": iso(int(at)), "ticker": ticker, "price": round(prices[ticker], 2)}
        yield keyed(row, key, int(at))
