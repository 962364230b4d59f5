"""The picture of a signaling channel: its steps against the events, and what is drawn of them."""

from __future__ import annotations

from itertools import pairwise

import pytest

from kinesis_sim import Simulator
from kinesis_sim.errors import UsageError
from kinesis_sim.show.kit.words import LANGUAGES, Words
from kinesis_sim.show.signaling.fold import SHOWN, channel_steps
from kinesis_sim.show.signaling.scene import Picture
from kinesis_sim.workloads.scenes.doorbell import Doorbell, crowd, three_calls


@pytest.fixture
def bell() -> Doorbell:
    return Doorbell(Simulator(start="2026-01-01T08:00:00Z", latency=None))


def steps(bell: Doorbell) -> list[tuple[str, str | None, str | None]]:
    return [
        (step.kind, step.sender, step.recipient)
        for step in channel_steps(bell.sim, bell.name).steps
    ]


def test_a_call_whose_offer_waited(bell: Doorbell) -> None:
    bell.viewer("ana").offer()
    bell.sim.advance(seconds=20)
    bell.master()
    bell.masters[0].answer("ana")
    assert steps(bell) == [
        ("connected", "ana", None),
        ("kept", "ana", None),
        ("connected", None, None),
        ("late", "ana", None),
        ("passed", None, "ana"),
    ]
    page = Picture(channel_steps(bell.sim, bell.name), Words("signaling", "en")).page()
    assert "arrives after 20 s" in page.frames[3].notice
    arrows = [mark for mark in page.scenes[0].marks if mark.role == "message"]
    assert len(arrows) == 3
    assert [mark.alive[0] for mark in arrows] == [1, 3, 4]


def test_who_is_connected_has_a_thick_line(bell: Doorbell) -> None:
    bell.master()
    bell.viewer("ana").leave()
    scene = Picture(channel_steps(bell.sim, bell.name), Words("signaling", "en")).page().scenes[0]
    there = [mark.data["there"] for mark in scene.marks if "there" in mark.data]
    assert there == ["master", "master", "ana", "master"]


def test_what_is_lost_is_a_cross() -> None:
    calls = three_calls(Simulator(start="2026-01-01T08:00:00Z"))
    for letter, kinds in {"A": "expired", "B": "gone", "C": "expired"}.items():
        bell = calls[letter]
        assert kinds in {step.kind for step in channel_steps(bell.sim, bell.name).steps}
        scene = (
            Picture(channel_steps(bell.sim, bell.name), Words("signaling", "en")).page().scenes[0]
        )
        assert [mark for mark in scene.marks if mark.role == "lost"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_crowd_fits_and_is_told_in_words(bell: Doorbell, lang: str) -> None:
    bell.master()
    crowd(bell, 12)
    bell.viewers["rider-9"].offer()
    bell.viewers["rider-9"].send("SDP_OFFER", "x" * 9_000)
    seen = channel_steps(bell.sim, bell.name)
    assert len(seen.steps) <= SHOWN
    page = Picture(seen, Words("signaling", lang)).page()
    assert "rider-9" in page.frames[-1].notice
    assert all("{" not in frame.notice for frame in page.frames)


def test_a_channel_that_nobody_came_to_and_one_that_is_not_there(bell: Doorbell) -> None:
    page = Picture(channel_steps(bell.sim, bell.name), Words("signaling", "en")).page()
    assert page.frames[0].notice == "Nobody has come yet."
    desk = bell.sim.show.live_signaling(bell, lang="en")
    try:  # which has buttons, and says which is first
        assert "Press “ana rings”" in desk.page["frames"][0][2]
        drawn = [mark.said for mark in desk._made().scenes[0].marks]
        assert {"ana", "press “ana rings” to begin"} <= set(drawn)
        desk.act("call")
        assert "press" not in " ".join(mark.said for mark in desk._made().scenes[0].marks)
    finally:
        desk.close()
    with pytest.raises(UsageError, match="the channels are: station-7-intercom"):
        channel_steps(bell.sim, "elsewhere")


def test_only_the_last_steps_are_drawn_and_who_was_there_before(bell: Doorbell) -> None:
    master, ana = bell.master(), bell.viewer("ana")
    for _ in range(SHOWN):
        ana.candidate()
        bell.sim.advance(seconds=1)
    seen = channel_steps(bell.sim, bell.name)
    assert master.connected
    assert (len(seen.steps), seen.before, seen.there) == (SHOWN, 2, {None, "ana"})


def test_the_widget_does_what_its_buttons_say(bell: Doorbell) -> None:
    desk = bell.sim.show.live_signaling(bell, lang="en")
    try:
        desk.act("answer")
        assert desk.reply.startswith("No master")
        for what in ("call", "wait", "duty", "answer"):
            desk.act(what)
        assert [kind for kind, *_ in steps(bell)][-1] == "passed"
        assert [row["id"] for row in desk.page["controls"]] == ["call", "duty", "answer", "wait"]
        desk._wished({"kind": "act", "what": "nothing"})
        desk.act("wait")
        desk.act("wait")
        desk.act("duty")
        desk.act("duty")
        desk.act("duty")
        desk.act("duty")
        assert "ClientLimitExceeded" in desk.reply or "Too many" in desk.reply
    finally:
        desk.close()


def test_what_a_message_is_called_stands_between_two_lines_of_time(bell: Doorbell) -> None:
    """Four peers, side by side with the channel: no name of a message on anybody's line."""
    master = bell.master()
    for name in ("ana", "bruno", "carla"):
        bell.viewer(name).offer()
        master.answer(name)
    page = Picture(channel_steps(bell.sim, bell.name), Words("signaling", "en")).page()
    scene = page.scenes[0]
    said = [mark for mark in scene.marks if mark.said in ("SDP_OFFER", "SDP_ANSWER")]
    assert len(said) == 6
    lanes = {(column + 0.5) / 5 for column in range(5)}
    for mark in said:
        share = mark.points[0][0].share
        assert min(abs(share - lane) for lane in lanes) == pytest.approx(0.1)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_said_of_a_message_is_no_wider_than_a_column(bell: Doorbell, lang: str) -> None:
    """What becomes of it stands in a line of its own: together they ran over the next peer's."""
    for name in ("ana", "bruno", "carla"):
        bell.viewer(name).candidate()
    bell.sim.advance(seconds=60)
    bell.viewers["ana"].send("ICE_CANDIDATE", "x" * 9_000)
    page = Picture(channel_steps(bell.sim, bell.name), Words("signaling", lang)).page()
    kinds = {step.kind for step in channel_steps(bell.sim, bell.name).steps}
    assert kinds == {"connected", "kept", "expired", "refused"}
    said = [mark.said for mark in page.scenes[0].marks if mark.role == "label"]
    assert said.count("ICE_CANDIDATE") == 7
    assert max(map(len, said)) <= len("ICE_CANDIDATE")


def test_no_two_texts_of_a_call_share_a_line_and_a_place() -> None:
    calls = three_calls(Simulator(start="2026-01-01T08:00:00Z"))
    for letter in "ABC":
        bell = calls[letter]
        scene = Picture(channel_steps(bell.sim, bell.name), Words("signaling", "en")).page()
        texts = [mark for mark in scene.scenes[0].marks if mark.role == "label" and mark.said]
        heights = sorted({mark.points[0][1] for mark in texts})
        assert len(heights) > 3
        assert all(low - high >= 13 for high, low in pairwise(heights))
