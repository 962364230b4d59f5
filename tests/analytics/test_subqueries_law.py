"""Subqueries, set operations and grouping sets: folded, what a loop over all rows comes to.

Rows of both tables come in any order, some with NULL; every query is asked over the rows themselves
and over a changelog that takes rows back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinesis_sim.analytics.changelog import folded
from kinesis_sim.analytics.refusals import RowFault
from kinesis_sim.analytics.running import run
from tests.analytics.feeds import START
from tests.analytics.test_changelog_law import SIDES, fold
from tests.effort import examples
from tests.reached import reached, reaches

Sides = list[tuple[str, int | None, int]]
Row = tuple[int | None, int]
TABLES = "CREATE TABLE l (k INT, v INT); CREATE TABLE r (k INT, v INT);"
LAST = "(SELECT k, MAX(v) AS v FROM {} GROUP BY k)"
"""A changelog: of each key its highest value, which takes back the one before."""


def asked(query: str, sides: Sides) -> Counter[Any]:
    feed = [(table, {"k": key, "v": value}) for table, key, value in sides]
    return fold(run(TABLES + query, feed).changelog)


def of(table: str, sides: Sides) -> list[Row]:
    return [(key, value) for name, key, value in sides if name == table]


def last(rows: list[Row]) -> list[Row]:
    keys = {key for key, _ in rows}
    return [(key, max(value for one, value in rows if one == key)) for key in keys]


def equal(one: Any, other: Any) -> bool | None:
    return None if one is None or other is None else one == other


def within(value: Any, found: Iterable[Any]) -> bool | None:
    """Three-valued IN."""
    told = [equal(value, one) for one in found]
    return True if True in told else None if None in told else False


def greatest(rows: Iterable[Row]) -> int | None:
    return max((value for _, value in rows), default=None)


def least_above(value: int, other: int | None) -> bool:
    return other is not None and value > other


Wanted = Callable[[Row, list[Row]], bool]
KEPT: dict[str, Wanted] = {
    "k IN (SELECT k FROM r)": lambda one, r: within(one[0], [k for k, _ in r]) is True,
    "k NOT IN (SELECT k FROM r)": lambda one, r: within(one[0], [k for k, _ in r]) is False,
    "NOT (k IN ((SELECT k FROM r WHERE v > 1)))": (
        lambda one, r: within(one[0], [k for k, v in r if v > 1]) is False
    ),
    "(k, v) IN (SELECT k, v FROM r)": lambda one, r: one[0] is not None and one in r,
    "(v, k) NOT IN (SELECT v, k FROM r)": lambda one, r: not any(
        one[1] == v and equal(one[0], k) is not False for k, v in r
    ),
    "EXISTS (SELECT 1 FROM r)": lambda one, r: bool(r),
    "NOT EXISTS (SELECT * FROM r WHERE v = 3)": lambda one, r: all(v != 3 for _, v in r),
    "EXISTS (SELECT 1 FROM r WHERE r.k = l.k AND r.v < l.v)": (
        lambda one, r: any(equal(k, one[0]) and v < one[1] for k, v in r)
    ),
    "NOT EXISTS (SELECT v FROM r WHERE l.k = r.k AND r.v > 0)": (
        lambda one, r: not any(equal(k, one[0]) and v > 0 for k, v in r)
    ),
    "v IN (SELECT v FROM r WHERE r.k = l.k)": (
        lambda one, r: any(equal(k, one[0]) and v == one[1] for k, v in r)
    ),
    "v NOT IN (SELECT r.v FROM r WHERE r.k = l.k)": (
        lambda one, r: not any(equal(k, one[0]) and v == one[1] for k, v in r)
    ),
    "v > (SELECT MAX(v) FROM r)": lambda one, r: least_above(one[1], greatest(r)),
    "NOT v <= (SELECT MAX(v) FROM r) + 0": lambda one, r: least_above(one[1], greatest(r)),
    "v > COALESCE((SELECT MAX(v) FROM r), 0)": lambda one, r: one[1] > (greatest(r) or 0),
    "(SELECT MAX(v) FROM r) IS NULL": lambda one, r: not r,
    "v < (SELECT COUNT(*) FROM r WHERE r.k = l.k)": (
        lambda one, r: one[1] < sum(equal(k, one[0]) is True for k, _ in r)
    ),
    "v > (SELECT MAX(r.v) FROM r WHERE l.k = r.k AND r.v < 3)": lambda one, r: least_above(
        one[1], greatest((k, v) for k, v in r if equal(k, one[0]) and v < 3)
    ),
    "v = 1 OR EXISTS (SELECT 1 FROM r WHERE r.v > 2)": (
        lambda one, r: one[1] == 1 or any(v > 2 for _, v in r)
    ),
    "v = 1 OR NOT EXISTS (SELECT 1 FROM r WHERE r.k = l.k AND r.v < l.v)": (
        lambda one, r: one[1] == 1 or not any(equal(k, one[0]) and v < one[1] for k, v in r)
    ),
    "v = 1 OR v IN (SELECT v FROM r WHERE r.k = l.k)": (
        lambda one, r: one[1] == 1 or any(equal(k, one[0]) and v == one[1] for k, v in r)
    ),
    "v = 1 OR (k, v) NOT IN (SELECT k, v FROM r WHERE r.v <= l.v)": lambda one, r: (
        one[1] == 1 or not any(one[1] == v and equal(one[0], k) is not False for k, v in r)
    ),
    "(k IN (SELECT k FROM r WHERE r.v = l.v)) IS UNKNOWN": (
        lambda one, r: within(one[0], [k for k, v in r if v == one[1]]) is None
    ),
    "CASE WHEN v IN (SELECT v FROM r WHERE r.k = l.k) THEN v ELSE 3 - v END > 1": lambda one, r: (
        one[1] if any(equal(k, one[0]) and v == one[1] for k, v in r) else 3 - one[1]
    ) > 1,
    "v > (SELECT MAX(v) FROM r WHERE r.v < l.v)": lambda one, r: least_above(
        one[1], greatest((k, v) for k, v in r if v < one[1])
    ),
    "v < (SELECT 1 + COUNT(*) FROM r WHERE r.k = l.k)": (
        lambda one, r: one[1] < 1 + sum(equal(k, one[0]) is True for k, _ in r)
    ),
    "v IN (SELECT MAX(v) FROM r WHERE r.k = l.k)": (
        lambda one, r: one[1] == greatest((k, v) for k, v in r if equal(k, one[0]))
    ),
    "v = 1 OR v IN (SELECT MAX(v) FROM r)": lambda one, r: one[1] in (1, greatest(r)),
    "EXISTS (SELECT MAX(v) FROM r WHERE r.k = l.k)": lambda one, r: True,
    "k IN (VALUES (1), (7)) OR v IN (VALUES (2))": lambda one, r: one[0] == 1 or one[1] == 2,
    "v > 0 AND k IN (SELECT k FROM r WHERE v IN (SELECT v FROM l))": (
        lambda one, r: False  # told apart below: it asks both tables
    ),
}  # fmt: skip


@pytest.mark.parametrize("changing", [(), ("l",), ("r",), ("l", "r")])
@pytest.mark.parametrize("condition", [one for one in KEPT if "FROM l)" not in one])
@settings(max_examples=examples(25))
@given(SIDES)
def test_rows_are_kept_as_the_condition_says(
    condition: str, changing: tuple[str, ...], sides: Sides
) -> None:
    tables = {name: of(name, sides) for name in "lr"}
    names = {name: name for name in "lr"}
    for name in changing:
        tables[name], names[name] = last(tables[name]), LAST.format(name)
    query = condition.replace("FROM r", f"FROM {names['r']} AS r")
    found = asked(f"SELECT k, v FROM {names['l']} AS l WHERE {query}", sides)
    assert found == Counter(one for one in tables["l"] if KEPT[condition](one, tables["r"]))


@settings(max_examples=examples(50))
@given(SIDES)
def test_a_subquery_may_have_one_of_its_own(sides: Sides) -> None:
    left, right = of("l", sides), of("r", sides)
    found = asked(
        "SELECT k, v FROM l WHERE v > 0 AND k IN (SELECT k FROM r WHERE v IN (SELECT v FROM l))",
        sides,
    )
    known = {k for k, v in right if v in {value for _, value in left} and k is not None}
    assert found == Counter((k, v) for k, v in left if v > 0 and k in known)


@reaches("no row on the right", "counted none")
@settings(max_examples=examples(100))
@given(SIDES)
def test_a_subquery_in_the_list_is_a_value_of_every_row(sides: Sides) -> None:
    left, right = of("l", sides), of("r", sides)
    found = asked(
        """SELECT v, (SELECT MAX(v) FROM r) AS most,
             (SELECT COUNT(*) FROM r WHERE r.k = l.k) AS n,
             1 + (SELECT MIN(v) FROM r WHERE r.k = l.k) AS least FROM l""",
        sides,
    )
    wanted: Counter[Any] = Counter()
    for key, value in left:
        mine = [v for k, v in right if equal(k, key)]
        wanted[value, greatest(right), len(mine), 1 + min(mine) if mine else None] += 1
        reached("counted none", bool(right) and not mine)
    assert found == wanted
    reached("no row on the right", bool(left) and not right)


@reaches("nothing", "one row", "NULL of one row")
@pytest.mark.parametrize("tied", [False, True])
@settings(max_examples=examples(60))
@given(SIDES)
def test_a_query_of_one_row_is_its_value(tied: bool, sides: Sides) -> None:
    """NULL where it gives none; a second row stops the job."""
    left, right = of("l", sides), of("r", sides)
    value, condition = ("NULLIF(v, 1)", "r.k = l.k AND r.v > 0") if tied else ("k", "v = 3")

    def found(key: int | None) -> list[int | None]:
        if not tied:
            return [k for k, v in right if v == 3]
        return [v if v > 1 else None for k, v in right if equal(k, key) and v > 0]

    query = f"SELECT v, (SELECT {value} FROM r WHERE {condition}) m FROM l"
    keys = {k for k, _ in right} if tied else {None}
    if any(len(found(key)) > 1 for key in keys):
        with pytest.raises(RowFault, match="more than one row"):
            asked(query, sides)
        return
    wanted: Counter[Any] = Counter()
    for key, own in left:
        rows = found(key)
        wanted[own, rows[0] if rows else None] += 1
        reached("nothing", not rows)
        reached("one row", bool(rows) and rows[0] is not None)
        reached("NULL of one row", bool(rows) and rows[0] is None)
    assert asked(query, sides) == wanted


@settings(max_examples=examples(60))
@given(SIDES)
def test_a_query_of_one_row_may_be_updated(sides: Sides) -> None:
    """What it was is taken back before it is something else."""
    left, right = of("l", sides), of("r", sides)
    found = asked("SELECT v, (SELECT COUNT(*) FROM r HAVING COUNT(*) <> 2) AS n FROM l", sides)
    number = len(right) if right and len(right) != 2 else None
    assert found == Counter((v, number) for _, v in left)


@reaches("a group that stays", "a group that goes")
@settings(max_examples=examples(60))
@given(SIDES)
def test_groups_are_kept_and_shown_with_subqueries(sides: Sides) -> None:
    left, right = of("l", sides), of("r", sides)
    found = asked(
        """SELECT k, COUNT(*) n, (SELECT MAX(v) FROM r) most,
             EXISTS (SELECT 1 FROM r WHERE r.k = l.k) AS known, 1 + SUM(v) AS more
           FROM l GROUP BY k
           HAVING COUNT(*) > (SELECT COUNT(*) FROM r WHERE r.k = l.k)""",
        sides,
    )
    wanted: Counter[Any] = Counter()
    for key in {k for k, _ in left}:
        own = [v for k, v in left if k == key]
        there = sum(equal(k, key) is True for k, _ in right)
        if len(own) > there:
            wanted[key, len(own), greatest(right), there > 0, 1 + sum(own)] += 1
        reached("a group that stays", len(own) > there > 0)
        reached("a group that goes", len(own) <= there)
    assert found == wanted


@settings(max_examples=examples(60))
@given(SIDES)
def test_told_rows_are_a_table(sides: Sides) -> None:
    left = of("l", sides)
    names = {1: "one", 2: "two", 3: "three"}
    found = asked(
        """SELECT l.k, l.v, t.name FROM l
           JOIN (VALUES (1, 'one'), (2, 'two'), (3, 'three')) AS t (n, name) ON l.v = t.n
           UNION ALL VALUES (7, 8, 'nine')""",
        sides,
    )
    wanted = Counter((k, v, names[v]) for k, v in left if v in names)
    assert found == wanted + Counter([(7, 8, "nine")])


@reaches("a NULL that is on both sides", "a row that is there more than once")
@pytest.mark.parametrize("kind", ["INTERSECT", "INTERSECT ALL", "EXCEPT", "EXCEPT ALL"])
@pytest.mark.parametrize("changing", [False, True])
@settings(max_examples=examples(50))
@given(SIDES)
def test_sets_of_rows(kind: str, changing: bool, sides: Sides) -> None:
    left, right = of("l", sides), of("r", sides)
    names = ["l", "r"]
    if changing:
        left, right, names = last(left), last(right), [LAST.format(name) for name in names]
    one, other = Counter(left), Counter(right)
    if not kind.endswith("ALL"):
        one, other = Counter(set(left)), Counter(set(right))
    wanted = one & other if kind.startswith("INTERSECT") else one - other
    if kind == "EXCEPT":
        wanted = Counter(set(left) - set(right))
    assert asked(f"SELECT k, v FROM {names[0]} {kind} SELECT k, v FROM {names[1]}", sides) == wanted
    both = set(left) & set(right)
    reached("a NULL that is on both sides", any(key is None for key, _ in both))
    reached("a row that is there more than once", len(set(sides)) < len(sides))


SETS = {
    "ROLLUP (k, v)": [(0, 1), (0,), ()],
    "CUBE (k, v)": [(0, 1), (0,), (1,), ()],
    "GROUPING SETS ((k), (v))": [(0,), (1,)],
    "GROUPING SETS ((k, v), ())": [(0, 1), ()],
    "k, ROLLUP (v)": [(0, 1), (0,)],
    "GROUPING SETS (k, CUBE (v))": [(0,), (1,), ()],
    "ROLLUP ((k, v))": [(0, 1), ()],
    "GROUPING SETS (ROLLUP (k), (v))": [(0,), (), (1,)],
    "(k, v)": [(0, 1)],
}


def by_sets(rows: list[Row], sets: list[tuple[int, ...]]) -> Counter[Any]:
    groups: dict[Any, list[Row]] = {}
    for row, one in product(rows, sets):
        key = tuple(row[at] if at in one else None for at in (0, 1))
        number = sum((at not in one) << bit for bit, at in enumerate((1, 0)))
        groups.setdefault((*key, number), []).append(row)
    return Counter((*key, len(found), sum(v for _, v in found)) for key, found in groups.items())


@pytest.mark.parametrize("sets", SETS)
@settings(max_examples=examples(40))
@given(SIDES)
def test_each_set_of_keys_groups_all_rows(sets: str, sides: Sides) -> None:
    found = asked(
        f"""SELECT k, v, GROUPING_ID(k, v) AS g, COUNT(*) AS n, SUM(v) AS s
            FROM l GROUP BY {sets}""",
        sides,
    )
    assert found == by_sets(of("l", sides), SETS[sets])


@settings(max_examples=examples(50))
@given(st.lists(st.tuples(st.sampled_from([1, 2, None]), st.integers(0, 3), st.integers(0, 40))))
def test_windows_are_grouped_by_each_set_of_keys(events: list[tuple[int | None, int, int]]) -> None:
    rows = [{"k": k, "v": v, "ts": START + 1_000 * at} for k, v, at in sorted(events, key=_at)]
    ran = run(
        """CREATE TABLE t (k INT, v INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts);
           SELECT window_start, k, GROUPING(k) AS g, COUNT(*) AS n
           FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' SECOND))
           GROUP BY window_start, window_end, GROUPING SETS ((k), ())""",
        {"t": rows},
    )
    wanted: Counter[Any] = Counter()
    for key, _, at in events:
        wanted[at // 10, key, 0] += 1
        wanted[at // 10, None, 1] += 1
    found = {
        (int(row["window_start"][17:19]) // 10, row["k"], row["g"]): row["n"] for row in ran.rows
    }
    assert found == dict(wanted)
    assert {sign for sign, _ in ran.changelog} <= {"+I"}


def _at(event: tuple[int | None, int, int]) -> int:
    return event[2]


WINDOWED = """
CREATE TABLE l (k INT, v INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts);
CREATE TABLE r (k INT, v INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts);
SELECT k, v, window_end FROM (
  SELECT * FROM TABLE(TUMBLE(TABLE l, DESCRIPTOR(ts), INTERVAL '10' SECOND))) AS a
