"""Pedala's ride counter: an application of Managed Service for Apache Flink, to be crashed.

It reads the stream ``rides``, counts by ten seconds of event time, and writes each count twice: to
the stream ``live`` and as files, ``books``.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kinesis_sim.analytics.on_clock.flink_job import FlinkJob
from kinesis_sim.errors import UsageError
from kinesis_sim.instants import SECOND, to_ms
from kinesis_sim.signatures import typed
from kinesis_sim.simulator import Simulator
from kinesis_sim.streams import sequence
from kinesis_sim.workloads.scenes.tunnels import said

APPLICATION = "ride-counter"
STREAMS = ("rides", "live", "books")
SPAN_S = 10
"""Seconds that a window has."""
WAIT_S = 1
"""Seconds that the watermark waits."""
RIDES = """CREATE TABLE rides (bike STRING, ended TIMESTAMP(3),
  WATERMARK FOR ended AS ended - INTERVAL '1' SECOND)
WITH ('connector' = 'kinesis', 'stream' = 'rides', 'format' = 'json',
  'scan.stream.initpos' = 'TRIM_HORIZON');
"""
COUNTED = """SELECT window_start, COUNT(*)
FROM TABLE(TUMBLE(TABLE rides, DESCRIPTOR(ended), INTERVAL '10' SECOND))
GROUP BY window_start, window_end;
"""
_SINK = {
    "stream": "'connector' = 'kinesis', 'stream' = '{name}', 'format' = 'json'",
    "files": "'connector' = 'filesystem', 'format' = 'json',\n  'path' = 's3://pedala-{name}/'",
}


def script_for(live: str = "stream", books: str = "files", start: str = "TRIM_HORIZON") -> str:
    """The counter's script. live, books: where its counts go, "stream" or "files"."""
    kinds = {"live": live, "books": books}
    tables = [
        f"CREATE TABLE {name} (t TIMESTAMP(3), n BIGINT)\nWITH ({_SINK[kind].format(name=name)});\n"
        for name, kind in kinds.items()
    ]
    inserts = [f"INSERT INTO {name} {COUNTED}" for name in kinds]
    return "".join([RIDES.replace("TRIM_HORIZON", start), *tables, *inserts])


SCRIPT = script_for()
ROLE = "role/ride-counter"


def _read(positions: Mapping[str, Any]) -> int:
    """The rides that a position lies behind."""
    return sum(
        0 if place["after"] is None else sequence.parse(place["after"]).index
        for place in positions.get("rides", {}).values()
    )


@dataclass(frozen=True, slots=True)
class Second:
    """What was seen at an instant (epoch ms).

    put: rides in the stream; read: those that the job has counted in, None while none runs; state:
    windows that it keeps open; checkpoint: when the last one was taken, and the rides counted in
    that it kept; live, books: the windows whose counts stand there, as they came.
    """

    at: int
    put: int
    read: int | None
    state: int
    checkpoint: int | None
    kept: int | None
    live: tuple[str, ...]
    books: tuple[str, ...]


