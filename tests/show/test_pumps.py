"""Rows in the windows of pumps: the fold against what the engine gave, and the picture."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinesis_sim import Simulator
from kinesis_sim.analytics.kinesis_sql.session import KinesisSession
from kinesis_sim.errors import UsageError
from kinesis_sim.instants import MINUTE, SECOND, to_ms
from kinesis_sim.show.kit.words import LANGUAGES, Words
from kinesis_sim.show.pumps.fold import Lane, Pumping, pumping
from kinesis_sim.show.pumps.scene import Picture
from kinesis_sim.workloads.scenes.unlocks import COLUMNS, SOURCE, THREE_WINDOWS, Unlocks, counted

BEGIN = to_ms("2024-06-03T11:00:00Z")


@pytest.fixture
def unlocks() -> Unlocks:
    """The four rows of the guide, a quarter of a minute after the last."""
    made = Unlocks(Simulator(start="2024-06-03T10:59:00Z"))
    made.four()
    return made


def lanes(rows: Pumping) -> dict[str, Lane]:
    return {lane.kind: lane for lane in rows.lanes}


def session_of(code: str, rows: list[tuple[int, str]]) -> KinesisSession:
    """Rows of (seconds after eleven, station)."""
    session = KinesisSession()
    session.declare(SOURCE, COLUMNS)
    session.execute(code)
    for second, station in rows:
        at = BEGIN + second * SECOND
        session.put(SOURCE, {"STATION": station, "UNLOCKED": at}, at)
    return session


def test_each_row_lies_in_the_window_that_counted_it(unlocks: Unlocks) -> None:
    unlocks.sim.advance(minutes=2)
    by_kind = lanes(pumping(unlocks.session, unlocks.sim.clock.now))
    told = [(pane.key[-5:], len(pane.dots), pane.result) for pane in by_kind["tumbling"].panes]
    assert told == [("11:00", 2, "2"), ("11:00", 1, "1"), ("11:01", 1, "1")]
    assert [pane.again for pane in by_kind["tumbling"].panes] == [False, True, False]
    told = [(pane.key[-5:], len(pane.dots), pane.result) for pane in by_kind["stagger"].panes]
    assert told == [("11:00", 3, "3"), ("11:01", 1, "1")]
    assert [pane.result for pane in by_kind["sliding"].panes] == ["1", "2", "3", "4"]


@given(
    st.lists(
        st.tuples(st.integers(0, 240), st.sampled_from("ab")), min_size=1, max_size=25
    ).map(sorted)
)  # fmt: skip
def test_every_window_holds_as_many_rows_as_the_engine_counted(rows: list[tuple[int, str]]) -> None:
    """Whatever the rows: the picture's windows are the engine's, in number, place and order."""
    session = session_of(THREE_WINDOWS, rows)
    session.finish()
    found = pumping(session, session.clock + MINUTE)
    for lane in found.lanes:
        assert [pane.result for pane in lane.panes] == [str(len(pane.dots)) for pane in lane.panes]
        if lane.kind != "sliding":
            assert sorted(n for pane in lane.panes for n in pane.dots) == list(range(len(rows)))


def test_what_where_leaves_out_falls_into_no_window() -> None:
    code = f"""CREATE STREAM "OUT" (N INTEGER);
      CREATE PUMP "P" AS INSERT INTO "OUT" SELECT STREAM COUNT(*) FROM "{SOURCE}" AS s
      WHERE STATION = 'a' GROUP BY STATION, STEP(s.ROWTIME BY INTERVAL '10' SECOND);
      CREATE STREAM "ALL" (STATION VARCHAR(16));
      CREATE PUMP "Q" AS INSERT INTO "ALL" SELECT STREAM STATION FROM "{SOURCE}";
      CREATE STREAM "LAST" (N INTEGER);
      CREATE PUMP "R" AS INSERT INTO "LAST"
      SELECT STREAM COUNT(*) OVER (ROWS 1 PRECEDING) FROM "{SOURCE}";"""
    session = session_of(code, [(1, "a"), (2, "b"), (3, "a")])
    session.finish()
    by_kind = lanes(pumping(session, session.clock))
    assert len(by_kind["tumbling"].dots) == 2
    assert by_kind["tumbling"].length == 10 * SECOND
    assert (len(by_kind["plain"].dots), by_kind["plain"].panes) == (3, ())
    assert [pane.result for pane in by_kind["rows"].panes] == ["1", "2", "2"]


def test_a_frame_for_every_instant_says_what_happened(unlocks: Unlocks) -> None:
    unlocks.sim.advance(minutes=2)
    rows = pumping(unlocks.session, unlocks.sim.clock.now)
    page = Picture(rows, Words("pumps", "en")).page("unlocks")
    notices = {frame.time[11:]: frame.notice for frame in page.frames}
    assert notices["11:00:20"] == "A row comes at 11:00:20. SLIDING answers the row at once: 1."
    assert (
        notices["11:01:20"] == "STAGGER closes 11:00:20–11:01:20 and gives 3 for station-9 · 11:00."
    )
    assert "whoever reads this has to add the two" in notices["11:02:00"]
    assert page.frames[-1].notice.startswith("No row comes")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_figure_and_widget_say_the_same(unlocks: Unlocks, lang: str) -> None:
    sim = unlocks.sim
    figure = sim.show.pumps(unlocks.session, stream=unlocks.stream, lang=lang)
    widget = sim.show.live_pumps(unlocks, lang=lang)
    assert repr(figure) == repr(widget)
    assert "TUMBLING" in repr(figure)
    assert "11:02:15" in repr(figure)


def test_rows_can_be_put_and_the_clock_moved(unlocks: Unlocks) -> None:
    widget = unlocks.sim.show.live_pumps(unlocks)
    for what, rows in (("late", 5), ("row", 6), ("burst", 11)):
        widget._wished({"kind": "put", "what": what})
        assert len(unlocks.session.rows(SOURCE)) == rows
    before = unlocks.sim.clock.now
    widget._wished({"kind": "advance", "step": "minute"})
    assert unlocks.sim.clock.now == before + MINUTE
    for nonsense in ({"kind": "advance", "step": "year"}, {"kind": "put", "what": "x"}, 3, None):
        widget._wished(nonsense)
    assert len(unlocks.session.rows(SOURCE)) == 11
    assert unlocks.sim.clock.now == before + MINUTE


def test_a_late_row_is_marked_in_the_window_that_tells_its_minute_again(unlocks: Unlocks) -> None:
    unlocks.sim.advance(minutes=2)
    rows = pumping(unlocks.session, unlocks.sim.clock.now)
    scene = Picture(rows, Words("pumps", "en")).page("unlocks").scenes[-1]
    assert len([mark for mark in scene.marks if mark.role == "late"]) == 1


@pytest.mark.parametrize("scene", [0, 1])
def test_no_two_windows_lie_on_one_another(unlocks: Unlocks, scene: int) -> None:
    for _ in range(3):
        unlocks.late(50)
        unlocks.sim.advance(seconds=7)
        unlocks.put(station="station-1")
        unlocks.sim.advance(seconds=20)
    rows = pumping(unlocks.session, unlocks.sim.clock.now)
    marks = Picture(rows, Words("pumps", "pt-BR")).page("unlocks").scenes[scene].marks
    last = rows.now - BEGIN
    boxes = [
        [(x.on(700), y) for x, y in mark.points]
        for mark in marks
        if mark.role == "window" and mark.lives(last)
    ]
    assert len(boxes) > 6
    for one, other in combinations(boxes, 2):
        beside = one[1][0] <= other[0][0] + 0.1 or other[1][0] <= one[0][0] + 0.1
        assert beside or one[1][1] <= other[0][1] or other[1][1] <= one[0][1], (one, other)


def test_an_application_without_rows_is_a_picture_too() -> None:
    sim = Simulator(start="2024-06-03T10:59:00Z")
    session = sim.analytics.kinesis_sql()
    session.declare(SOURCE, COLUMNS)
    session.execute(THREE_WINDOWS)
    assert SOURCE in repr(sim.show.pumps(session))


def test_another_simulators_unlocks_are_refused(unlocks: Unlocks) -> None:
    with pytest.raises(UsageError, match="of this simulator"):
        Simulator().show.live_pumps(unlocks)
    with pytest.raises(UsageError, match="no session"):
        unlocks.sim.show.pumps(unlocks)  # type: ignore[arg-type]
    assert counted(unlocks.sim, THREE_WINDOWS).clock > unlocks.sim.clock.now
