"""One function per operation of the Firehose API, named as the operation in snake_case.

Each takes the account's FirehoseCatalog and a validated request of plain values (blobs as bytes,
timestamps as epoch ms) and returns the answer in the same form.
"""

from kinesis_sim.firehose.operations.destinations import update_destination
from kinesis_sim.firehose.operations.encryption import (
    start_delivery_stream_encryption,
    stop_delivery_stream_encryption,
)
from kinesis_sim.firehose.operations.labels import (
    list_tags_for_delivery_stream,
    tag_delivery_stream,
    untag_delivery_stream,
)
from kinesis_sim.firehose.operations.lifecycle import (
    create_delivery_stream,
    delete_delivery_stream,
    describe_delivery_stream,
    list_delivery_streams,
)
from kinesis_sim.firehose.operations.records import put_record, put_record_batch

__all__ = [
    "create_delivery_stream",
    "delete_delivery_stream",
    "describe_delivery_stream",
    "list_delivery_streams",
    "list_tags_for_delivery_stream",
    "put_record",
    "put_record_batch",
    "start_delivery_stream_encryption",
    "stop_delivery_stream_encryption",
    "tag_delivery_stream",
    "untag_delivery_stream",
    "update_destination",
]
