"""The picture of a job's memory: positions, checkpoints, crashes and what comes twice."""

from __future__ import annotations

import json

import pytest

from kinesis_sim import Simulator, UsageError
from kinesis_sim.show.checkpoints.fold import JobLife
from kinesis_sim.show.checkpoints.widget import SHOWN_S, CheckpointsDesk
from kinesis_sim.show.kit.words import LANGUAGES
from kinesis_sim.workloads.scenes.ride_job import RideJob


@pytest.fixture
def counter() -> RideJob:
    """A job that crashed 36 seconds behind its only checkpoint."""
    made = RideJob(Simulator(start="2026-01-01T08:00:00Z", latency=None))
    made.play(95)
    made.crash()
    made.play(12)
    return made


def again(counter: RideJob) -> int:
    """How often a count came to ``live`` that stood there already."""
    return JobLife(counter, SHOWN_S).until("live", counter.sim.clock.now)[1]


@pytest.fixture
def desk(counter: RideJob) -> CheckpointsDesk:
    return counter.sim.show.live_checkpoints(counter)


def test_a_crash_goes_back_to_what_the_checkpoint_held(counter: RideJob) -> None:
    life = JobLife(counter, SHOWN_S)
    [fall] = life.falls
    [kept] = life.checkpoints
    assert (fall.lost, fall.back) == (95, kept.read)
    assert life.until("live", counter.sim.clock.now) == (14, 4)
    assert life.until("books", counter.sim.clock.now) == (5, 0)


def test_what_lies_before_the_span_is_not_shown_and_still_known(counter: RideJob) -> None:
    life = JobLife(counter, 10)
    assert len(life.seconds) == 10
    assert life.falls == []
    assert life.until("live", counter.sim.clock.now)[0] < 5


@pytest.mark.parametrize("lang", LANGUAGES)
def test_figure_and_widget_speak(counter: RideJob, lang: str) -> None:
    show = counter.sim.show
    figure, widget = show.checkpoints(counter, lang=lang), show.live_checkpoints(counter, lang=lang)
    assert {"en": "4 twice", "pt-BR": "4 repetidas"}[lang] in figure.summary
    json.dumps(widget.page)
    assert "{" not in "".join(frame[2] for frame in widget.page["frames"])


def test_buttons_are_operations(desk: CheckpointsDesk, counter: RideJob) -> None:
    desk._wished({"kind": "play"})
    assert "Counts" in desk.summary()
    desk._wished({"kind": "rescale"})
    assert counter.parallelism == 2
    assert "Parallelism 2" in desk.reply
    desk._wished({"kind": "stop"})
    assert counter.job is None
    assert "No job runs" in desk.summary()
    for kind in ("crash", "force", "rescale", "x", None):
        desk._wished({"kind": kind})
    assert counter.job is None
    desk._wished({"kind": "stop"})
    assert counter.job is not None
    desk._wished({"kind": "crash"})
    assert "is lost" in desk.summary()
    desk._wished({"kind": "play"})
    desk._wished({"kind": "play"})
    before = again(counter)
    desk._wished({"kind": "force"})
    desk._wished({"kind": "stop"})
    desk._wished({"kind": "play"})
    assert again(counter) > before


def test_the_widget_follows_its_counter(desk: CheckpointsDesk, counter: RideJob) -> None:
    desk._follow()
    frames = len(desk.page["frames"])
    counter.play(3)
    desk._follow()
    assert len(desk.page["frames"]) == frames + 3


def test_what_cannot_be_drawn_is_said() -> None:
    sim = Simulator(latency=None)
    counter = RideJob(sim)
    with pytest.raises(UsageError, match="has not run yet"):
        sim.show.checkpoints(counter)
    with pytest.raises(UsageError, match="another simulator"):
        Simulator().show.live_checkpoints(counter)
    assert "no checkpoint yet" in sim.show.live_checkpoints(counter).summary()


def test_a_second_counter_on_one_simulator_is_refused_before_anything_is_made() -> None:
    sim = Simulator(latency=None)
    sim.gate.call("kinesis", "CreateStream", {"StreamName": "books", "ShardCount": 1})
    with pytest.raises(UsageError, match=r"There is a stream 'books' already: give it a new"):
        sim.show.live_checkpoints()
    assert list(sim.streams.streams) == ["books"]
    RideJob(other := Simulator(latency=None))
    before = (other.clock.now, len(other.events))
    with pytest.raises(UsageError, match="already: give it a new Simulator"):
        other.show.live_checkpoints()
    assert (other.clock.now, len(other.events)) == before
