"""The widget's Python side: what it sends, and what it does with wishes."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from kinesis_sim import Simulator
from kinesis_sim.clock import Clock
from kinesis_sim.errors import MissingPackage
from kinesis_sim.show.shards import widget as shard_map
from tests.show.scenario import BEGIN, DAY, SPLIT_AT, STREAM, put, split_in_the_morning


def wish(widget: shard_map.ShardMap, **content: Any) -> None:
    """What the browser sends."""
    widget._handle_custom_msg(content, [])


def test_rows_are_json_and_know_no_payload() -> None:
    sim = split_in_the_morning()
    put(sim, 5, size=40)
    rows = json.loads(json.dumps(sim.show.live(STREAM).rows))
    assert [lane["shard"] for lane in rows["lanes"]] == [0, 2, 3, 1]
    assert rows["dots"][-1][:6] == [BEGIN + 50_000, 2, 1, 42, 0, 0]
    assert rows["axis"][-1] == [BEGIN + 50_000, 1]
    assert rows["beats"] == [{"at": SPLIT_AT, "label": "split 00:00:40", "old": [0], "new": [2, 3]}]
    assert SPLIT_AT in rows["moments"]


def test_the_clock_s_buttons_move_the_clock() -> None:
    sim = split_in_the_morning()
    widget = sim.show.live(STREAM)
    before = sim.clock.now
    for step, ms in shard_map.STEPS.items():
        wish(widget, kind="advance", step=step)
        before += ms
        assert sim.clock.now == before == widget.rows["now"]
    assert widget.reply == "The simulator's clock is at 2026-01-01 01:01:51."


def test_next_event_goes_to_the_next_loss_and_then_has_nothing_left() -> None:
    sim = split_in_the_morning()
    widget = sim.show.live(STREAM)
    wish(widget, kind="next")
    assert sim.clock.now == BEGIN + 10_000 + DAY + 1
    assert "Gone: 1 of 4 records" in widget.rows["notices"][-1][1]
    for _ in range(4):
        wish(widget, kind="next")
    stopped = sim.clock.now
    wish(widget, kind="next")
    assert sim.clock.now == stopped
    assert widget.reply.startswith("Nothing is scheduled")


def test_a_moved_clock_brings_the_picture_back_to_now() -> None:
    widget = split_in_the_morning().show.live(STREAM)
    widget.at = float(BEGIN)
    wish(widget, kind="advance", step="second")
    assert widget.at is None


def test_a_key_is_pinned_where_it_lands_at_the_instant_shown_and_taken_off_again() -> None:
    widget = split_in_the_morning().show.live(STREAM)
    wish(widget, kind="pin", key="bike-0042")
    assert widget.reply == "bike-0042 has the hash 165674…: it lands on shard 2."
    [pin] = widget.pins
    assert (pin["key"], list(pin["homes"])) == ("bike-0042", [(BEGIN, 0), (SPLIT_AT, 2)])
    widget.at = float(SPLIT_AT - 1)
    wish(widget, kind="pin", key="bike-0043")
    assert "it lands on shard" in widget.reply
    wish(widget, kind="pin", key="bike-0042")
    assert [pin["key"] for pin in widget.pins] == ["bike-0043"]


def test_pins_are_bounded_in_number_and_length() -> None:
    widget = split_in_the_morning().show.live(STREAM)
    for number in range(20):
        wish(widget, kind="pin", key=str(number))
    assert [pin["key"] for pin in widget.pins] == [str(number) for number in range(12, 20)]
    wish(widget, kind="pin", key="k" * 257)
    assert widget.reply == "A partition key has 1 to 256 characters."
    assert len(widget.pins) == shard_map.MOST_PINS


@pytest.mark.parametrize(
    "content",
    [{}, {"kind": "advance"}, {"kind": "advance", "step": "year"}, {"kind": "pin", "key": 1}, "x"],
)
def test_other_wishes_change_nothing(content: Any) -> None:
    sim = split_in_the_morning()
    widget = sim.show.live(STREAM)
    before, rows = sim.clock.now, widget.rows
    widget._handle_custom_msg(content, [])
    assert (sim.clock.now, widget.rows, widget.pins) == (before, rows, [])


def test_an_error_on_the_way_is_said_in_the_widget() -> None:
    from kinesis_sim.errors import UsageError

    sim = split_in_the_morning()

    def fail() -> None:
        raise UsageError("the lambda stumbled")

    sim.clock.schedule(sim.clock.now + 500, fail)
    widget = sim.show.live(STREAM)
    wish(widget, kind="advance", step="second")
    assert widget.reply == "The clock stopped: the lambda stumbled"


def test_a_clock_that_runs_by_itself_is_not_to_be_moved() -> None:
    sim = Simulator(clock=Clock(rate=60), latency=None, delays="instant")
    sim.client("kinesis").create_stream(StreamName=STREAM, ShardCount=1)
    assert sim.show.live(STREAM).rows["manual"] is False


def test_it_follows_the_stream_and_survives_its_end() -> None:
    sim = split_in_the_morning()
    widget = sim.show.live(STREAM)
    put(sim, 0)
    widget._follow()
    assert len(widget.rows["dots"]) == 5
    rows = widget.rows
    sim.client("kinesis").delete_stream(StreamName=STREAM)
    widget._follow()
    assert widget.rows is rows


def test_it_says_and_shows_the_same_in_every_run() -> None:
    bundles = [split_in_the_morning().show.live(STREAM)._repr_mimebundle_() for _ in range(2)]
    one, other = (bundle[0] for bundle in bundles if bundle is not None)
    assert one["text/plain"] == other["text/plain"]
    assert one["text/plain"].startswith("Shard map of meu-stream at 2026-01-01 00:00:50 UTC")
    assert one["image/png"] == other["image/png"]
    assert one["image/png"] in one["text/html"]  # JupyterLab shows the HTML, which says what it is


def test_it_speaks_portuguese() -> None:
    widget = split_in_the_morning().show.live(STREAM, lang="pt-BR")
    assert widget.words["open"] == "aberto"
    assert widget.rows["subtitles"][-1][1] == "provisionado · 3 shards abertos · retenção de 24 h"


def test_an_absent_package_is_named_with_its_install_line(monkeypatch: pytest.MonkeyPatch) -> None:
    sim = split_in_the_morning()
    monkeypatch.setitem(sys.modules, "anywidget", None)
    for name in ("kinesis_sim.show.shards.widget", "kinesis_sim.show.kit.widget"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    with pytest.raises(MissingPackage, match=r'pip install "kinesis-lab\[lab\]"'):
        sim.show.live(STREAM)
