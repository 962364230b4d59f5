"""Which names are aggregates, and the aggregate of a name for a type of argument."""

from __future__ import annotations

from kinesis_sim.analytics.aggregates import aggregate as made
from kinesis_sim.analytics.aggregates import collections
from kinesis_sim.analytics.aggregates.aggregate import Aggregate
from kinesis_sim.analytics.aggregates.subqueries import SINGLE_VALUE, single
from kinesis_sim.analytics.types.sqltype import BIGINT, BOOLEAN, DOUBLE, STRING, SqlType, array

_SPREADS = {
    "STDDEV_POP": (False, True),
    "STDDEV_SAMP": (True, True),
    "STDDEV": (True, True),
    "VAR_POP": (False, False),
    "VAR_SAMP": (True, False),
    "VARIANCE": (True, False),
}
DOCUMENTS = ("JSON_OBJECTAGG", "JSON_ARRAYAGG")
"""Those whose result is JSON, and whose arguments have words of their own."""
NAMES = frozenset(
    {
        "COUNT", "SUM", "SUM0", "AVG", "MIN", "MAX", "FIRST_VALUE", "LAST_VALUE", "LISTAGG",
        "ARRAY_AGG", "COLLECT", "EXP_AVG", "EVERY", "SOME", *_SPREADS, *DOCUMENTS,
    }
)  # fmt: skip
"""What gathers rows."""
MADE = NAMES - {"SUM0"} | {SINGLE_VALUE}
"""Those that there is an aggregate for, of some type."""


def is_aggregate(name: str) -> bool:
    """Whether a function of this upper-case name gathers rows."""
    return name in NAMES or name == SINGLE_VALUE


def aggregate(
    name: str,
    argument: SqlType | None,
    *,
    takes_back: bool,
    extra: object = None,
    whole: bool = False,
) -> Aggregate | None:
    """The aggregate; None when there is none for the type.

    argument: None for COUNT(*). takes_back: whether rows may leave it again. extra: the second
    argument's value. whole: whether deviations of whole numbers are whole, as Flink's are.
    """
    if name == "COUNT":
        return made.count(BIGINT)
    if argument is None:
        return None
    if name in ("MIN", "MAX") and not argument.parts:
        choice = made.extreme if takes_back else made.running_extreme
        return choice(argument, name == "MAX")
    if name in ("SUM", "AVG") and (argument.numeric or argument.interval):
        return made.total(argument) if name == "SUM" else made.average(argument)
    if name in _SPREADS and argument.numeric:
        sample, root = _SPREADS[name]
        if whole and argument.integer:
            return made.whole_spread(argument, sample, root)
        return made.spread(DOUBLE, sample, root)
    return _of_any(name, argument, extra)


def _of_any(name: str, argument: SqlType, extra: object) -> Aggregate | None:
    if name == SINGLE_VALUE:
        return single(argument)
    if name == "FIRST_VALUE":
        return made.first(argument)
    if name == "LAST_VALUE":
        return made.last(argument)
    if name == "COLLECT":
        return collections.multiset(argument)
    if name == "ARRAY_AGG":
        return made.collected(array(argument))
    if name == "LISTAGG" and argument.character:
        return made.listed(STRING, "," if extra is None else str(extra))
    if name in ("EVERY", "SOME") and argument == BOOLEAN:
        return made.truth(BOOLEAN, name == "EVERY")
    if name == "EXP_AVG" and argument.numeric and isinstance(extra, int | float):
        return made.weighted(DOUBLE, float(extra))
    return None
