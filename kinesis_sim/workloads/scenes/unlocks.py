"""Unlocks of docked bikes in a stream, and an application of Kinesis SQL that counts them.

Each bike says when it was unlocked; its row comes when the network lets it. The four rows of
``FOUR`` are those of AWS's guide on stagger windows (facts/analytics §7), as unlocks.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from kinesis_sim.analytics.kinesis_sql.mapping import MappedColumn, RecordSchema
from kinesis_sim.analytics.kinesis_sql.session import KinesisSession
from kinesis_sim.analytics.types.jsonpath import JsonPath
from kinesis_sim.analytics.types.sqltype import TIMESTAMP, varchar
from kinesis_sim.instants import DAY as DAY_MS
from kinesis_sim.instants import SECOND, to_datetime, to_ms
from kinesis_sim.signatures import typed
from kinesis_sim.simulator import Simulator

if TYPE_CHECKING:
    import pandas as pd

STREAM, STATION, SOURCE = "pedala-unlocks", "station-9", "SOURCE_SQL_STREAM_001"
COLUMNS = {"STATION": varchar(16), "UNLOCKED": TIMESTAMP}
FOUR = (
    ("11:00:20", "11:00:10"),
    ("11:00:30", "11:00:20"),
    ("11:01:05", "11:00:55"),
    ("11:01:15", "11:01:05"),
)
"""(When the row comes, when the bike was unlocked)."""
THREE_WINDOWS = f"""
CREATE STREAM "STEPS" (STATION VARCHAR(16), MINUTE_OF TIMESTAMP, N INTEGER);
CREATE PUMP "TUMBLING" AS INSERT INTO "STEPS"
  SELECT STREAM STATION, FLOOR(UNLOCKED TO MINUTE), COUNT(*) FROM "{SOURCE}" AS s
  GROUP BY STATION, FLOOR(UNLOCKED TO MINUTE), STEP(s.ROWTIME BY INTERVAL '60' SECOND);
CREATE STREAM "AGES" (STATION VARCHAR(16), MINUTE_OF TIMESTAMP, N INTEGER);
CREATE PUMP "STAGGER" AS INSERT INTO "AGES"
  SELECT STREAM STATION, FLOOR(UNLOCKED TO MINUTE), COUNT(*) FROM "{SOURCE}"
  WINDOWED BY STAGGER (
    PARTITION BY STATION, FLOOR(UNLOCKED TO MINUTE) RANGE INTERVAL '60' SECOND);
CREATE STREAM "FRAMES" (STATION VARCHAR(16), N INTEGER);
CREATE PUMP "SLIDING" AS INSERT INTO "FRAMES"
  SELECT STREAM STATION, COUNT(*) OVER LAST_MINUTE FROM "{SOURCE}"
  WINDOW LAST_MINUTE AS (PARTITION BY STATION RANGE INTERVAL '60' SECOND PRECEDING);
"""


@typed
def counted(sim: Simulator, code: str) -> KinesisSession:
    """An application's code over the four rows of the guide, each at its time, and a day more.

    Raises SqlError for code that does not compile.
    """
    session = sim.analytics.kinesis_sql()
    session.declare(SOURCE, COLUMNS)
    session.execute(code)
    day = f"{to_datetime(sim.clock.now):%Y-%m-%d}"
    for comes, unlocked in FOUR:
        row = {"STATION": STATION, "UNLOCKED": f"{day} {unlocked}"}
        session.put(SOURCE, row, to_ms(f"{day}T{comes}Z"))
    session.tick(session.clock + DAY_MS)
    return session


@typed
def told(session: KinesisSession, stream: str) -> pd.DataFrame:
    """The rows of an in-application stream, times as those of the day."""
    import pandas as pd

    return pd.DataFrame(
        {name: _time(value) for name, value in row.items()} for row in session.rows(stream)
    )


def _time(value: Any) -> Any:
    """11:00:20 of "2024-06-03 11:00:20.000"; what is no instant as it is."""
    if isinstance(value, str) and value[10:11] == " " and value.endswith(".000"):
        return value[11:19]
    return value


class Unlocks:
    """A stream of unlocks, and an application with a pump for each kind of window.

    session: the application's SQL. The four rows of the guide are in it; the clock stands after
    them.
    """

    @typed
    def __init__(self, sim: Simulator, code: str = THREE_WINDOWS) -> None:
        self.sim, self.stream = sim, STREAM
        self._kinesis = sim.client("kinesis")
        self._kinesis.create_stream(StreamName=STREAM, ShardCount=1)
        sim.advance(seconds=30)
        paths = {"STATION": "$.station", "UNLOCKED": "$.unlocked"}
        schema = RecordSchema(
            [MappedColumn(name, kind, JsonPath(paths[name])) for name, kind in COLUMNS.items()]
        )
        self.job = sim.analytics.application(code, STREAM, schema, {})
        self.session = self.job.session

    def put(self, unlocked: int | None = None, station: str = STATION) -> None:
        """Put an unlock's row now. unlocked: when the bike was (epoch ms); now unless given."""
        at = self.sim.clock.now if unlocked is None else unlocked
        data = {"station": station, "unlocked": f"{to_datetime(at):%Y-%m-%d %H:%M:%S}"}
        self._kinesis.put_record(
            StreamName=STREAM, PartitionKey=station, Data=json.dumps(data).encode()
        )

    def four(self) -> None:
        """Let the four rows come at their times, and half a minute pass."""
        day = f"{to_datetime(self.sim.clock.now):%Y-%m-%d}"
        for comes, unlocked in FOUR:
            self.sim.run_until(f"{day}T{comes}Z")
            self.put(to_ms(f"{day}T{unlocked}Z"))
        self.sim.advance(seconds=15)

    def late(self, seconds: int) -> None:
        """Put the row of a bike that was unlocked so many seconds ago."""
        self.put(self.sim.clock.now - seconds * SECOND)

    def discovered(self) -> pd.DataFrame:
        """What DiscoverInputSchema makes of the stream's records: name, type and path."""
        import pandas as pd

        answer = self.sim.client("kinesisanalyticsv2").discover_input_schema(
            ResourceARN=self.sim.streams[STREAM].arn,
            ServiceExecutionRole=f"arn:aws:iam::{self.sim.account}:role/analytics",
            InputStartingPositionConfiguration={"InputStartingPosition": "TRIM_HORIZON"},
        )
        return pd.DataFrame(answer["InputSchema"]["RecordColumns"])
