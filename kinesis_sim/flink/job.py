"""The lines of a job: what the Java process is to do with each statement."""

from __future__ import annotations

from base64 import b64encode
from typing import NamedTuple


class JobStep(NamedTuple):
    """One line. verb: set, execute, explain, collect, add or start; label: whose rows they are."""

    verb: str
    label: str
    sql: str = ""


def written(steps: list[JobStep]) -> str:
    """The lines of a job's file."""
    return "".join(
        f"{verb}\t{label}\t{b64encode(sql.encode()).decode()}\n" for verb, label, sql in steps
    )
