"""Every step of an application's life and of a snapshot's is taken, and no other."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from kinesis_sim.analytics.applications.maintenance import next_window
from kinesis_sim.analytics.events import ApplicationChanged, ApplicationSnapshotChanged
from kinesis_sim.analytics.states import APPLICATION, SNAPSHOT
from kinesis_sim.states import StateTable
from tests.analytics.test_applications import COPY, FEED, World, refused

BROKEN = COPY.replace("'stream' = 'feed'", "'stream' = 'nobody'")


def steps(table: StateTable[Any]) -> set[tuple[str | None, str | None]]:
    return {(a.value, None if b is None else b.value) for a, _, b in table}


def update(world: World, text: str = COPY) -> None:
    content = {"CodeContentUpdate": {"TextContentUpdate": text}}
    world.api.update_application(
        ApplicationName="app",
        CurrentApplicationVersionId=world.detail["ApplicationVersionId"],
        ApplicationConfigurationUpdate={"ApplicationCodeConfigurationUpdate": content},
    )


def delete(world: World) -> None:
    made = world.detail["CreateTimestamp"]
    world.api.delete_application(ApplicationName="app", CreateTimestamp=made)
    world.sim.advance(minutes=1)


def roll_back(world: World) -> None:
    version = world.detail["ApplicationVersionId"]
    world.api.rollback_application(ApplicationName="app", CurrentApplicationVersionId=version)


def force(world: World) -> None:
    world.api.stop_application(ApplicationName="app", Force=True)


def begin(world: World) -> None:
    world.api.start_application(ApplicationName="app")


def went(world: World) -> set[tuple[str | None, str | None]]:
    return {(e.was, e.became) for e in world.sim.events.of(ApplicationChanged)} - {(None, "READY")}


def test_every_step_of_an_application_is_taken() -> None:
    seen: set[tuple[str | None, str | None]] = set()
    on: dict[str, Any] = {"ApplicationSystemRollbackConfiguration": {"RollbackEnabled": True}}
    for round_ in (_stops, _failures, _updates, _roll_backs, _endings, _upkeep):
        world = World()
        world.create(COPY, **on)
        round_(world)
        seen |= went(world)
    assert seen == steps(APPLICATION)


def _stops(world: World) -> None:
    begin(world)
    force(world)
    world.sim.advance(minutes=1)
    world.start()
    world.api.stop_application(ApplicationName="app")
    force(world)
    world.sim.advance(minutes=1)
    world.start()
    world.stop()
    world.start()
    force(world)
    world.sim.advance(minutes=1)
    delete(world)


def _failures(world: World) -> None:
    update(world, BROKEN)
    world.sim.advance(minutes=1)
    world.start()
    update(world)
    world.sim.advance(minutes=1)
    world.start()
    world.kinesis.put_record(StreamName="feed", Data=b"no row", PartitionKey="k")
    world.sim.advance(minutes=1)


def _updates(world: World) -> None:
    world.start()
    update(world)
    force(world)
    world.sim.advance(minutes=1)
    world.start()
    part = {"ApplicationSystemRollbackConfigurationUpdate": {"RollbackEnabledUpdate": False}}
    for change in (part, {}):
        world.api.update_application(
            ApplicationName="app",
            CurrentApplicationVersionId=world.detail["ApplicationVersionId"],
            ApplicationConfigurationUpdate=change
            or {
                "ApplicationCodeConfigurationUpdate": {
                    "CodeContentUpdate": {"TextContentUpdate": BROKEN}
                }
            },
        )
        world.sim.advance(minutes=1)
    assert world.status == "READY"


def _roll_backs(world: World) -> None:
    world.start()
    update(world)
    world.sim.advance(minutes=1)
    roll_back(world)
    world.sim.advance(minutes=1)
    update(world, BROKEN)
    world.sim.advance(minutes=2)
    assert world.status == "RUNNING"
    roll_back(world)  # to what could not run
    world.sim.advance(minutes=1)
    assert world.status == "READY"
    update(world)
    world.sim.advance(minutes=1)
    world.start()
    update(world)
    roll_back(world)
    force(world)
    world.sim.advance(minutes=1)


def _endings(world: World) -> None:
    def started() -> None:
        begin(world)

    def stopping() -> None:
        world.start()
        world.api.stop_application(ApplicationName="app")

    def forced() -> None:
        world.start()
        force(world)

    def updating() -> None:
        world.start()
        update(world)

    def rolling_back() -> None:
        world.start()
        update(world)
        roll_back(world)

    for way in (lambda: None, started, world.start, stopping, forced, updating, rolling_back):
        way()
        delete(world)
        world.create(COPY)


def _upkeep(world: World) -> None:
    """Scaled and maintained, each to its end, stopped by force, and with the stream gone."""
    full = {"PropertyGroupId": "kinesis-lab", "PropertyMap": {"rows-per-second-and-kpu": "1"}}
    world.api.update_application(
        ApplicationName="app",
        CurrentApplicationVersionId=1,
        ApplicationConfigurationUpdate={"EnvironmentPropertyUpdates": {"PropertyGroups": [full]}},
    )
    world.sim.faults.add("maintenance", "app")

    def scaled() -> None:
        world.sim.advance(minutes=1)
        anew = {"ApplicationRestoreType": "SKIP_RESTORE_FROM_SNAPSHOT"}
        world.start(ApplicationRestoreConfiguration=anew)
        while world.status == "RUNNING":
            load(world)
        assert world.status == "AUTOSCALING"

    def maintained() -> None:
        world.sim.advance(minutes=1)
        if world.status == "READY":
            world.start()
        world.sim.clock.run_until(next_window("03:00", world.sim.clock.now))
        assert world.status == "MAINTENANCE"

    scaled()
    force(world)
    scaled()
    maintained()
    world.sim.advance(days=1, minutes=1)  # the next day's, and running again
    states: tuple[Callable[[], None], ...] = (maintained, scaled)
    for state in states:
        state()
        world.kinesis.delete_stream(StreamName="feed")
        world.sim.advance(minutes=1)
        assert world.status == "READY"
        world.kinesis.create_stream(StreamName="feed", ShardCount=1)


def load(world: World) -> None:
    """A row a second, for a minute."""
    record = {"Data": json.dumps(FEED[0]).encode(), "PartitionKey": "a"}
    world.kinesis.put_records(StreamName="feed", Records=[record] * 60)
    world.sim.advance(minutes=1)


def test_every_step_of_a_snapshot_is_taken() -> None:
    world = World()
    world.create(COPY)
    world.start()
    world.api.create_application_snapshot(ApplicationName="app", SnapshotName="s")
    world.sim.advance(minutes=1)
    told = world.api.describe_application_snapshot(ApplicationName="app", SnapshotName="s")
    made = told["SnapshotDetails"]["SnapshotCreationTimestamp"]
    world.api.delete_application_snapshot(
        ApplicationName="app", SnapshotName="s", SnapshotCreationTimestamp=made
    )
    world.sim.advance(minutes=1)
    seen = {(e.was, e.became) for e in world.sim.events.of(ApplicationSnapshotChanged)}
    failed = {("CREATING", "FAILED"), ("FAILED", "DELETING")}  # an import that finds nothing
    assert seen - {(None, "CREATING")} == steps(SNAPSHOT) - failed


def test_a_step_that_a_table_lacks_is_refused() -> None:
    world = World()
    world.create(COPY)
    for call in (force, roll_back):
        with refused("ResourceInUseException"):
            call(world)
