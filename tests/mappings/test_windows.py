"""Tumbling windows: what the function is told, the state it must give back, and early ends."""

from __future__ import annotations

from typing import Any

from tests.mappings.sources import Event, mapped, put, quick, texts


def test_an_event_in_a_window_has_the_members_of_the_guide() -> None:
    sim = quick()
    seen: list[Event] = []

    def keep(event: Event) -> Event:
        seen.append(event)
        return {"state": {"n": len(seen)}}

    mapping = mapped(sim, keep, TumblingWindowInSeconds=120)
    put(sim, "one")
    sim.advance(minutes=3)
    assert [(event["isFinalInvokeForWindow"], event["state"]) for event in seen] == [
        (False, {}),
        (True, {"n": 1}),
    ]
    assert {name: value for name, value in seen[0].items() if name != "Records"} == {
        "window": {"start": "2026-01-01T00:00:00Z", "end": "2026-01-01T00:02:00Z"},
        "state": {},
        "shardId": "shardId-000000000000",
        "eventSourceARN": mapping.terms.origin.arn,
        "isFinalInvokeForWindow": False,
        "isWindowTerminatedEarly": False,
    }
    assert seen[1]["Records"] == []


def test_an_answer_without_state_is_a_failure() -> None:
    sim = quick()
    mapping = mapped(sim, lambda event: None, TumblingWindowInSeconds=60)
    put(sim, "one")
    sim.advance(seconds=5)
    assert "no state" in mapping.result
    assert mapping.counts.errors >= 1


def test_a_failed_invocation_gets_the_state_that_was_before_it() -> None:
    sim = quick()
    states: list[Any] = []

    def spoil(event: Event) -> Event:
        states.append(list(event["state"].get("seen", [])))
        event["state"].setdefault("seen", []).extend(texts(event))
        if len(states) == 2:
            raise ValueError("after spoiling it")
        return {"state": event["state"]}

    mapped(sim, spoil, TumblingWindowInSeconds=600, BatchSize=1)
    put(sim, "a", "b")
    sim.advance(seconds=30)
    assert states == [[], ["a"], ["a"]]


def test_a_state_above_a_megabyte_ends_the_window_early() -> None:
    sim = quick()
    seen: list[tuple[list[str], bool, bool, bool]] = []

    def grow(event: Event) -> Event:
        final, early = event["isFinalInvokeForWindow"], event["isWindowTerminatedEarly"]
        seen.append((texts(event), final, early, bool(event["state"])))
        return {"state": {"large": "x" * 1_048_576} if "grow" in texts(event) else {"n": 1}}

    mapped(sim, grow, TumblingWindowInSeconds=60, BatchSize=1)
    put(sim, "grow", "next")
    sim.advance(minutes=2)
    assert seen == [
        (["grow"], False, False, False),
        ([], True, True, True),
        (["next"], False, False, False),
        ([], True, False, True),
    ]


def test_a_window_whose_last_invocation_is_given_up_is_over() -> None:
    sim = quick()
    finals: list[str] = []

    def refuse_to_end(event: Event) -> Event:
        if event["isFinalInvokeForWindow"]:
            finals.append(event["window"]["start"])
            raise ValueError("not now")
        return {"state": {}}

    mapping = mapped(sim, refuse_to_end, TumblingWindowInSeconds=60, MaximumRetryAttempts=1)
    put(sim, "one")
    sim.advance(minutes=2)
    put(sim, "two")
    sim.advance(minutes=3)
    assert finals == ["2026-01-01T00:00:00Z"] * 2 + ["2026-01-01T00:02:00Z"] * 2
    assert mapping.counts.records == 2
