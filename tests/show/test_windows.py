"""The windows' picture: what it says of a row is what the query did with it."""

from __future__ import annotations

import json

import pytest

from kinesis_sim import Simulator, UsageError
from kinesis_sim.analytics.refusals import SqlError
from kinesis_sim.analytics.running import FedRow, run
from kinesis_sim.show.kit.words import LANGUAGES, Words
from kinesis_sim.show.windows.fold import (
    MOST_ROWS,
    Run,
    delay_of,
    fed,
    followed,
    shard_by_shard,
    silenced,
    with_delay,
    with_idle_timeout,
)
from kinesis_sim.show.windows.scene import Picture
from kinesis_sim.workloads.scenes import tunnels

TABLE = """CREATE TABLE rides (bike STRING, ended TIMESTAMP(3),
  WATERMARK FOR ended AS ended - INTERVAL '5' SECOND);"""
GROUPED = """ SELECT window_start, window_end, COUNT(*) AS n FROM TABLE({window})
  GROUP BY window_start, window_end;"""
OF = "(TABLE rides, DESCRIPTOR(ended), INTERVAL"
WINDOWS = {
    "tumble": f"TUMBLE{OF} '1' MINUTE)",
    "hop": f"HOP{OF} '30' SECOND, INTERVAL '1' MINUTE)",
    "cumulate": f"CUMULATE{OF} '20' SECOND, INTERVAL '1' MINUTE)",
    "session": f"SESSION{OF} '4' SECOND)",
}
TUMBLE = TABLE + GROUPED.format(window=WINDOWS["tumble"])
PLAIN = TABLE + " SELECT bike, COUNT(*) AS n FROM rides GROUP BY bike;"
LATE = tunnels.minutes(3, every_ms=2_500, seed=58)


def notices(found: Run, lang: str = "en") -> list[str]:
    page = Picture(found, Words("windows", lang), "").page()
    return [frame.notice for frame in page.frames]


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("rows", [tunnels.two_late(), LATE], ids=["two", "late"])
def test_it_loses_what_the_query_loses_and_says_what_it_says(
    window: str, rows: list[FedRow]
) -> None:
    sql = TABLE + GROUPED.format(window=WINDOWS[window])
    found, ran = followed(sql, rows), run(sql, rows, ends=False)
    assert found.lost == ran.lost
    assert [change for one in found.landed for change in one.changes] == ran.changelog
    assert found.tables[-1] == ran.rows
    closed = {(box.start, box.end) for box in found.boxes if box.until is not None}
    assert len(closed) == len(ran.rows)


def test_a_window_is_open_until_the_watermark_passes_it_and_a_row_behind_that_is_lost() -> None:
    found = followed(TUMBLE, tunnels.two_late())
    first = found.boxes[0]
    assert (first.since, first.until) == (0, 7)
    [lost] = [one for one in found.landed if one.lost]
    assert lost.number == 8
    assert lost.mark == first.end
    said = notices(found)
    assert "08:01:00 and closes 08:00:00–08:01:00" in said[7]
    assert "The row of 08:00:59 comes at 08:01:06 and is lost" in said[8]
    assert "had closed with the row of 08:01:05" in said[8]
    assert "behind the newest, and behind the watermark (08:00:59)" in said[6]


def test_a_query_without_a_window_takes_answers_back() -> None:
    found = followed(PLAIN, LATE)
    assert found.boxes == []
    assert found.lost == 0
    assert any("taken back" in text for text in notices(found))


def test_shard_after_shard_loses_rows_and_a_watermark_each_does_not() -> None:
    late = shard_by_shard(LATE)
    assert [row.split for row in late] == sorted(row.split for row in LATE)
    assert followed(TUMBLE, late).lost > 10
    assert followed(TUMBLE, late, by_shard=True).lost <= 1
    held = notices(followed(TUMBLE, late, by_shard=True))[0]
    assert "no watermark yet" in held


def test_the_query_and_the_picture_know_a_shard_before_its_first_row() -> None:
    late = shard_by_shard(LATE)
    ran, found = run(TUMBLE, late, by_shard=True, ends=False), followed(TUMBLE, late, by_shard=True)
    assert ran.lost == found.lost
    assert ran.rows == found.tables[-1]


def test_a_longer_delay_is_the_same_script_with_another_number() -> None:
    assert delay_of(TUMBLE) == "5"
    assert delay_of(with_delay(TUMBLE, "30")) == "30"
    assert followed(with_delay(TUMBLE, "30"), LATE).lost == 0
    assert delay_of("SELECT 1") == ""


def test_a_bracket_never_lies_on_another() -> None:
    sql = TABLE + GROUPED.format(window=WINDOWS["hop"])
    picture = Picture(followed(sql, LATE), Words("windows", "en"), "")
    lanes: dict[int, list[tuple[int, int]]] = {}
    for box, lane in picture._lanes:
        assert all(box.end <= start or end <= box.start for start, end in lanes.get(lane, []))
        lanes.setdefault(lane, []).append((box.start, box.end))
    assert len(lanes) == 2


