"""Proofs about SQL over streams: windows, times, pumps and forests, each by running it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from kinesis_sim.analytics.kinesis_sql.mapping import MappedColumn, RecordSchema
from kinesis_sim.analytics.kinesis_sql.session import KinesisSession
from kinesis_sim.analytics.refusals import SqlError
from kinesis_sim.analytics.types.jsonpath import JsonPath
from kinesis_sim.analytics.types.sqltype import DOUBLE, TIMESTAMP, varchar
from kinesis_sim.course.proofs.bench import STREAM, came_true, put, simulator, stream, takes
from kinesis_sim.errors import UsageError
from kinesis_sim.instants import MINUTE, SECOND, to_ms
from kinesis_sim.seed import Seed

SOURCE, DAY = "SOURCE_SQL_STREAM_001", "2024-06-03"
COLUMNS = {"K": varchar(16), "HAPPENED": TIMESTAMP, "AMOUNT": DOUBLE, "CITY": varchar(16)}
Row = tuple[str, dict[str, Any]]
"""(Time of the day at which it enters, its columns)."""


def which_api() -> tuple[str, ...]:
    """A01: the client whose CreateApplication takes a runtime, and makes a Flink application."""
    sim = simulator()
    newer = sim.client("kinesisanalyticsv2")
    made = newer.create_application(
        ApplicationName="rides",
        RuntimeEnvironment="FLINK-1_20",
        ServiceExecutionRole=f"arn:aws:iam::{sim.account}:role/analytics",
    )["ApplicationDetail"]["RuntimeEnvironment"]
    older = sim.client("kinesisanalytics")
    kinesis = sim.client("kinesis").meta.service_model.operation_names
    return came_true(
        {
            "v1": takes(older, "CreateApplication", "RuntimeEnvironment"),
            "flink": _is_client(sim, "managed-flink"),
            "kinesis": "CreateApplication" in kinesis,
            "v2": made == "FLINK-1_20",
        }
    )


def _is_client(sim: Any, name: str) -> bool:
    from botocore.exceptions import UnknownServiceError

    try:
        sim.client(name)
    except (UnknownServiceError, UsageError):
        return False
    return True


# --- windows --------------------------------------------------------------------------------------


def told_twice() -> tuple[str, ...]:
    """A03: five events of one minute, two of them late; what is written about it."""
    enter = ("09:00:10", "09:00:20", "09:00:30", "09:01:30", "09:01:30")
    rows = [(at, {"HAPPENED": f"{DAY} 09:00:05"}) for at in enter]
    told = [
        row["N"]
        for row in _given(
            rows,
            "HAPPENED TIMESTAMP, N INTEGER",
            "FLOOR(HAPPENED TO MINUTE), COUNT(*)",
            f"GROUP BY FLOOR(HAPPENED TO MINUTE), {_step(60)}",
        )
    ]
    outcomes = {"five": [5], "three": [3], "two": [3, 2], "update": [3, 5]}
    return came_true({option: told == outcome for option, outcome in outcomes.items()})


def rows_in_ten_minutes() -> tuple[str, ...]:
    """A03: a reading every ten seconds, a window every minute."""
    rows = _readings(range(0, 600, 10))
    number = len(_given(rows, "M DOUBLE", "MAX(AMOUNT)", f"GROUP BY {_step(60)}"))
    return _number_of(number, {"sixty": 60, "ten": 10, "one": 1, "many": 600})


def half_a_minute() -> tuple[str, ...]:
    """A03: how far apart results of a row a second come, by each expression."""
    cuts = {
        "step": _step(30),
        "minute": "FLOOR(s.ROWTIME TO MINUTE)",
        "second": "FLOOR(s.ROWTIME TO SECOND)",
        "extract": "FLOOR(EXTRACT(SECOND FROM s.ROWTIME) / 30)",
    }
    return came_true({option: _apart(cut) == 30 * SECOND for option, cut in cuts.items()})


def _apart(cut: str) -> int | None:
    """How far apart (ms) two results are; None where it is refused."""
    try:
        told = _given(_readings(range(120)), "N INTEGER", "COUNT(*)", f"GROUP BY {cut}")
    except SqlError:
        return None
    return _ms(told[1]["ROWTIME"]) - _ms(told[0]["ROWTIME"])


def across_the_border() -> tuple[str, ...]:
    """A04: four charges around a full minute; which count reaches four."""
    rows: list[Row] = [(f"10:{at}", {"K": "card-1"}) for at in ("00:40", "00:50", "01:05", "01:15")]
    grouped = {
        "tumbling": _step(60),
        "half": _step(30),
        "floor": "FLOOR(s.ROWTIME TO MINUTE)",
    }
    counts = {
        option: _given(rows, "N INTEGER", "COUNT(*)", f"GROUP BY K, {cut}")
        for option, cut in grouped.items()
    }
    counts["sliding"] = _slid(rows)
    return came_true({option: _highest(told) == 4 for option, told in counts.items()})


def nobody_comes() -> tuple[str, ...]:
    """A04: the newest result ten minutes after the last of seven rows."""
    session = _session(_readings(range(0, 35, 5)), "N INTEGER", "COUNT(*) OVER W", _window())
    session.tick(session.clock + 10 * MINUTE)
    newest = session.rows("OUT")[-1]["N"]
    return came_true(
        {"zero": newest == 0, "nothing": newest == 7, "one": newest == 1, "null": newest is None}
    )


def two_bikes() -> tuple[str, ...]:
    """A04: five rows of a bike and two of another; how many results."""
    rows: list[Row] = [
        (f"10:00:{at:02}", {"K": "bike-2" if at in (20, 30) else "bike-1"})
        for at in range(5, 40, 5)
    ]
    return _number_of(len(_slid(rows)), {"two": 2, "one": 1, "seven": 7, "fourteen": 14})


def uneven_parts() -> tuple[str, ...]:
    """A05: sixty rides of three rows each, a second apart; which windows tell each ride once."""
    parts = sorted((begin + after, f"ride-{begin}") for begin in range(60) for after in (0, 25, 50))
    rows: list[Row] = [
        (f"10:{at // 60:02}:{at % 60:02}", {"K": ride})
        for at, ride in ((9 * MINUTE // SECOND + at, ride) for at, ride in parts)
    ]
    told = {
        "minute": _given(rows, "K VARCHAR(16)", "K", f"GROUP BY K, {_step(60)}"),
        "ten": _given(rows, "K VARCHAR(16)", "K", f"GROUP BY K, {_step(600)}"),
        "stagger": _given(rows, "K VARCHAR(16)", "K", _stagger(60)),
        "sliding": _slid(rows),
    }
    rides = len({ride for _, ride in parts})
    return came_true({option: len(given) == rides for option, given in told.items()})


def when_it_closes() -> tuple[str, ...]:
    """A05: a window of thirty seconds, its rows at 09:00:42 and 09:01:05."""
    rows: list[Row] = [(at, {"K": "dock-1"}) for at in ("09:00:42", "09:01:05")]
    [told] = _given(rows, "N INTEGER", "COUNT(*)", _stagger(30))
    ends = {"minute": "09:01:00", "half": "09:01:30", "gap": "09:01:35", "own": "09:01:12"}
    return came_true({option: told["ROWTIME"][11:19] == end for option, end in ends.items()})


# --- times ----------------------------------------------------------------------------------------


def after_the_backlog() -> tuple[str, ...]:
    """A06: an application that begins an hour behind; what it counts for each minute."""
    sim, kinesis = stream()
    for minute in range(60):
        put(kinesis, json.dumps({"k": f"{minute}"}).encode())
        sim.advance(minutes=1)
    job = sim.analytics.application(
        _code("N INTEGER", "COUNT(*)", f"GROUP BY {_step(60)}"), STREAM, _schema(), {},
        start="TRIM_HORIZON",
    )  # fmt: skip
    sim.advance(minutes=3)
    told = [row["N"] for row in job.session.rows("OUT")]
    return came_true(
        {"each": told == [1] * 60, "one": told == [60], "none": told == [], "last": told == [1]}
    )


def who_sets_it() -> tuple[str, ...]:
    """A06: a row from a clock that is wrong, read an hour late; which time is the stream's."""
    sim, kinesis = stream()
    put(kinesis, json.dumps({"k": "a", "happened": "2001-01-01 00:00:00"}).encode())
    arrived = sim.clock.now
    sim.advance(hours=1)
    columns = "EVENT TIMESTAMP, ARRIVAL TIMESTAMP, NOW_IS TIMESTAMP"
    query = "HAPPENED, APPROXIMATE_ARRIVAL_TIME, CURRENT_TIMESTAMP"
    job = sim.analytics.application(
        _code(columns, query, ""), STREAM, _schema(), {}, start="TRIM_HORIZON"
    )
    sim.advance(minutes=1)
    [row] = job.session.rows("OUT")
    names = {"event": "EVENT", "rowtime": "ROWTIME", "arrival": "ARRIVAL", "now": "NOW_IS"}
    return came_true(
        {option: abs(_ms(row[name]) - arrived) < MINUTE for option, name in names.items()}
    )


