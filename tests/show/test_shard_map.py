"""The widget's Python side: what it sends, and what it does with wishes."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from kinesis_sim import Simulator
from kinesis_sim.clock import Clock
from kinesis_sim.errors import MissingPackage
from kinesis_sim.show.kit import theme
from kinesis_sim.show.kit.scene import Mark
from kinesis_sim.show.shards import widget as shard_map
from tests.show.scenario import BEGIN, DAY, SPLIT_AT, STREAM, put, split_in_the_morning


def wish(widget: shard_map.ShardMap, **content: Any) -> None:
    """What the browser sends."""
    widget._handle_custom_msg(content, [])


def marks(widget: shard_map.ShardMap, role: str) -> list[Mark]:
    """Those of a role, in the layout for narrow paper."""
    return [mark for mark in widget._page.scenes[0].marks if mark.role == role]


def pinned(widget: shard_map.ShardMap) -> list[str]:
    scene = widget._page.scenes[0]
    return [mark.data["pin"] for mark in scene.marks if "pin" in mark.data]


def test_its_page_is_json_and_small_and_knows_no_payload() -> None:
    sim = split_in_the_morning()
    put(sim, 5, size=40)
    widget = sim.show.live(STREAM)
    page = json.loads(json.dumps(widget.page))
    assert len(json.dumps(page)) < 100_000
    assert page["axis"][-1] == [BEGIN + 50_000, 1]
    instants = [row[0] for row in page["frames"]]
    assert instants == sorted(instants)
    assert (instants[0], instants[-1]) == (BEGIN, BEGIN + 50_000)
    assert page["moments"] == [BEGIN, BEGIN + 10_000, SPLIT_AT, BEGIN + 50_000]


def test_lanes_live_as_their_shards_do() -> None:
    widget = split_in_the_morning().show.live(STREAM)
    lives = [(m.data["shard"], m.data["state"], m.alive) for m in marks(widget, "lane")]
    assert lives == [
        ("0", "open", (BEGIN, SPLIT_AT)),
        ("2", "open", (SPLIT_AT, None)),
        ("3", "open", (SPLIT_AT, None)),
        ("1", "open", (BEGIN, None)),
    ]
    [closed] = marks(widget, "lane-closed")
    assert closed.alive == (SPLIT_AT, None)
    assert closed.tip == f"shard 0 (closed): 0 … {2**127 - 1}"


def test_a_record_is_pale_from_the_instant_on_at_which_it_is_trimmed() -> None:
    sim = split_in_the_morning()
    sim.run_until(BEGIN + DAY + 25_000)
    widget = sim.show.live(STREAM)
    passed = [BEGIN + second * 1_000 + DAY + 1 for second in (10, 20)]
    assert [mark.alive for mark in marks(widget, "record-gone")] == [(at, None) for at in passed]
    assert [mark.alive[1] for mark in marks(widget, "record")][:2] == passed


def test_the_clock_s_buttons_move_the_clock() -> None:
    sim = split_in_the_morning()
    widget = sim.show.live(STREAM)
    before = sim.clock.now
    for step, ms in shard_map.STEPS.items():
        wish(widget, kind="advance", step=step)
        before += ms
        assert sim.clock.now == before == widget.page["frames"][-1][0]
    assert widget.reply == "The simulator's clock is at 2026-01-01 01:01:51."


def test_next_event_goes_to_the_next_loss_and_then_has_nothing_left() -> None:
    sim = split_in_the_morning()
    widget = sim.show.live(STREAM)
    wish(widget, kind="next")
    assert sim.clock.now == BEGIN + 10_000 + DAY + 1
    assert "Gone: 1 of 4 records" in widget.page["frames"][-1][2]
    for _ in range(4):
        wish(widget, kind="next")
    stopped = sim.clock.now
    wish(widget, kind="next")
    assert sim.clock.now == stopped
    assert widget.reply.startswith("Nothing is scheduled")


def test_a_moved_clock_brings_the_picture_back_to_now() -> None:
    widget = split_in_the_morning().show.live(STREAM)
    wish(widget, kind="pin", value="bike-1", at=BEGIN)
    assert widget.page["shown"] == BEGIN
    wish(widget, kind="advance", step="second")
    assert widget.page["shown"] == BEGIN + 51_000


def test_a_key_is_pinned_where_it_lands_at_the_instant_shown_and_taken_off_again() -> None:
    widget = split_in_the_morning().show.live(STREAM)
    wish(widget, kind="pin", value="bike-0042", at=None)
    assert widget.reply == "bike-0042 has the hash 165674…: it lands on shard 2."
    assert pinned(widget) == ["bike-0042"]
    homes = [(mark.hue, mark.alive) for mark in marks(widget, "pin-home") if mark.r == 5]
    blue, green = theme.shard_hue(0), theme.shard_hue(2)
    assert homes == [(blue, (BEGIN, SPLIT_AT)), (green, (SPLIT_AT, None))]
    wish(widget, kind="pin", value="bike-0043", at=SPLIT_AT - 1)
    assert "it lands on shard" in widget.reply
    wish(widget, kind="pin", value="bike-0042", at=SPLIT_AT - 1)
    assert widget.reply == "bike-0042 has the hash 165674…: it lands on shard 0."
    assert pinned(widget) == ["bike-0043"]


def test_pins_are_bounded_in_number_and_length() -> None:
    widget = split_in_the_morning().show.live(STREAM)
    for number in range(20):
        wish(widget, kind="pin", value=str(number), at=None)
    assert set(pinned(widget)) == {str(number) for number in range(12, 20)}
    wish(widget, kind="pin", value="k" * 257, at=None)
    assert widget.reply == "A partition key has 1 to 256 characters."
    assert len(pinned(widget)) == shard_map.MOST_PINS


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"kind": "advance"},
        {"kind": "advance", "step": "year"},
        {"kind": "pin", "value": 1},
        "x",
    ],
)
def test_other_wishes_change_nothing(content: Any) -> None:
    sim = split_in_the_morning()
    widget = sim.show.live(STREAM)
    before, page = sim.clock.now, widget.page
    widget._handle_custom_msg(content, [])
    assert (sim.clock.now, widget.page) == (before, page)


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
    enabled = {row["id"]: row["enabled"] for row in sim.show.live(STREAM).page["controls"]}
    assert enabled == dict.fromkeys(["second", "minute", "hour", "next"], False) | {"key": True}


def test_it_follows_the_stream_and_survives_its_end() -> None:
    sim = split_in_the_morning()
    widget = sim.show.live(STREAM)
    put(sim, 0)
    widget._follow()
    assert len(marks(widget, "record")) == 5
    page = widget.page
    sim.client("kinesis").delete_stream(StreamName=STREAM)
    widget._follow()
    assert widget.page is page


def test_it_says_and_shows_the_same_in_every_run() -> None:
    bundles = [split_in_the_morning().show.live(STREAM)._repr_mimebundle_() for _ in range(2)]
    one, other = (bundle[0] for bundle in bundles if bundle is not None)
    assert one["text/plain"] == other["text/plain"]
    assert one["text/plain"].startswith("Shard map of meu-stream at 2026-01-01 00:00:50 UTC")
    assert one["image/png"] == other["image/png"]
    assert one["image/png"] in one["text/html"]  # JupyterLab shows the HTML, which says what it is


def test_it_speaks_portuguese() -> None:
    widget = split_in_the_morning().show.live(STREAM, lang="pt-BR")
    said = {mark.said for mark in widget._page.scenes[0].marks}
    assert {"aberto", "fechado", "anel", "dividido 00:00:40"} <= said
    assert widget.page["subtitle"] == "provisionado · 3 shards abertos · retenção de 24 h"


def test_an_absent_package_is_named_with_its_install_line(monkeypatch: pytest.MonkeyPatch) -> None:
    sim = split_in_the_morning()
    monkeypatch.setitem(sys.modules, "anywidget", None)
    for name in ("shards.widget", "kit.desk", "kit.widget"):
        monkeypatch.delitem(sys.modules, f"kinesis_sim.show.{name}", raising=False)
    with pytest.raises(MissingPackage, match=r'pip install "kinesis-lab\[lab\]"'):
        sim.show.live(STREAM)