WHERE {} (SELECT {} FROM (
  SELECT * FROM TABLE(TUMBLE(TABLE r, DESCRIPTOR(ts), INTERVAL '10' SECOND))) AS b
WHERE a.window_start = b.window_start AND a.window_end = b.window_end {})
"""


@reaches("a match in another window only")
@pytest.mark.parametrize(
    ("asks", "shown", "more", "anti"),
    [
        ("k IN", "k", "", False),
        ("k NOT IN", "k", "AND b.k IS NOT NULL", True),
        ("EXISTS", "*", "AND a.k = b.k", False),
        ("NOT EXISTS", "1", "AND a.k = b.k AND b.v >= 0", True),
    ],
)
@settings(max_examples=examples(40))
@given(SIDES)
def test_within_windows_rows_are_told_once_their_window_is_over(
    asks: str, shown: str, more: str, anti: bool, sides: Sides
) -> None:
    """Nothing is taken back: what comes later belongs to other windows."""
    feed = [
        (table, {"k": key, "v": value, "ts": START + 4_000 * at})
        for at, (table, key, value) in enumerate(sides)
    ]
    ran = run(WINDOWED.format(asks, shown, more), feed)
    assert {sign for sign, _ in ran.changelog} <= {"+I"}
    lefts = [(at * 4 // 10, k, v) for at, (table, k, v) in enumerate(sides) if table == "l"]
    rights = [(at * 4 // 10, k) for at, (table, k, _) in enumerate(sides) if table == "r"]
    wanted: Counter[Any] = Counter()
    for window, key, value in lefts:
        there = [k for other, k in rights if other == window and k is not None]
        match = key in there
        if asks == "k NOT IN" and key is None and there:
            match = True  # what NULL may equal cannot be ruled out
        if match is not anti:
            wanted[key, value] += 1
        reached("a match in another window only", not match and key in {k for _, k in rights})
    assert folded((0, (row["k"], row["v"])) for row in ran.rows) == wanted