def one_row_too_late() -> tuple[str, ...]:
    """A07: a row of 10:00:50 after one of 10:01:07, five seconds of patience, windows of Flink."""
    sql = """CREATE TABLE rides (happened TIMESTAMP(3),
        WATERMARK FOR happened AS happened - INTERVAL '5' SECOND);
      SELECT window_start, COUNT(*) AS n
      FROM TABLE(TUMBLE(TABLE rides, DESCRIPTOR(happened), INTERVAL '1' MINUTE))
      GROUP BY window_start, window_end;"""
    times = ("10:00:10", "10:00:30", "10:01:07", "10:00:50", "10:01:20")
    ran = simulator().analytics.sql(sql, {"rides": [{"happened": f"{DAY} {at}"} for at in times]})
    told = [row["n"] for row in ran.rows]
    return came_true(
        {
            "counted": sum(told) == len(times) or len(told) > 2,
            "next": told == [2, 3],
            "dropped": told == [2, 2] and ran.late == 1,
            "stops": not told,
        }
    )


# --- forests --------------------------------------------------------------------------------------


def after_a_restart() -> tuple[str, ...]:
    """A13: what the first row is given by a forest that has run, and by one that begins."""
    odd = [(40_000, {"AMOUNT": 500.0})]
    usual = _amounts(300)
    learned = _scores([*usual, *odd])[-1]
    restarted = _scores(odd)[-1]  # a new run of the same code
    remembers = restarted == learned
    return came_true(
        {"week": remembers, "labels": False, "model": remembers, "anew": restarted == 0 < learned}
    )


