"""The life of an event source mapping (botocore EventSourceMappingConfiguration.State)."""

from __future__ import annotations

from enum import Enum
from typing import Any

from kinesis_sim.states import StateTable


class MappingState(Enum):
    """The states of a mapping, spelt as Lambda spells them."""

    CREATING = "Creating"
    ENABLING = "Enabling"
    ENABLED = "Enabled"
    DISABLING = "Disabling"
    DISABLED = "Disabled"
    UPDATING = "Updating"
    DELETING = "Deleting"


MAPPING = StateTable(
    "mapping",
    MappingState.CREATING,
    {
        MappingState.CREATING: {
            "enabled": MappingState.ENABLED,
            "disabled": MappingState.DISABLED,
        },
        MappingState.ENABLING: {"enabled": MappingState.ENABLED},
        MappingState.ENABLED: {
            "disable": MappingState.DISABLING,
            "change": MappingState.UPDATING,
            "DeleteEventSourceMapping": MappingState.DELETING,
        },
        MappingState.UPDATING: {
            "enabled": MappingState.ENABLED,
            "disabled": MappingState.DISABLED,
        },
        MappingState.DISABLING: {"disabled": MappingState.DISABLED},
        MappingState.DISABLED: {
            "enable": MappingState.ENABLING,
            "change": MappingState.UPDATING,
            "DeleteEventSourceMapping": MappingState.DELETING,
        },
        MappingState.DELETING: {"deleted": None},
    },
)
TABLES: tuple[StateTable[Any], ...] = (MAPPING,)
"""All tables of this room."""
