"""The check of the lesson on WebRTC: each mistake meets its reason; calls fail as it says."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_sim import Simulator
from kinesis_sim.course.exercises.video_webrtc import FITS, find_cause
from kinesis_sim.course.words import LANGUAGES, CourseWords
from kinesis_sim.video.signaling.events import SignalingPeerChanged, SignalPassed
from kinesis_sim.workloads.scenes.doorbell import Doorbell, crowd, mapped, three_calls


@pytest.mark.parametrize(
    ("causes", "why"),
    [
        (FITS, "passed"),
        (FITS | {"B": " Taken-Over "}, "passed"),
        ({"A": "too late", "B": "taken_over", "C": "Wrong name"}, "passed"),
        ({"A": "taken-over", "B": "too-late", "C": "wrong-name"}, "wrong-a"),
        (FITS | {"B": "channel-full"}, "channel-full"),
        (FITS | {"C": "no-relay"}, "no-relay"),
        (FITS | {"B": "wrong-name"}, "wrong-b"),
        (FITS | {"C": ["wrong-name"]}, "unknown"),
        (list(FITS), "shape"),
        ({"A": "too-late"}, "shape"),
        (FITS | {"C": None}, "open"),
        (FITS | {"A": "bad luck"}, "unknown"),
        (FITS | {"A": "channel-full"}, "channel-full"),
        (FITS | {"B": "no-relay"}, "no-relay"),
        (FITS | {"A": "wrong-name"}, "wrong-a"),
        (FITS | {"B": "too-late"}, "wrong-b"),
        (FITS | {"C": "too-late"}, "wrong-c"),
    ],
)
def test_each_cause_has_its_reason(causes: Any, why: str) -> None:
    verdict = find_cause(causes)
    assert verdict.reason == why
    for language in LANGUAGES:
        words = CourseWords("video_webrtc", language)
        assert "{" not in words.say(f"check.find-cause.{why}", **verdict.values)


def test_the_three_calls_fail_for_the_reasons_that_are_told() -> None:
    sim = Simulator(start="2026-01-01T08:00:00Z")
    calls = three_calls(sim)
    passed = {
        letter: [
            (e.action, e.recipient, e.became)
            for e in sim.events.of(SignalPassed)
            if e.channel == bell.name
        ]
        for letter, bell in calls.items()
    }
    assert passed["A"] == [("SDP_OFFER", None, "kept"), ("SDP_OFFER", None, "expired")]
    assert calls["A"].masters[0].heard == ()
    assert passed["B"] == [("SDP_OFFER", None, "delivered")]
    assert [each.kinds() for each in calls["B"].masters] == [[], ["SDP_OFFER"]]
    assert [e.why for e in sim.events.of(SignalingPeerChanged) if e.became == "gone"] == [
        "taken over"
    ]
    assert ("SDP_ANSWER", "Ana", "expired") in passed["C"]
    assert calls["C"].viewers["ana"].heard == ()


def test_a_whole_call_and_what_surrounds_it() -> None:
    sim = Simulator(start="2026-01-01T08:00:00Z")
    bell = Doorbell(sim)
    bell.master()
    bell.viewer("ana")
    bell.call("ana")
    assert bell.masters[0].kinds() == ["SDP_OFFER", "ICE_CANDIDATE"]
    assert bell.viewers["ana"].kinds() == ["SDP_ANSWER", "ICE_CANDIDATE"]
    sim.advance(seconds=1)
    assert crowd(bell, 12) == ["ClientLimitExceededException"] * 3
    assert mapped(bell, "empty") == "NoDataRetentionException"
    assert mapped(bell, "calls", DataRetentionInHours=1) == "ENABLED"