@pytest.mark.parametrize("lang", LANGUAGES)
def test_figure_and_widget_speak(lang: str) -> None:
    sim = Simulator(latency=None)
    figure = sim.show.windows(TUMBLE, tunnels.two_late(), lang=lang)
    widget = sim.show.live_windows(TUMBLE, tunnels.two_late(), lang=lang)
    number = {"en": "1 of them lost", "pt-BR": "1 perdida "}[lang]
    assert number in figure.summary
    assert number in widget.summary()
    json.dumps(widget.page)
    assert "{" not in "".join(frame[2] for frame in widget.page["frames"])


def test_the_widgets_wishes_change_the_run_and_strangers_wishes_do_not() -> None:
    widget = Simulator(latency=None).show.live_windows(TUMBLE, LATE)
    before = widget.page
    for wish in ({"kind": "delay", "value": 99}, {"kind": "x"}, None, {"kind": "delay"}):
        widget._wished(wish)
    assert widget.page is before
    widget._wished({"kind": "delay", "value": 0})
    assert "0 s behind" in widget.page["subtitle"]
    widget._wished({"kind": "backfill"})
    widget._wished({"kind": "by-shard"})
    assert widget.backfill
    assert widget.by_shard
    assert "each shard" in widget.page["subtitle"]


def test_rows_beyond_what_can_be_drawn_are_counted() -> None:
    rows = tunnels.minutes(5, every_ms=2_000)
    found = followed(TUMBLE, rows)
    assert found.hidden == len(rows) - MOST_ROWS
    assert f"{found.hidden} more rows are not drawn" in notices(found)[-1]


def test_rows_without_an_instant_come_a_second_apart() -> None:
    feed = {"rides": [{"bike": "a", "ended": "2026-01-01 08:00:00"}] * 2}
    assert [row.at for row in fed(feed)] == [0, 1_000]
    assert Simulator(latency=None).show.windows(TUMBLE, feed)


def test_what_cannot_be_drawn_is_said() -> None:
    show = Simulator(latency=None).show
    with pytest.raises(UsageError, match="nothing to draw"):
        show.windows(TABLE, tunnels.two_late())
    with pytest.raises(UsageError, match="no CREATE TABLE declares"):
        show.windows(TUMBLE, {"trips": [{"bike": "a"}]})
    with pytest.raises(SqlError):
        show.windows("SELEC 1", tunnels.two_late())
    assert "No row has come" in show.windows(TUMBLE, []).summary


@pytest.mark.parametrize("seconds", [None, 30])
def test_a_silent_shard_holds_every_window_open_until_it_counts_as_idle(
    seconds: int | None,
) -> None:
    """As with ``table.exec.source.idle-timeout``: in the picture and in the query that is run."""
    rows, sql = silenced(LATE), TUMBLE if seconds is None else with_idle_timeout(TUMBLE, seconds)
    found, ran = followed(sql, rows, by_shard=True), run(sql, rows, by_shard=True, ends=False)
    assert found.tables[-1] == ran.rows
    assert len(ran.rows) == (0 if seconds is None else 2)
    held = "shardId-000000000001 has given nothing since 08:00:5"
    assert (held in notices(found)[-1]) is (seconds is None)
    assert all(row.split != "shardId-000000000001" for row in rows[len(rows) // 2 :])


def test_one_watermark_for_all_shards_waits_for_no_silent_one() -> None:
    assert followed(TUMBLE, silenced(LATE)).tables[-1]


def test_the_table_and_the_changelog_stand_beside_each_other_and_show_what_is_new() -> None:
    """On a narrow page, where no change stands beside its row."""
    page = Picture(followed(PLAIN, LATE[:3]), Words("windows", "en"), "").page()
    narrow = [(mark.said, mark.role) for mark in page.scenes[0].marks if mark.said]
    changes = [change for one in followed(PLAIN, LATE[:3]).landed for change in one.changes]
    assert ("changelog so far", "said-strong") in narrow
    assert ("bike · n", "said") in narrow
    for sign, row in changes:
        told = f"{row['bike']} · {row['n']}"
        assert {(told, "said-strong"), (f"{sign} {told}", "said-strong")} <= set(narrow)


def test_a_figure_says_of_the_whole_run_what_was_lost_and_why() -> None:
    said = notices(followed(TUMBLE, LATE))[-1]
    assert "Lost as late: 2 rows" in said
    assert "Its window 08:01:00–08:02:00 had closed with the row of" in said
    assert said.count("is lost") == 1
    spoken = notices(followed(TUMBLE, LATE), "pt-BR")[-1]
    assert "08:02:57,5" in spoken


@pytest.mark.parametrize("rows", [tunnels.two_late(), LATE], ids=["two", "late"])
def test_no_line_crosses_the_instants_below(rows: list[FedRow]) -> None:
    for scene in Picture(followed(TUMBLE, rows), Words("windows", "en"), "").page().scenes:
        heights = {mark.points[0][1] for mark in scene.marks if mark.row == "ticks"}
        lowest = max(y for mark in scene.marks if mark.role == "oldest" for _, y in mark.points)
        assert lowest <= min(heights) - 8  # letters of 12 px stand around theirs
