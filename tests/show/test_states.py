"""Diagrams of states: where something is, the way it took, and every table there is."""

from __future__ import annotations

from itertools import combinations

import pytest

from kinesis_sim import Simulator, UsageError
from kinesis_sim.show.kit.words import LANGUAGES, Words
from kinesis_sim.show.states.fold import TOLD, way
from kinesis_sim.show.states.scene import TALL, WIDE, Diagram
from kinesis_sim.state_tables import state_tables


@pytest.fixture
def scaled() -> Simulator:
    """A stream that has been made and scaled."""
    sim = Simulator()
    kinesis = sim.client("kinesis")
    kinesis.create_stream(StreamName="rides", ShardCount=2)
    sim.advance(minutes=1)
    kinesis.update_shard_count(
        StreamName="rides", TargetShardCount=4, ScalingType="UNIFORM_SCALING"
    )
    sim.advance(minutes=1)
    return sim


def states(sim: Simulator, of: str, name: str) -> list[str]:
    return [stop.state for stop in way(sim, of, name)]


def test_the_way_of_a_stream_is_told_by_its_events(scaled: Simulator) -> None:
    assert states(scaled, "stream", "rides") == ["CREATING", "ACTIVE", "UPDATING", "ACTIVE"]
    assert [stop.why for stop in way(scaled, "stream", "rides")[1:]] == [
        "created", "change", "changed"
    ]  # fmt: skip


def test_a_thing_made_anew_starts_afresh(scaled: Simulator) -> None:
    kinesis = scaled.client("kinesis")
    kinesis.delete_stream(StreamName="rides")
    scaled.advance(minutes=1)
    assert states(scaled, "stream", "rides")[-2:] == ["DELETING", ""]
    kinesis.create_stream(StreamName="rides", ShardCount=1)
    scaled.advance(minutes=1)
    assert states(scaled, "stream", "rides") == ["CREATING", "ACTIVE"]


def test_a_consumer_and_a_firehose_stream_have_a_way_too(scaled: Simulator) -> None:
    kinesis, arn = scaled.client("kinesis"), scaled.streams["rides"].arn
    kinesis.register_stream_consumer(StreamARN=arn, ConsumerName="map")
    scaled.advance(minutes=1)
    assert states(scaled, "consumer", "map") == ["CREATING", "ACTIVE"]
    scaled.client("s3").create_bucket(Bucket="rides-lake")
    role = "arn:aws:iam::123456789012:role/firehose"
    destination = {"RoleARN": role, "BucketARN": "arn:aws:s3:::rides-lake"}
    scaled.client("firehose").create_delivery_stream(
        DeliveryStreamName="to-lake", ExtendedS3DestinationConfiguration=destination
    )
    scaled.advance(minutes=2)
    assert states(scaled, "delivery stream", "to-lake") == ["CREATING", "ACTIVE"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_figure_and_widget_say_where_it_is_and_how_it_came_there(
    scaled: Simulator, lang: str
) -> None:
    figure = scaled.show.states("stream", name="rides", lang=lang)
    widget = scaled.show.live_states("stream", "rides", lang=lang)
    for said in (repr(figure), repr(widget)):
        assert "CREATING → ACTIVE → UPDATING → ACTIVE" in said
    assert [notice for _, _, notice in widget.page["frames"]][1].count("→") == 1


def test_the_widget_follows_the_thing(scaled: Simulator) -> None:
    widget = scaled.show.live_states("stream", "rides")
    widget._follow()
    assert len(widget.page["frames"]) == 4
    scaled.client("kinesis").delete_stream(StreamName="rides")
    widget._follow()
    assert len(widget.page["frames"]) == 5


def test_a_step_is_marked_from_the_change_on_that_took_it(scaled: Simulator) -> None:
    table = state_tables()["stream"]
    scene = Diagram(table, Words("states", "en"), way(scaled, "stream", "rides")).page().scenes[-1]
    taken = {m.data["step"]: m.alive[0] for m in scene.marks if m.role == "step-taken"}
    assert taken == {"created": 1, "change": 2, "changed": 3}
    here = [(m.data["here"], m.alive) for m in scene.marks if m.role == "state-here"]
    assert sorted(here) == [
        ("ACTIVE", (1, 2)), ("ACTIVE", (3, None)), ("CREATING", (0, 1)), ("UPDATING", (2, 3))
    ]  # fmt: skip


@pytest.mark.parametrize("of", state_tables())
def test_no_two_states_and_no_two_labels_lie_on_one_another(of: str) -> None:
    table = state_tables()[of]
    scene = Diagram(table, Words("states", "pt-BR")).page().scenes[-1]
    width = WIDE + 52
    boxes = [
        [(x.on(width), y) for x, y in mark.points]
        for mark in scene.marks
        if mark.role in ("state", "state-gone", "gap")
    ]
    assert len([b for b in boxes if b[1][1] - b[0][1] == TALL]) >= len(table.states)
    for one, other in combinations(boxes, 2):
        apart = (
            one[1][0] <= other[0][0] or other[1][0] <= one[0][0]
            or one[1][1] <= other[0][1] or other[1][1] <= one[0][1]
        )  # fmt: skip
        assert apart, (of, one, other)


def test_what_has_no_way_is_refused_by_name(scaled: Simulator) -> None:
    with pytest.raises(UsageError, match="live_states\\('shard'\\): choose 'stream'"):
        scaled.show.live_states("shard", "0")
    with pytest.raises(UsageError, match="nothing of that name"):
        scaled.show.live_states("stream", "ride")
    assert set(TOLD) <= set(state_tables())
