"""What AWS does to applications by itself: their parallelism for the load, and maintenance."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kinesis_sim.analytics.applications.maintenance import first_window, next_window
from kinesis_sim.analytics.applications.scaling import LoadWatch, capacity, most_parallel
from kinesis_sim.clock import Clock
from kinesis_sim.errors import UsageError
from kinesis_sim.instants import DAY, HOUR, MINUTE, written
from tests.analytics.test_applications import COPY, FEED, World, refused

NEW_YEAR = 1_767_225_600_000
"""When a simulator begins."""
ONE = {"PropertyGroupId": "kinesis-lab", "PropertyMap": {"rows-per-second-and-kpu": "1"}}
CUSTOM = {"ConfigurationType": "CUSTOM", "ParallelismPerKPU": 1, "AutoScalingEnabled": True}


def did(world: World) -> list[str]:
    told = world.api.list_application_operations(ApplicationName="app")
    return [row["Operation"] for row in told["ApplicationOperationInfoList"]]


class Loaded(World):
    """An application whose KPUs are full with a row a second each."""

    def __init__(self, **parallelism: Any) -> None:
        super().__init__()
        self.create(
            COPY,
            FlinkApplicationConfiguration={
                "ParallelismConfiguration": {"Parallelism": 1, **CUSTOM, **parallelism}
            },
            EnvironmentProperties={"PropertyGroups": [ONE]},
        )
        self.start()

    def minutes(self, count: int, rows: int) -> None:
        """So many minutes, with so many rows in each."""
        for _ in range(count):
            if rows:
                record = {"Data": json.dumps(FEED[0]).encode(), "PartitionKey": "a"}
                self.kinesis.put_records(StreamName="feed", Records=[record] * rows)
            self.sim.advance(minutes=1)

    @property
    def parallelism(self) -> int:
        told = self.detail["ApplicationConfigurationDescription"]
        flink = told["FlinkApplicationConfigurationDescription"]
        assert flink["ParallelismConfigurationDescription"]["Parallelism"] == 1
        return int(flink["ParallelismConfigurationDescription"]["CurrentParallelism"])


def test_fifteen_full_minutes_double_the_parallelism_and_fourteen_do_not() -> None:
    world = Loaded()
    world.minutes(14, 45)
    world.minutes(1, 44)
    world.minutes(14, 60)
    assert (world.status, world.parallelism) == ("RUNNING", 1)
    world.minutes(1, 45)
    assert world.status == "AUTOSCALING"
    world.sim.advance(minutes=1)
    assert (world.status, world.parallelism) == ("RUNNING", 2)
    assert world.detail["ApplicationVersionId"] == 1
    assert did(world) == ["AutoScaling", "StartApplication"]
    assert len(world.written()) == 14 * 45 + 44 + 14 * 60 + 45  # of a snapshot: none twice
    cpu = world.sim.metrics("AWS/KinesisAnalytics")
    cpu = cpu[cpu["metric"] == "containerCPUUtilization"]
    assert sorted(set(cpu["Maximum"])) == [100 * 44 / 60, 75.0, 100.0]


def test_a_thousand_rows_a_second_fill_a_kpu_unless_told_otherwise() -> None:
    assert capacity({}) == 1_000
    assert capacity(ONE["PropertyMap"]) == 1  # type: ignore[arg-type]


@pytest.mark.parametrize(("rows", "minutes"), [(11, 360), (12, 361)])
def test_a_minute_below_ten_percent_is_quiet(rows: int, minutes: int) -> None:
    clock, scaled = Clock(0), list[int]()
    part = {"AutoScalingEnabled": True, "Parallelism": 1, "ParallelismPerKPU": 1}
    load = LoadWatch(
        clock,
        part,
        now=2,
        most=2,
        rows_per_kpu_second=1,
        scale=lambda _: scaled.append(clock.now // MINUTE),
        told=lambda _: None,
    )
    load.start()
    load.took(rows)
    clock.advance(DAY)
    assert scaled == [minutes]


def test_six_quiet_hours_halve_it_and_no_further_than_it_began() -> None:
    world = Loaded()
    world.minutes(15, 60)
    world.sim.advance(minutes=1)
    world.minutes(15, 120)
    world.sim.advance(minutes=1)
    assert world.parallelism == 4
    world.sim.advance(hours=5)
    world.minutes(1, 24)  # a tenth of four KPUs: not below it
    world.sim.advance(hours=5, minutes=59)
    world.minutes(3, 23)
    assert (world.status, world.parallelism) == ("RUNNING", 2)
    world.sim.advance(hours=7)
    assert world.parallelism == 1
    world.sim.advance(hours=24)
    assert did(world).count("AutoScaling") == 4


def test_the_bill_follows_the_parallelism() -> None:
    world = Loaded()
    began = world.sim.clock.now - 30_000
    world.minutes(15, 60)
    world.sim.advance(minutes=1)
    scaled = next(
        event.at
        for event in world.sim.events
        if getattr(event, "was", "") == "AUTOSCALING" and getattr(event, "became", "") == "RUNNING"
    )
    world.sim.advance(hours=1)
    used = 2 * (scaled - began) + 3 * (world.sim.clock.now - scaled)
    lines = {line.item: line for line in world.sim.bill().rows if line.resource == "app"}
    assert float(lines["analytics.kpu_hour"].quantity) == pytest.approx(used / HOUR)


def test_without_autoscaling_nothing_follows() -> None:
    world = Loaded(AutoScalingEnabled=False)
    world.minutes(20, 60)
    assert (world.status, world.parallelism) == ("RUNNING", 1)


def test_while_it_is_scaled_only_a_forced_stop_is_taken() -> None:
    world = Loaded()
    world.minutes(15, 60)
    with refused("ResourceInUseException", "AUTOSCALING"):
        world.api.update_application(ApplicationName="app", CurrentApplicationVersionId=1)
    with refused("ResourceInUseException", "AUTOSCALING"):
        world.api.stop_application(ApplicationName="app")
    with refused("ResourceInUseException", "AUTOSCALING"):
        world.api.delete_application(
            ApplicationName="app", CreateTimestamp=world.detail["CreateTimestamp"]
        )
    world.api.stop_application(ApplicationName="app", Force=True)
    world.sim.advance(minutes=1)
    assert (world.status, world.parallelism) == ("READY", 1)
    world.start()
    assert world.status == "RUNNING"


def test_an_update_keeps_what_the_load_made_unless_it_is_of_the_parallelism() -> None:
    world = Loaded()
    world.minutes(15, 60)
    world.sim.advance(minutes=1)
    snapshots = {"SnapshotsEnabledUpdate": False}
    change: dict[str, Any] = {"ApplicationSnapshotConfigurationUpdate": snapshots}
    world.api.update_application(
        ApplicationName="app", CurrentApplicationVersionId=1, ApplicationConfigurationUpdate=change
    )
    world.sim.advance(minutes=1)
    assert (world.status, world.parallelism) == ("RUNNING", 2)
    part = {"ConfigurationTypeUpdate": "CUSTOM", "AutoScalingEnabledUpdate": False}
    change = {"FlinkApplicationConfigurationUpdate": {"ParallelismConfigurationUpdate": part}}
    world.api.update_application(
        ApplicationName="app", CurrentApplicationVersionId=2, ApplicationConfigurationUpdate=change
    )
    world.sim.advance(minutes=1)
    assert (world.status, world.parallelism) == ("RUNNING", 1)


@pytest.mark.parametrize(
    ("first", "each", "most"),
    [(1, 1, 64), (1, 8, 128), (64, 1, 64), (100, 8, 256), (256, 8, 512), (80, 1, 80)],
)
def test_no_load_scales_beyond_the_account_and_flink(first: int, each: int, most: int) -> None:
    kpus = World().sim.limits["analytics.kpus"]
    assert most_parallel({"Parallelism": first, "ParallelismPerKPU": each}, kpus) == most


def test_a_capacity_that_is_no_number_is_a_start_that_failed() -> None:
    world = World()
    group = {"PropertyGroupId": "kinesis-lab", "PropertyMap": {"rows-per-second-and-kpu": "many"}}
    world.create(COPY, EnvironmentProperties={"PropertyGroups": [group]})
    world.start()
    assert world.status == "READY"
    (told,) = world.api.list_application_operations(ApplicationName="app")[
        "ApplicationOperationInfoList"
    ]
    details = world.api.describe_application_operation(
        ApplicationName="app", OperationId=told["OperationId"]
    )["ApplicationOperationInfoDetails"]
    assert "'many'" in details["OperationFailureDetails"]["ErrorInfo"]["ErrorString"]


# --- maintenance ----------------------------------------------------------------------------------


def test_planned_maintenance_restarts_it_when_its_window_begins() -> None:
    world = World()
    told = world.create(COPY)
    assert told["ApplicationMaintenanceConfigurationDescription"] == {
        "ApplicationMaintenanceWindowStartTime": "03:00",
        "ApplicationMaintenanceWindowEndTime": "11:00",
    }
    world.start()
    world.sim.clock.run_until(NEW_YEAR + 20 * HOUR)
    assert did(world) == ["StartApplication"]  # nothing was planned, and the window passed
    world.put(FEED[:20])
    world.sim.faults.add("maintenance", "app", lasts="1d")
    world.sim.clock.run_until(NEW_YEAR + DAY + 3 * HOUR - 1)
    assert world.status == "RUNNING"
    world.sim.clock.run_until(NEW_YEAR + DAY + 3 * HOUR)
    assert world.status == "MAINTENANCE"
    with refused("ResourceInUseException", "MAINTENANCE"):
        world.api.stop_application(ApplicationName="app", Force=True)
    world.sim.advance(seconds=9)
    assert world.status == "MAINTENANCE"  # 10 to 30 seconds
    world.sim.advance(seconds=21)
    assert world.status == "RUNNING"
    world.put(FEED[20:40])
    assert len(world.written()) == 40
    found = world.api.list_application_operations(
        ApplicationName="app", Operation="ApplicationMaintenance"
    )["ApplicationOperationInfoList"]
    assert [row["OperationStatus"] for row in found] == ["SUCCESSFUL"]
    world.sim.advance(days=3)
    assert world.sim.faults.struck("fault-1") == 1


def test_without_snapshots_maintenance_goes_on_from_the_last_checkpoint() -> None:
    world = World()
    world.create(COPY, ApplicationSnapshotConfiguration={"SnapshotsEnabled": False})
    world.start()
    world.sim.clock.run_until(NEW_YEAR + 2 * HOUR)
    world.put(FEED[:20])
    world.sim.clock.run_until(NEW_YEAR + 3 * HOUR - 30_000)
    world.sim.faults.add("maintenance")
    world.put(FEED[20:30])
    world.sim.advance(minutes=1)
    assert world.status == "RUNNING"
    assert len(world.written()) == 20 + 10 + 10  # ten since the last checkpoint came twice


def test_a_window_that_moves_is_the_next_that_is_planned() -> None:
    """What is planned keeps its time, as the API's page says."""
    world = World()
    world.create(COPY)
    world.start()

    def move(start: str) -> None:
        world.api.update_application_maintenance_configuration(
            ApplicationName="app",
            ApplicationMaintenanceConfigurationUpdate={
                "ApplicationMaintenanceWindowStartTimeUpdate": start
            },
        )

    move("02:00")
    world.sim.faults.add("maintenance", "app", lasts="2d")
    move("05:30")
    world.sim.advance(days=2)
    began = [
        written(row["StartTime"])
        for row in (
            {"StartTime": int(each["StartTime"].timestamp() * 1000)}
            for each in world.api.list_application_operations(
                ApplicationName="app", Operation="ApplicationMaintenance"
            )["ApplicationOperationInfoList"]
        )
    ]
    assert began == ["2026-01-02T05:30:00.000Z", "2026-01-01T02:00:00.000Z"]


def test_an_application_that_stands_is_not_restarted() -> None:
    world = World()
    world.create(COPY)
    world.sim.faults.add("maintenance", "app")
    world.sim.advance(days=2)
    assert world.status == "READY"
    assert world.sim.faults.struck("fault-1") == 0


def test_windows_are_those_of_the_region() -> None:
    assert {region: first_window(region) for region in ("us-east-1", "sa-east-1", "eu-west-1")} == {
        "us-east-1": "03:00",
        "sa-east-1": "19:00",
        "eu-west-1": "22:00",
    }
    half_past_four = 16 * HOUR + 30 * MINUTE
    assert next_window("16:30", 3 * DAY) == 3 * DAY + half_past_four
    assert next_window("16:30", 3 * DAY + half_past_four) == 4 * DAY + half_past_four


def test_maintenance_is_of_an_application() -> None:
    with pytest.raises(UsageError):
        World().sim.faults.add("maintenance", "app", code="x")
