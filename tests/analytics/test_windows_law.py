"""Windows, incrementally, are what counting each window by itself comes to, late rows left out.

Late is late by the watermark before the row, for each window; a session is late by its merged end;
OVER by what its own key was already answered. The references are plain loops over all rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from hypothesis import given, settings

from kinesis_sim.analytics.operators.sessions import SessionAssignment
from kinesis_sim.analytics.sql.fields import EVENT
from kinesis_sim.instants import SECOND
from tests.analytics.feeds import ROWS, START, Rows, asked, text, watermarks
from tests.effort import examples
from tests.reached import reached, reaches

Windows = Callable[[int], list[tuple[int, int]]]


def tumble(at: int) -> list[tuple[int, int]]:
    start = at - at % (10 * SECOND)
    return [(start, start + 10 * SECOND)]


def hop(at: int) -> list[tuple[int, int]]:
    starts = range(at - at % (5 * SECOND) - 15 * SECOND, at + 1, 5 * SECOND)
    return [(start, start + 15 * SECOND) for start in starts if start + 15 * SECOND > at]


def cumulate(at: int) -> list[tuple[int, int]]:
    start = at - at % (20 * SECOND)
    return [
        (start, end)
        for end in range(start + 5 * SECOND, start + 21 * SECOND, 5 * SECOND)
        if end > at
    ]


def expected(rows: Rows, windows: Windows) -> dict[Any, tuple[int, int | None, int | None]]:
    """(key, start, end) → COUNT(*), SUM(v), MIN(v)."""
    members = defaultdict[Any, list[int | None]](list)
    for row, mark in zip(rows, watermarks(rows), strict=False):
        for start, end in windows(row["ts"]):
            if end - 1 > mark:
                members[row["k"], text(start), text(end)].append(row["v"])
    made = {}
    for key, values in members.items():
        known = [value for value in values if value is not None]
        made[key] = (len(values), sum(known) if known else None, min(known, default=None))
    return made


def answered(function: str, rows: Rows) -> tuple[dict[Any, Any], int]:
    ran = asked(
        f"""SELECT k, window_start, window_end, COUNT(*) AS n, SUM(v) AS s, MIN(v) AS m
            FROM TABLE({function}) GROUP BY k, window_start, window_end""",
        rows,
    )
    found = {
        (row["k"], row["window_start"], row["window_end"]): (row["n"], row["s"], row["m"])
        for row in ran.rows
    }
    assert len(found) == len(ran.rows)
    assert [sign for sign, _ in ran.changelog] == ["+I"] * len(found)
    return found, ran.lost


@reaches("late", "late for some of its windows only", "NULL", "out of order")
@settings(max_examples=examples(150))
@given(ROWS)
def test_windows_are_what_counting_each_by_itself_gives(rows: Rows) -> None:
    tumbled, late = answered("TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' SECOND)", rows)
    assert tumbled == expected(rows, tumble)
    marks = watermarks(rows)
    gone = [
        [end - 1 <= mark for _, end in tumble(row["ts"])]
        for row, mark in zip(rows, marks, strict=False)
    ]
    assert late == sum(map(all, gone))
    hopped, late = answered(
        "HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '5' SECOND, INTERVAL '15' SECOND)", rows
    )
    assert hopped == expected(rows, hop)
    missed = [
        [end - 1 <= mark for _, end in hop(row["ts"])]
        for row, mark in zip(rows, marks, strict=False)
    ]
    assert late == sum(map(all, missed))
    grown, _ = answered(
        "CUMULATE(TABLE t, DESCRIPTOR(ts), INTERVAL '5' SECOND, INTERVAL '20' SECOND)", rows
    )
    assert grown == expected(rows, cumulate)
    reached("late", late)
    reached("late for some of its windows only", any(any(one) and not all(one) for one in missed))
    reached("NULL", any(row["v"] is None for row in rows))
    reached("out of order", rows != sorted(rows, key=lambda row: row["ts"]))


def sessions(rows: Rows, gap: int) -> tuple[dict[Any, int], int]:
    """(key, start, end) → COUNT(*); the sessions that are open, merged row by row."""
    open_ones = defaultdict[Any, list[tuple[int, int, int]]](list)
    late = 0
    done: dict[Any, int] = {}
    for row, mark in zip(rows, watermarks(rows), strict=False):
        start, end, size = row["ts"], row["ts"] + gap, 1
        for one in [one for one in open_ones[row["k"]] if one[1] - 1 <= mark]:
            open_ones[row["k"]].remove(one)
            done[row["k"], text(one[0]), text(one[1])] = one[2]
        touched = [one for one in open_ones[row["k"]] if one[0] <= end and start <= one[1]]
        start = min([start, *(one[0] for one in touched)])
        end = max([end, *(one[1] for one in touched)])
        if end - 1 <= mark:
            late += 1
            continue
        size += sum(one[2] for one in touched)
        rest = [one for one in open_ones[row["k"]] if one not in touched]
        open_ones[row["k"]] = [*rest, (start, end, size)]
    for key, ones in open_ones.items():
        done |= {(key, text(start), text(end)): size for start, end, size in ones}
    return done, late


@reaches("late", "merged")
@settings(max_examples=examples(150))
@given(ROWS)
def test_sessions_merge_and_are_late_by_their_merged_end(rows: Rows) -> None:
    ran = asked(
        """SELECT k, window_start, window_end, COUNT(*) AS n
           FROM TABLE(SESSION(TABLE t PARTITION BY k, DESCRIPTOR(ts), INTERVAL '4' SECOND))
           GROUP BY k, window_start, window_end""",
        rows,
    )
    found = {(row["k"], row["window_start"], row["window_end"]): row["n"] for row in ran.rows}
    wanted, late = sessions(rows, 4 * SECOND)
    assert found == wanted
    assert ran.lost == late
    reached("late", late)
    reached("merged", any(size > 1 for size in found.values()))


def over_range(rows: Rows, back: int) -> list[tuple[int, int]]:
    """(id, COUNT) of each row that is not late: those of its key so far back, peers included.

    A row is late once its key was answered up to its time, unless the key was forgotten since:
    Flink forgets a key when one and a half frames have passed after its last row.
    """
    kept: dict[Any, list[dict[str, Any]]] = defaultdict(list)
    given: dict[Any, int] = {}
    made: list[tuple[int, int]] = []
    marks = watermarks(rows)
    for number, row in enumerate(rows):
        answered_to = given.get(row["k"], 0)
        if row["ts"] > answered_to:
            kept[row["k"]].append(row)
        mark = marks[number + 1]
        if mark == marks[number]:
            continue  # rows are answered when a watermark comes, not before
        for key, ones in kept.items():
            due = sorted({one["ts"] for one in ones if given.get(key, 0) < one["ts"] <= mark})
            for at in due:
                frame = [one for one in ones if at - back <= one["ts"] <= at]
                made += [(one["id"], len(frame)) for one in ones if one["ts"] == at]
                given[key] = at
    for key, ones in kept.items():
        for at in sorted({one["ts"] for one in ones if given.get(key, 0) < one["ts"]}):
            frame = [one for one in ones if at - back <= one["ts"] <= at]
            made += [(one["id"], len(frame)) for one in ones if one["ts"] == at]
            given[key] = at
    return sorted(made)


@reaches("late by its key", "late by the watermark and counted")
@settings(max_examples=examples(150))
@given(ROWS)
def test_over_range_counts_the_frame_and_is_late_by_key(rows: Rows) -> None:
    ran = asked(
        """SELECT id, COUNT(*) OVER (PARTITION BY k ORDER BY ts
             RANGE BETWEEN INTERVAL '60' SECOND PRECEDING AND CURRENT ROW) AS n FROM t""",
        rows,
    )
    # the frame is as long as all rows together, so that no key is forgotten meanwhile
    wanted = over_range(rows, 60 * SECOND)
    assert sorted((row["id"], row["n"]) for row in ran.rows) == wanted
    assert ran.lost == len(rows) - len(wanted)
    reached("late by its key", ran.lost)
    behind = {
        row["id"] for row, mark in zip(rows, watermarks(rows), strict=False) if row["ts"] <= mark
    }
    reached("late by the watermark and counted", behind & {number for number, _ in wanted})


@settings(max_examples=examples(100))
@given(ROWS)
def test_over_rows_counts_in_the_order_of_times(rows: Rows) -> None:
    ran = asked(
        """SELECT id, SUM(v) OVER (PARTITION BY k ORDER BY ts
             ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) AS s FROM t""",
        sorted(rows, key=lambda row: row["ts"]),
    )
    wanted = {}
    for key in {row["k"] for row in rows}:
        ones = sorted((row for row in rows if row["k"] == key), key=lambda row: row["ts"])
        for at, row in enumerate(ones):
            known = [one["v"] for one in ones[max(0, at - 2) : at + 1] if one["v"] is not None]
            wanted[row["id"]] = sum(known) if known else None
    assert {row["id"]: row["s"] for row in ran.rows} == wanted


def test_a_window_ends_before_its_last_instant() -> None:
    """The row at the end belongs to the next window."""
    rows = [{"id": at, "k": "a", "v": 1, "ts": START + at * SECOND} for at in (0, 9, 10)]
    found, _ = answered("TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' SECOND)", rows)
    assert [count for count, _, _ in found.values()] == [2, 1]


def test_a_session_that_goes_on_costs_no_more_with_each_row() -> None:
    """Its rows stay in one list, and it has one timer for an end that does not move."""
    operator = SessionAssignment(lambda row: row[0], 10, [], EVENT)
    operator.take(0, (5,))
    rows = operator.sessions[()][0][2]
    for at in (5, 3, 5, 1):
        operator.take(0, (at,))
    assert operator.sessions[()] == [[1, 15, [(5,), (5,), (3,), (5,), (1,)]]]
    assert operator.sessions[()][0][2] is rows
    assert len(operator.timers) == 1
    operator.take(0, (24,))
    operator.take(0, (14,))  # between both: they are one session now
    assert operator.sessions[()] == [[1, 34, [(5,), (5,), (3,), (5,), (1,), (24,), (14,)]]]


@reaches("a tie")
@settings(max_examples=examples(80))
@given(ROWS)
def test_ranks_count_rows_and_rows_of_one_time_together(rows: Rows) -> None:
    """As real Flink: RANK and DENSE_RANK alike, LAG of the last of one time for all of them."""
    rows = sorted(rows, key=lambda row: row["ts"])
    ranked = asked(
        """SELECT id, RANK() OVER w AS r, DENSE_RANK() OVER w AS d, LAG(id, 2, -1) OVER w AS l
           FROM t WINDOW w AS (PARTITION BY k ORDER BY ts)""",
        rows,
    ).rows
    numbered = asked("SELECT id, ROW_NUMBER() OVER (PARTITION BY k ORDER BY ts) AS n FROM t", rows)
    keyed = defaultdict[Any, list[dict[str, Any]]](list)
    for row in rows:
        keyed[row["k"]].append(row)
    places: dict[int, tuple[int, int, int]] = {}
    for found in keyed.values():
        for row in found:
            so_far = [other["id"] for other in found if other["ts"] <= row["ts"]]
            number = len(so_far)
            places[row["id"]] = number, number, so_far[-3] if number > 2 else -1
    assert {row["id"]: (row["r"], row["d"], row["l"]) for row in ranked} == places
    wanted = {row["id"]: at for found in keyed.values() for at, row in enumerate(found, 1)}
    assert {row["id"]: row["n"] for row in numbered.rows} == wanted
    reached("a tie", len({(row["k"], row["ts"]) for row in rows}) < len(rows))
