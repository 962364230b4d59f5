"""A day of charges, watched by a random cut forest: what it scores, and what was fraud.

The application gets the charges as a stream would bring them and never sees the labels.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from kinesis_sim.analytics.kinesis_sql.session import KinesisSession
from kinesis_sim.analytics.types.sqltype import DOUBLE, varchar
from kinesis_sim.arguments import said
from kinesis_sim.errors import UsageError
from kinesis_sim.signatures import typed
from kinesis_sim.words import spoken
from kinesis_sim.workloads.events.payments import PATTERNS, fraud_labels, payments

if TYPE_CHECKING:
    import pandas as pd

PER_DAY, TREES, SAMPLE = 3_000, 30, 256
BEGIN = "2024-06-03T00:00:00Z"
AMOUNT = "AMOUNT"
COLUMNS = {"PAYMENT_ID": varchar(16), "CARD_ID": varchar(16), "AMOUNT": DOUBLE, "CITY": varchar(16)}
CODE = """CREATE STREAM "SCORES" (CHARGE VARCHAR(16), SCORE DOUBLE);
CREATE PUMP "FOREST" AS INSERT INTO "SCORES"
  SELECT STREAM CHARGE, ANOMALY_SCORE FROM TABLE(RANDOM_CUT_FOREST(
    CURSOR(SELECT STREAM PAYMENT_ID AS CHARGE, {columns}
           FROM "SOURCE_SQL_STREAM_001"), {trees}, {sample}));"""


@dataclass(frozen=True, slots=True)
class Scored:
    """A charge with what the forest gave it. at: epoch ms; pattern: of its fraud, "" for none."""

    at: int
    payment: str
    amount: float
    score: float
    pattern: str


@dataclass(frozen=True, slots=True)
class WatchedDay:
    """A day's charges with their scores. columns: the SQL of what the forest looked at."""

    columns: str
    charges: tuple[Scored, ...]

    def alarms(self, threshold: float) -> list[Scored]:
        """The charges whose score is at least so high."""
        return [charge for charge in self.charges if charge.score >= threshold]

    @property
    def frauds(self) -> list[Scored]:
        """The charges that were fraud."""
        return [charge for charge in self.charges if charge.pattern]

    @property
    def hardest(self) -> str:
        """The pattern whose best score is the lowest, its words joined by hyphens."""
        best: dict[str, float] = {}
        for charge in self.frauds:
            best[charge.pattern] = max(charge.score, best.get(charge.pattern, 0.0))
        return min(best, key=lambda pattern: best[pattern]).replace(" ", "-")

    def found(self, threshold: float) -> pd.DataFrame:
        """For each pattern of fraud, and for honest charges: how many there were and were told.

        Columns and patterns are named in the language that is spoken.
        """
        import pandas as pd

        words, told = spoken("workloads"), self.alarms(threshold)
        rows = [
            (
                words.say(f"watched.{pattern or 'honest'}"),
                _count(self.charges, pattern),
                _count(told, pattern),
            )
            for pattern in (*PATTERNS, "")
        ]
        columns = [words.say(f"watched.{name}") for name in ("pattern", "charges", "alarms")]
        return pd.DataFrame(rows, columns=columns)


def _count(charges: Iterable[Scored], pattern: str) -> int:
    return sum(charge.pattern == pattern for charge in charges)


@typed
def watch(columns: str = AMOUNT, *, day: int = 0) -> WatchedDay:
    """Score a day of charges. columns: SQL, what the forest looks at; day: which one, from 0.

    Raises SqlError for columns that do not compile, UsageError for what is no text.
    """
    if not isinstance(columns, str) or not columns.strip():
        raise UsageError(f"columns={said(columns)}: give SQL, such as {AMOUNT!r}.")
    return _watched(" ".join(columns.split()), day)


@lru_cache(maxsize=8)
def _watched(columns: str, day: int) -> WatchedDay:
    """The day as one look at it has it; the same question is not scored twice."""
    session = KinesisSession()
    session.declare("SOURCE_SQL_STREAM_001", COLUMNS)
    session.execute(CODE.format(columns=columns, trees=TREES, sample=SAMPLE))
    charged = {}
    for charge in payments(BEGIN, per_day=PER_DAY, seed=day):
        event = charge.event
        name, amount = event["payment_id"], event["amount_brl"]
        charged[name] = (charge.at, amount)
        row = {"PAYMENT_ID": name, "CARD_ID": event["card_id"], "AMOUNT": amount}
        session.put("SOURCE_SQL_STREAM_001", row | {"CITY": event["city"]}, charge.at)
    labels = fraud_labels(BEGIN, per_day=PER_DAY, seed=day)
    scores = ((row["CHARGE"], row["SCORE"]) for row in session.rows("SCORES"))
    return WatchedDay(
        columns,
        tuple(
            Scored(charged[name][0], name, charged[name][1], score, labels.get(name, ""))
            for name, score in scores
        ),
    )
