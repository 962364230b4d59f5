"""What an application has that its creator did not say (facts/analytics §9, §8).

Flink's own defaults, and that they are filled in when the application is made, were read in the
acceptance tests of the Terraform provider (hashicorp/terraform-provider-aws,
internal/service/kinesisanalyticsv2).
"""

from __future__ import annotations

from typing import Any

from kinesis_sim.account.calls import Request

_DEFAULT = "DEFAULT"
CHECKPOINTS = {
    "ConfigurationType": _DEFAULT,
    "CheckpointingEnabled": True,
    "CheckpointInterval": 60_000,
    "MinPauseBetweenCheckpoints": 5_000,
}
MONITORING = {"ConfigurationType": _DEFAULT, "MetricsLevel": "APPLICATION", "LogLevel": "INFO"}
PARALLELISM = {
    "ConfigurationType": _DEFAULT,
    "Parallelism": 1,
    "ParallelismPerKPU": 1,
    "AutoScalingEnabled": True,
}
_FLINK: dict[str, dict[str, Any]] = {
    "CheckpointConfigurationDescription": CHECKPOINTS,
    "MonitoringConfigurationDescription": MONITORING,
    "ParallelismConfigurationDescription": PARALLELISM,
}


def flink(given: Request) -> Request:
    """The whole of a Flink configuration.

    A part that is DEFAULT has the defaults, whatever it says; a CUSTOM part has what it says, and
    the defaults for the rest.
    """
    made = dict(given)
    for name, default in _FLINK.items():
        part = given.get(name) or {}
        made[name] = default | (part if part.get("ConfigurationType") == "CUSTOM" else {})
    parallelism = made["ParallelismConfigurationDescription"]
    parallelism["CurrentParallelism"] = parallelism["Parallelism"]
    return made
