"""The life of a CloudWatch alarm: its state follows its last data points, or SetAlarmState."""

from __future__ import annotations

from enum import Enum
from typing import Any

from kinesis_sim.states import StateTable


class AlarmState(Enum):
    """The state of an alarm (botocore StateValue)."""

    OK = "OK"
    ALARM = "ALARM"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"


ALARM = StateTable(
    "alarm",
    AlarmState.INSUFFICIENT_DATA,
    {
        AlarmState.OK: {
            "enough breach": AlarmState.ALARM,
            "data missing": AlarmState.INSUFFICIENT_DATA,
        },
        AlarmState.INSUFFICIENT_DATA: {
            "too few breach": AlarmState.OK,
            "enough breach": AlarmState.ALARM,
        },
        AlarmState.ALARM: {
            "too few breach": AlarmState.OK,
            "data missing": AlarmState.INSUFFICIENT_DATA,
        },
    },
)
TABLES: tuple[StateTable[Any], ...] = (ALARM,)
"""All tables of this room."""
