"""The lives of what Firehose keeps: delivery streams, and their server-side encryption."""

from __future__ import annotations

from enum import Enum
from typing import Any

from kinesis_sim.states import StateTable


class DeliveryStreamStatus(Enum):
    """The status of a Firehose stream (botocore DeliveryStreamStatus)."""

    CREATING = "CREATING"
    CREATING_FAILED = "CREATING_FAILED"
    ACTIVE = "ACTIVE"
    DELETING = "DELETING"
    DELETING_FAILED = "DELETING_FAILED"


class EncryptionStatus(Enum):
    """The status of its encryption (botocore DeliveryStreamEncryptionStatus)."""

    DISABLED = "DISABLED"
    ENABLING = "ENABLING"
    ENABLED = "ENABLED"
    ENABLING_FAILED = "ENABLING_FAILED"
    DISABLING = "DISABLING"
    DISABLING_FAILED = "DISABLING_FAILED"


DELIVERY_STREAM = StateTable(
    "delivery stream",
    DeliveryStreamStatus.CREATING,
    {
        DeliveryStreamStatus.CREATING: {
            "created": DeliveryStreamStatus.ACTIVE,
            "key refused": DeliveryStreamStatus.CREATING_FAILED,
        },
        DeliveryStreamStatus.ACTIVE: {"DeleteDeliveryStream": DeliveryStreamStatus.DELETING},
        DeliveryStreamStatus.CREATING_FAILED: {
            "DeleteDeliveryStream": DeliveryStreamStatus.DELETING
        },
        DeliveryStreamStatus.DELETING: {"deleted": None},
    },
    {DeliveryStreamStatus.DELETING_FAILED: "the KMS grant of the model is always retired"},
)
ENCRYPTION = StateTable(
    "encryption",
    EncryptionStatus.DISABLED,
    {
        EncryptionStatus.DISABLED: {
            "StartDeliveryStreamEncryption": EncryptionStatus.ENABLING,
            "StopDeliveryStreamEncryption": EncryptionStatus.DISABLING,
        },
        EncryptionStatus.ENABLING: {
            "key granted": EncryptionStatus.ENABLED,
            "key refused": EncryptionStatus.ENABLING_FAILED,
        },
        EncryptionStatus.ENABLED: {
            "StartDeliveryStreamEncryption": EncryptionStatus.ENABLING,
            "StopDeliveryStreamEncryption": EncryptionStatus.DISABLING,
        },
        EncryptionStatus.ENABLING_FAILED: {
            "StartDeliveryStreamEncryption": EncryptionStatus.ENABLING,
            "StopDeliveryStreamEncryption": EncryptionStatus.DISABLING,
        },
        EncryptionStatus.DISABLING: {"stopped": EncryptionStatus.DISABLED},
    },
    {EncryptionStatus.DISABLING_FAILED: "the KMS grant of the model is always retired"},
)
TABLES: tuple[StateTable[Any], ...] = (DELIVERY_STREAM, ENCRYPTION)
"""All tables of this room."""
