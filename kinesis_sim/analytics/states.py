"""The lives of what Managed Service for Apache Flink keeps: applications and their snapshots."""

from __future__ import annotations

from enum import Enum
from typing import Any

from kinesis_sim.states import StateTable


class ApplicationStatus(Enum):
    """The status of an application (botocore kinesisanalyticsv2 ApplicationStatus)."""

    READY = "READY"
    STARTING = "STARTING"
    RUNNING = "RUNNING"
    STOPPING = "STOPPING"
    FORCE_STOPPING = "FORCE_STOPPING"
    UPDATING = "UPDATING"
    AUTOSCALING = "AUTOSCALING"
    ROLLING_BACK = "ROLLING_BACK"
    ROLLED_BACK = "ROLLED_BACK"
    MAINTENANCE = "MAINTENANCE"
    DELETING = "DELETING"


class SnapshotStatus(Enum):
    """The status of a snapshot (botocore kinesisanalyticsv2 SnapshotStatus)."""

    CREATING = "CREATING"
    READY = "READY"
    DELETING = "DELETING"
    FAILED = "FAILED"


_A = ApplicationStatus
_FORCE = {"StopApplication Force": _A.FORCE_STOPPING, "DeleteApplication": _A.DELETING}
APPLICATION = StateTable(
    "application",
    _A.READY,
    {
        _A.READY: {
            "StartApplication": _A.STARTING,
            "UpdateApplication": _A.UPDATING,
            "DeleteApplication": _A.DELETING,
        },
        _A.STARTING: {"started": _A.RUNNING, "failed": _A.READY, **_FORCE},
        _A.RUNNING: {
            "StopApplication": _A.STOPPING,
            "UpdateApplication": _A.UPDATING,
            "RollbackApplication": _A.ROLLING_BACK,
            "the load wants another parallelism": _A.AUTOSCALING,
            "ApplicationMaintenance": _A.MAINTENANCE,
            "failed": _A.READY,
            **_FORCE,
        },
        _A.AUTOSCALING: {
            "scaled": _A.RUNNING,
            "failed": _A.READY,
            "StopApplication Force": _A.FORCE_STOPPING,
        },
        _A.MAINTENANCE: {"maintained": _A.RUNNING, "failed": _A.READY},
        _A.STOPPING: {"stopped": _A.READY, **_FORCE},
        _A.FORCE_STOPPING: {"stopped": _A.READY, "DeleteApplication": _A.DELETING},
        _A.UPDATING: {
            "updated": _A.RUNNING,
            "updated while it stood": _A.READY,
            "RollbackApplication": _A.ROLLING_BACK,
            "failed to update": _A.ROLLING_BACK,
            "failed": _A.READY,
            **_FORCE,
        },
        _A.ROLLING_BACK: {"rolled back": _A.ROLLED_BACK, **_FORCE},
        _A.ROLLED_BACK: {"running again": _A.RUNNING, "failed": _A.READY},
        _A.DELETING: {"deleted": None},
    },
)
SNAPSHOT = StateTable(
    "application_snapshot",
    SnapshotStatus.CREATING,
    {
        SnapshotStatus.CREATING: {"created": SnapshotStatus.READY, "failed": SnapshotStatus.FAILED},
        SnapshotStatus.READY: {"DeleteApplicationSnapshot": SnapshotStatus.DELETING},
        SnapshotStatus.FAILED: {"DeleteApplicationSnapshot": SnapshotStatus.DELETING},
        SnapshotStatus.DELETING: {"deleted": None},
    },
)
TABLES: tuple[StateTable[Any], ...] = (APPLICATION, SNAPSHOT)
"""All tables of this room."""
