"""A changelog, folded, is the answer of a batch over the same rows; its kinds are Flink's."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kinesis_sim.analytics.changelog import folded
from kinesis_sim.analytics.running import run
from kinesis_sim.instants import SECOND
from tests.analytics.feeds import ROWS, START, TABLE, Rows, asked
from tests.effort import examples
from tests.reached import reached, reaches

SIGN = {"+I": 0, "-U": 1, "+U": 2, "-D": 3}


def fold(changelog: list[tuple[str, dict[str, Any]]]) -> Counter[Any]:
    return folded((SIGN[sign], tuple(row.values())) for sign, row in changelog)


@reaches("updated", "NULL key")
@settings(max_examples=examples(100))
@given(ROWS)
def test_a_group_is_a_batch_group_after_every_row(rows: Rows) -> None:
    query = """SELECT k, COUNT(*) AS n, SUM(v) AS s, MAX(v) AS m, COUNT(DISTINCT v) AS d
      FROM t GROUP BY k"""
    ran = asked(query, rows)
    groups = defaultdict[Any, list[int | None]](list)
    for row in rows:
        groups[row["k"]].append(row["v"])
    wanted = Counter()
    for key, values in groups.items():
        known = [value for value in values if value is not None]
        total = sum(known) if known else None
        wanted[key, len(values), total, max(known, default=None), len(set(known))] += 1
    assert fold(ran.changelog) == wanted
    reached("updated", any(sign == "+U" for sign, _ in ran.changelog))
    reached("NULL key", None in groups)


@settings(max_examples=examples(100))
@given(ROWS)
def test_a_group_of_groups_takes_back_what_it_said(rows: Rows) -> None:
    ran = asked(
        """SELECT n, COUNT(*) AS keys, MIN(k) AS first
           FROM (SELECT k, COUNT(*) AS n FROM t GROUP BY k) GROUP BY n""",
        rows,
    )
    sizes = Counter(row["k"] for row in rows)
    wanted = Counter()
    for number in set(sizes.values()):
        keys = [key for key, size in sizes.items() if size == number]
        wanted[number, len(keys), min((key for key in keys if key is not None), default=None)] += 1
    assert fold(ran.changelog) == wanted


@reaches("pushed out")
@settings(max_examples=examples(100))
@given(ROWS)
def test_top_n_keeps_the_first_of_each_key(rows: Rows) -> None:
    query = """SELECT {columns} FROM (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY k ORDER BY v DESC, id) AS rn FROM t
      ) WHERE rn <= 2"""
    plain = asked(query.format(columns="id"), rows)
    ranked = asked(query.format(columns="id, rn"), rows)
    wanted, places = Counter(), Counter()
    for key in {row["k"] for row in rows}:
        ones = [row for row in rows if row["k"] == key]
        # NULL is smaller than everything, so with DESC it comes last
        ones.sort(key=lambda row: (row["v"] is None, -(row["v"] or 0), row["id"]))
        for rank, row in enumerate(ones[:2], 1):
            wanted[(row["id"],)] += 1
            places[row["id"], rank] += 1
    assert fold(plain.changelog) == wanted
    assert fold(ranked.changelog) == places
    reached("pushed out", any(sign == "-D" for sign, _ in plain.changelog))


SIDES = st.lists(
    st.tuples(st.sampled_from(["l", "r"]), st.sampled_from([1, 2, None]), st.integers(0, 3)),
    max_size=14,
)


@reaches("a row without a match got one")
@settings(max_examples=examples(150))
@given(SIDES, st.sampled_from(["INNER", "LEFT", "RIGHT", "FULL"]))
def test_a_join_is_the_batch_join(sides: list[tuple[str, int | None, int]], kind: str) -> None:
    sql = f"""CREATE TABLE l (k INT, v INT); CREATE TABLE r (k INT, v INT);
      SELECT l.k AS lk, l.v AS lv, r.k AS rk, r.v AS rv
      FROM l {kind} JOIN r ON l.k = r.k AND l.v <= r.v"""
    ran = run(sql, [(table, {"k": key, "v": value}) for table, key, value in sides])
    lefts = [(key, value) for table, key, value in sides if table == "l"]
    rights = [(key, value) for table, key, value in sides if table == "r"]
    wanted: Counter[Any] = Counter()

    def match(one: Any, other: Any) -> bool:
        return one[0] is not None and one[0] == other[0] and one[1] <= other[1]

    for one in lefts:
        found = [other for other in rights if match(one, other)]
        wanted.update((*one, *other) for other in found)
        if not found and kind in ("LEFT", "FULL"):
            wanted[(*one, None, None)] += 1
    if kind in ("RIGHT", "FULL"):
        for other in rights:
            if not any(match(one, other) for one in lefts):
                wanted[(None, None, *other)] += 1
    assert fold(ran.changelog) == wanted
    reached("a row without a match got one", any(sign == "-D" for sign, _ in ran.changelog))


@reaches("joined")
@settings(max_examples=examples(100))
@given(ROWS)
def test_an_interval_join_without_late_rows_is_the_batch_join(rows: Rows) -> None:
    rows = sorted(rows, key=lambda row: row["ts"])
    ran = asked(
        """SELECT a.id AS mine, b.id AS other FROM t a LEFT JOIN t b
           ON a.k = b.k AND b.ts BETWEEN a.ts - INTERVAL '2' SECOND AND a.ts + INTERVAL '3' SECOND
           AND b.v > 0""",
        rows,
    )
    wanted: Counter[Any] = Counter()
    for one in rows:
        found = [
            other["id"]
            for other in rows
            if one["k"] is not None
            and other["k"] == one["k"]
            and -2 * SECOND <= other["ts"] - one["ts"] <= 3 * SECOND
            and (other["v"] or 0) > 0
        ]
        wanted.update((one["id"], other) for other in found or [None])
    assert Counter((row["mine"], row["other"]) for row in ran.rows) == wanted
    assert {sign for sign, _ in ran.changelog} <= {"+I"}
    reached("joined", any(other is not None for _, other in wanted))


def test_kinds_are_flinks() -> None:
    """+I for a key that is new, then −U and +U; nothing where values stay as they were."""
    rows = [
        {"id": at, "k": "a", "v": value, "ts": START + at * SECOND}
        for at, value in enumerate([1, None, 2])
    ]
    ran = asked("SELECT k, SUM(v) AS s FROM t GROUP BY k", rows)
    assert ran.changelog == [
        ("+I", {"k": "a", "s": 1}),
        ("-U", {"k": "a", "s": 1}),
        ("+U", {"k": "a", "s": 3}),
    ]


def test_a_rank_that_is_shown_moves_all_below_it() -> None:
    rows = [
        {"id": at, "k": "a", "v": value, "ts": START + at * SECOND}
        for at, value in enumerate([1, 3, 2])
    ]
    inner = "(SELECT *, ROW_NUMBER() OVER (ORDER BY v DESC) AS rn FROM t) WHERE rn <= 2"
    moved = run(TABLE + f"SELECT v, rn FROM {inner}", {"t": rows}).changelog
    assert [(sign, row["v"], row["rn"]) for sign, row in moved] == [
        ("+I", 1, 1),
        ("-U", 1, 1),
        ("+U", 3, 1),
        ("+I", 1, 2),
        ("-U", 1, 2),
        ("+U", 2, 2),
    ]
    plain = run(TABLE + f"SELECT v FROM {inner}", {"t": rows}).changelog
    assert [(sign, row["v"]) for sign, row in plain] == [
        ("+I", 1),
        ("+I", 3),
        ("-D", 1),
        ("+I", 2),
    ]
