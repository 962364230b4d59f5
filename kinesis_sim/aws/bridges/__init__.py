"""What services that moto answers send to data streams and Firehose streams: it reaches ours.

moto would write it into streams of its own, where nobody reads. The few places where it does so are
replaced here, a file each; a joint that has no file is refused by name (``joints.toml``).
"""

from __future__ import annotations

from functools import cache


@cache
def build() -> None:
    """Have moto's CloudWatch Logs, DynamoDB, EventBridge and SNS deliver to our streams.

    And its SQS take messages as fast when many wait, and its CloudFormation read templates as data,
    whoever imports it.
    """
    from kinesis_sim.aws.bridges import (
        borders,
        documents,
        events,
        logs,
        notifications,
        queues,
        tables,
    )

    documents.build()
    logs.build()
    events.build()
    notifications.build()
    tables.build()
    queues.build()
    borders.build()


@cache
def build_stacks() -> None:
    """Have moto's CloudFormation make our streams; importing it takes seconds."""
    from kinesis_sim.aws.bridges import stacks

    stacks.build()


__all__ = ["build", "build_stacks"]