def what_it_looks_at() -> tuple[str, ...]:
    """A13: the same amounts with other texts, and other amounts with the same texts."""
    plain, texts = _amounts(150), _amounts(150)
    for at, (_, row) in enumerate(texts):
        row |= {"K": f"card-{at}", "CITY": f"city-{at % 3}"}
    other = [(at, row | {"AMOUNT": row["AMOUNT"] * (1 + at % 7)}) for at, row in texts]
    by_text, by_amount = _scores(plain) != _scores(texts), _scores(texts) != _scores(other)
    return came_true(
        {
            "amount": by_amount and not by_text,
            "all": by_text,
            "city": by_text and by_amount,
            "error": not by_amount,
        }
    )


def dense_or_far() -> tuple[str, ...]:
    """A13: bikes of which many stand together; which function gives a place to that crowd."""
    crowd = [(f"10:00:{at:02}", {"AMOUNT": 5 + at / 100, "K": f"b{at}"}) for at in range(30)]
    alone = [(f"10:01:{at:02}", {"AMOUNT": 100.0 * at, "K": f"c{at}"}) for at in range(1, 20)]
    rows: list[Row] = [*crowd, *alone]
    source = f'CURSOR(SELECT STREAM K, AMOUNT FROM "{SOURCE}")'
    calls = {
        "rcf": ("ANOMALY_SCORE", f"RANDOM_CUT_FOREST({source}, 20, 100)"),
        "topk": ("ITEM", f"TOP_K_ITEMS_TUMBLING({source}, 'K', 1, 600)"),
        "hotspots": ("HOTSPOTS_RESULT", f"HOTSPOTS({source}, 100, 0.5, 10)"),
        "explained": (
            "ANOMALY_EXPLANATION",
            f"RANDOM_CUT_FOREST_WITH_EXPLANATION({source}, 20, 100)",
        ),
    }
    return came_true({option: _finds_crowd(rows, *call) for option, call in calls.items()})


def _finds_crowd(rows: Sequence[Row], column: str, call: str) -> bool:
    """Whether the last result is a box around the crowd."""
    code = f"""CREATE STREAM "OUT" (R VARCHAR(4096));
      CREATE PUMP "P" AS INSERT INTO "OUT"
      SELECT STREAM CAST({column} AS VARCHAR(4096)) FROM TABLE({call});"""
    session = _ran(rows, code)
    session.finish()
    try:
        boxes = json.loads(session.rows("OUT")[-1]["R"])["hotspots"]
    except (ValueError, TypeError, KeyError):
        return False
    return len(boxes) == 1 and 5 <= boxes[0]["minValues"][0] <= boxes[0]["maxValues"][0] < 6


# --- pumps ----------------------------------------------------------------------------------------


def what_moves_rows() -> tuple[str, ...]:
    """A16: what carries a row into a second stream, and what is refused."""
    select = f'SELECT STREAM K FROM "{SOURCE}"'
    tries = {
        "view": f'CREATE VIEW "V" AS {select};',
        "trigger": f'CREATE TRIGGER "T" AFTER INSERT ON "{SOURCE}" {select};',
        "select": f"{select};",
        "pump": f'CREATE PUMP "P" AS INSERT INTO "OUT" {select};',
    }
    return came_true({option: _moved(code) == 1 for option, code in tries.items()})


