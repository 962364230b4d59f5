"""Aggregates that keep every value: multisets, and documents of JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kinesis_sim.analytics.aggregates.aggregate import Accumulator, Aggregate
from kinesis_sim.analytics.refusals import RowFault
from kinesis_sim.analytics.types.sqltype import STRING, SqlType
from kinesis_sim.analytics.types.values import SqlMap, bounded_members


def multiset(argument: SqlType) -> Aggregate:
    """COLLECT: each value with how often it came."""

    def add(acc: Accumulator, value: Any) -> None:
        counts = acc[0]
        counts[value] = counts.get(value, 0) + 1

    def take(acc: Accumulator, value: Any) -> None:
        counts = acc[0]
        left = counts.get(value, 0) - 1
        if left > 0:
            counts[value] = left
        else:
            counts.pop(value, None)

    kind = SqlType("MULTISET", parts=(argument,))
    return Aggregate(
        kind, lambda: [{}], add, take, lambda acc: bounded_members(SqlMap(acc[0])), grows=True
    )


def json_array(plain: Callable[[Any], Any], written: Callable[[Any], str]) -> Aggregate:
    """JSON_ARRAYAGG, of values in brackets, for they may be NULL.

    plain: a value as it stands in a document; written: a document as a text.
    """

    def take(acc: Accumulator, value: Any) -> None:
        if value in acc:
            acc.remove(value)

    def value(acc: Accumulator) -> str:
        return written([None if one is None else plain(one) for (one,) in acc])

    return Aggregate(STRING, list, list.append, take, value, merges=False, grows=True)


def json_object(plain: Callable[[Any], Any], written: Callable[[Any], str]) -> Aggregate:
    """JSON_OBJECTAGG, of pairs of a key and a value, in the order of the alphabet.

    A key that comes again, or is NULL, stops the job with RowFault, as it does in Flink.
    """

    def add(acc: Accumulator, pair: Any) -> None:
        key, value = pair
        if key is None:
            raise RowFault("A key of JSON_OBJECTAGG is NULL, which stops the job in Flink.")
        if key in acc[0]:
            raise RowFault(
                f"JSON_OBJECTAGG has the key {key[:40]!r} twice, which stops the job in Flink; "
                "group so that each key comes once."
            )
        acc[0][key] = value

    def take(acc: Accumulator, pair: Any) -> None:
        acc[0].pop(pair[0], None)

    def value(acc: Accumulator) -> str:
        return written(
            {key: None if one is None else plain(one) for key, one in sorted(acc[0].items())}
        )

    return Aggregate(STRING, lambda: [{}], add, take, value, grows=True)