class RideJob:
    """The application, its streams, and a ride every second while time is played.

    checkpoint_s: between two checkpoints; snapshots: whether AWS takes one at each update and stop;
    parallelism, per_kpu: see facts/analytics/9/allocation. put: rides so far; seconds: what was
    seen after each second; notes: what was done to the job, and when (epoch ms). Raises UsageError
    where another one runs already.
    """

    @typed
    def __init__(
        self,
        sim: Simulator,
        *,
        script: str = SCRIPT,
        checkpoint_s: float = 60,
        snapshots: bool = True,
        parallelism: int = 1,
        per_kpu: int = 1,
    ) -> None:
        if taken := [name for name in STREAMS if name in sim.streams.streams]:
            raise UsageError(f"There is a stream {taken[0]!r} already: give it a new Simulator.")
        if APPLICATION in sim.analytics.applications.applications:
            raise UsageError(
                f"There is an application {APPLICATION!r} already: give it a new Simulator."
            )
        self.sim, self._kinesis = sim, sim.client("kinesis")
        self.api = sim.client("kinesisanalyticsv2")
        for name in STREAMS:
            self._kinesis.create_stream(StreamName=name, ShardCount=1)
        for name in re.findall(r"'s3://([^/']+)", self._own(script)):
            sim.buckets.create(name)
        sim.advance(minutes=1)
        self.put = 0
        self.seconds: list[Second] = []
        self.notes: list[tuple[int, str]] = []
        self._riding = False
        self._jobs: list[FlinkJob] = []
        self.api.create_application(
            ApplicationName=APPLICATION,
            RuntimeEnvironment="FLINK-1_20",
            ServiceExecutionRole=f"arn:aws:iam::{sim.account}:{ROLE}",
            ApplicationConfiguration={
                "ApplicationCodeConfiguration": {
                    "CodeContentType": "PLAINTEXT",
                    "CodeContent": {"TextContent": self._own(script)},
                },
                "ApplicationSnapshotConfiguration": {"SnapshotsEnabled": snapshots},
                "FlinkApplicationConfiguration": {
                    "CheckpointConfiguration": {
                        "ConfigurationType": "CUSTOM",
                        "CheckpointingEnabled": True,
                        "CheckpointInterval": round(checkpoint_s * 1_000),
                        "MinPauseBetweenCheckpoints": 0,
                    },
                    "ParallelismConfiguration": {
                        "ConfigurationType": "CUSTOM",
                        "Parallelism": parallelism,
                        "ParallelismPerKPU": per_kpu,
                    },
                },
            },
        )
        self.start()
        self._riding, self.notes = True, []

    # --- life -----------------------------------------------------------------------------------

    @property
    def status(self) -> str:
        """The application's status."""
        return self.sim.analytics.applications[APPLICATION].status

    @property
    def parallelism(self) -> int:
        """Its Parallelism now."""
        told = self.api.describe_application(ApplicationName=APPLICATION)["ApplicationDetail"]
        part = told["ApplicationConfigurationDescription"]
        flink = part["FlinkApplicationConfigurationDescription"]
        return int(flink["ParallelismConfigurationDescription"]["Parallelism"])

    @property
    def job(self) -> FlinkJob | None:
        """The job that runs; None while none does."""
        code = self.sim.analytics.applications[APPLICATION].running
        found = getattr(code, "job", None)
        return found if isinstance(found, FlinkJob) else None

    def _own(self, script: str) -> str:
        """A script with buckets of its account: their names are one space for all accounts."""
        return script.replace("'s3://pedala-", f"'s3://pedala-{self.sim.account}-")

    def start(self, **run: Any) -> None:
        """StartApplication, and wait until that is over."""
        self._note("start")
        self.api.start_application(ApplicationName=APPLICATION, RunConfiguration=run)
        self._settled()

    def stop(self, *, force: bool = False) -> None:
        """StopApplication, and wait."""
        self._note("force" if force else "stop")
        self.api.stop_application(ApplicationName=APPLICATION, Force=force)
        self._settled()

    def crash(self) -> None:
        """Lose the machine that the job runs on: it goes on from its last checkpoint.

        Raises UsageError while no job runs.
        """
        if self.job is None:
            raise UsageError(f"{APPLICATION} is {self.status}: there is no job to crash.")
        self._note("crash")
        self.job.fail("The task manager was lost.")
        self._look()

    def update(
        self, script: str | None = None, *, drop_state: bool = False, **parallel: int
    ) -> None:
        """UpdateApplication with another script, or Parallelism and ParallelismPerKPU; and wait."""
        update: dict[str, Any] = {}
        if script is not None:
            code = {"CodeContentUpdate": {"TextContentUpdate": self._own(script)}}
            update["ApplicationCodeConfigurationUpdate"] = code
        if parallel:
            members = {f"{name}Update": value for name, value in parallel.items()}
            update["FlinkApplicationConfigurationUpdate"] = {
                "ParallelismConfigurationUpdate": {"ConfigurationTypeUpdate": "CUSTOM", **members}
            }
        self._change(update, drop_state)

    def snapshots(self, enabled: bool) -> None:
        """Switch AWS's own snapshots on or off, and wait."""
        self._change(
            {"ApplicationSnapshotConfigurationUpdate": {"SnapshotsEnabledUpdate": enabled}}, False
        )

    def _note(self, what: str) -> None:
        self.notes.append((self.sim.clock.now, what))

    def _change(self, update: dict[str, Any], drop_state: bool) -> None:
        self._note("update")
        told = self.api.describe_application(ApplicationName=APPLICATION)["ApplicationDetail"]
        self.api.update_application(
            ApplicationName=APPLICATION,
            CurrentApplicationVersionId=told["ApplicationVersionId"],
            ApplicationConfigurationUpdate=update,
            RunConfigurationUpdate={"FlinkRunConfiguration": {"AllowNonRestoredState": drop_state}},
        )
        self._settled()

    def _settled(self) -> None:
        """Wait until the application stands or runs; rides go on meanwhile."""
        for _ in range(120):
            self._second()
            if self.status in ("READY", "RUNNING"):
                break
        if self.job is not None and self.job not in self._jobs:
            self._jobs.append(self.job)

    # --- rides and counts -----------------------------------------------------------------------

    def play(self, seconds: int) -> None:
        """A ride ends every second and is reported at once."""
        for _ in range(seconds):
            self._second()

    def _second(self) -> None:
        if self._riding:
            ride = {"bike": f"bike-{self.put % 40:04d}", "ended": said(self.sim.clock.now)}
            self._kinesis.put_record(
                StreamName="rides", PartitionKey=ride["bike"], Data=json.dumps(ride).encode()
            )
            self.put += 1
        self.sim.advance(seconds=1)
        if self._riding:
            self._look()

    def _look(self) -> None:
        """Keep what there is to be seen now."""
        job, read, state = self.job, None, 0
        checkpoint, kept = None, None
        if job is not None and job.checkpoints:
            checkpoint, snapshot = job.checkpoints[-1]
            kept = _read(snapshot.positions)
        if job is not None:
            read = _read(job.positions)
            state = job.sizes().get("1.3 window", 0)
        self.seconds.append(
            Second(
                at=self.sim.clock.now,
                put=self.put,
                read=read,
                state=state,
                checkpoint=checkpoint,
                kept=kept,
                live=tuple(row["t"] for row in self.rows("live")),
                books=tuple(row["t"] for row in self.rows("books")),
            )
        )

    def rows(self, table: str) -> list[dict[str, Any]]:
        """The counts that stand in ``live`` or ``books``, as they came.

        In files they stand once a checkpoint has committed them.
        """
        running = [] if self.job is None or self.job in self._jobs else [self.job]
        jobs = [job for job in (*self._jobs, *running) if table in job.sinks]
        return [row for job in jobs for row in job.rows(table)]

    # --- what is measured -----------------------------------------------------------------------

    def twice(self, table: str) -> int:
        """How many counts stand more than once in ``live`` or ``books``."""
        return sum(times > 1 for times in Counter(row["t"] for row in self.rows(table)).values())

    def longest_wait(self, table: str) -> int:
        """The longest that a count waited from its making to its first standing there (s).

        It is made with the first ride that moves the watermark past its window's end; one that does
        not stand there yet has waited until now.
        """
        waits, known = [0], 0
        seen: set[str] = set()
        for second in self.seconds:
            windows: tuple[str, ...] = getattr(second, table)
            for window in windows[known:]:
                if window not in seen:
                    waits.append((second.at - self._made(window)) // SECOND)
                    seen.add(window)
            known = len(windows)
        last = self.seconds[-1]
        waits += [(last.at - self._made(w)) // SECOND for w in {*last.live, *last.books} - seen]
        return max(waits)

    def _made(self, window: str) -> int:
        """When a window's count could be made at the earliest (epoch ms)."""
        start = to_ms(window.replace(" ", "T") + "Z")
        return start + (SPAN_S + WAIT_S) * SECOND

    def kpu_hours(self) -> float:
        """KPU-hours on the bill so far."""
        lines = self.sim.bill().rows
        return float(sum(line.quantity for line in lines if line.item == "analytics.kpu_hour"))