def _moved(code: str) -> int:
    try:
        session = _ran([("10:00:00", {"K": "a"})], f'CREATE STREAM "OUT" (K VARCHAR(16)); {code}')
    except SqlError:
        return 0
    return len(session.rows("OUT"))


def a_bad_row() -> tuple[str, ...]:
    """A16: three records, a word in the second's number."""
    sim, kinesis = stream()
    code = _code("AMOUNT DOUBLE", "AMOUNT", "")
    job = sim.analytics.application(code, STREAM, _schema(), {})
    put(kinesis, *(json.dumps({"amount": value}).encode() for value in (1.5, "many", 2.5)))
    sim.advance(minutes=1)
    came = [row["AMOUNT"] for row in job.session.rows("OUT")]
    errors = len(job.session.rows("error_stream"))
    return came_true(
        {
            "error": (came, errors) == ([1.5, 2.5], 1),
            "stop": job.state != "RUNNING" or came == [1.5],
            "null": None in came,
            "cut": len(came) == 3 and None not in came,
        }
    )


# --- running --------------------------------------------------------------------------------------


def _step(seconds: int) -> str:
    return f"STEP(s.ROWTIME BY INTERVAL '{seconds}' SECOND)"


def _stagger(seconds: int) -> str:
    return f"WINDOWED BY STAGGER (PARTITION BY K RANGE INTERVAL '{seconds}' SECOND)"


def _window() -> str:
    return "WINDOW W AS (PARTITION BY K RANGE INTERVAL '60' SECOND PRECEDING)"


def _code(columns: str, select: str, rest: str) -> str:
    """A pump from the input into the stream OUT."""
    return f"""CREATE STREAM "OUT" ({columns});
      CREATE PUMP "P" AS INSERT INTO "OUT" SELECT STREAM {select} FROM "{SOURCE}" AS s {rest};"""


def _ran(rows: Iterable[Row], code: str) -> KinesisSession:
    session = KinesisSession()
    session.declare(SOURCE, COLUMNS)
    session.execute(code)
    for at, row in rows:
        session.put(SOURCE, row, to_ms(f"{DAY}T{at}Z"))
    return session


def _session(rows: Iterable[Row], columns: str, select: str, rest: str) -> KinesisSession:
    return _ran(rows, _code(columns, select, rest))


def _given(rows: Iterable[Row], columns: str, select: str, rest: str) -> list[dict[str, Any]]:
    """The rows of OUT once every window has closed."""
    session = _session(rows, columns, select, rest)
    session.finish()
    return session.rows("OUT")


def _slid(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """A count over the last minute of each key."""
    return _given(rows, "N INTEGER", "COUNT(*) OVER W", _window())


def _readings(seconds: Iterable[int]) -> list[Row]:
    """A row of one sensor at each of these seconds after ten o'clock."""
    return [
        (f"10:{at // 60:02}:{at % 60:02}", {"K": "sensor", "AMOUNT": float(at)}) for at in seconds
    ]


def _amounts(number: int) -> list[tuple[int, dict[str, Any]]]:
    """(Second, row) of usual charges."""
    chance = Seed(0, "proofs", "amounts").random("amounts")
    return [(at, {"AMOUNT": round(chance.uniform(4, 30), 2)}) for at in range(number)]


def _scores(rows: Sequence[tuple[int, dict[str, Any]]]) -> list[float]:
    """What a forest gives rows, in a run of its own."""
    session = KinesisSession()
    session.declare(SOURCE, COLUMNS)
    session.execute(
        f"""CREATE STREAM "OUT" (SCORE DOUBLE);
        CREATE PUMP "P" AS INSERT INTO "OUT" SELECT STREAM ANOMALY_SCORE
        FROM TABLE(RANDOM_CUT_FOREST(CURSOR(SELECT STREAM * FROM "{SOURCE}"), 20, 100));"""
    )
    begin = to_ms(f"{DAY}T00:00:00Z")
    for at, row in rows:
        session.put(SOURCE, row, begin + at * SECOND)
    return [float(row["SCORE"]) for row in session.rows("OUT")]


def _schema() -> RecordSchema:
    return RecordSchema(
        [MappedColumn(name, kind, JsonPath(f"$.{name.lower()}")) for name, kind in COLUMNS.items()]
    )


def _highest(told: Iterable[dict[str, Any]]) -> int:
    return max(int(row["N"]) for row in told)


def _number_of(number: int, options: dict[str, int]) -> tuple[str, ...]:
    return came_true({option: number == wanted for option, wanted in options.items()})


def _ms(text: str) -> int:
    """Epoch ms of a TIMESTAMP as rows show it."""
    return to_ms(f"{text.replace(' ', 'T')}Z")
