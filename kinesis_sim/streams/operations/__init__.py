"""One function per operation of the Kinesis Data Streams API, named as the operation in snake_case.

Each takes the account's StreamCatalog and a validated request of plain values (blobs as bytes,
timestamps
as epoch ms) and returns the answer in the same form. Nothing is validated here that botocore's
model says.
"""

from kinesis_sim.streams.operations.channels import (
    create_channel,
    delete_channel,
    describe_channel,
    list_channels,
    update_channel,
)
from kinesis_sim.streams.operations.consumers import (
    deregister_stream_consumer,
    describe_stream_consumer,
    list_stream_consumers,
    register_stream_consumer,
    subscribe_to_shard,
)
from kinesis_sim.streams.operations.labels import (
    add_tags_to_stream,
    list_tags_for_resource,
    list_tags_for_stream,
    remove_tags_from_stream,
    tag_resource,
    untag_resource,
)
from kinesis_sim.streams.operations.lifecycle import (
    create_stream,
    delete_stream,
    describe_limits,
    describe_stream,
    describe_stream_summary,
    list_streams,
)
from kinesis_sim.streams.operations.policies import (
    delete_resource_policy,
    get_resource_policy,
    put_resource_policy,
)
from kinesis_sim.streams.operations.queues import (
    acknowledge_dead_letter_queue_records,
    acknowledge_queue_records,
    create_queue,
    delete_queue,
    describe_queue,
    list_queues,
    receive_dead_letter_queue_records,
    receive_queue_records,
    restore_dead_letter_queue_records,
    update_dead_letter_queue_records_visibility,
    update_queue,
    update_queue_records_visibility,
)
from kinesis_sim.streams.operations.records import (
    get_records,
    get_shard_iterator,
    put_record,
    put_records,
)
from kinesis_sim.streams.operations.settings import (
    decrease_stream_retention_period,
    describe_account_settings,
    disable_enhanced_monitoring,
    enable_enhanced_monitoring,
    increase_stream_retention_period,
    start_stream_encryption,
    stop_stream_encryption,
    update_account_settings,
    update_max_record_size,
    update_stream_mode,
    update_stream_record_distribution_strategy,
    update_stream_warm_throughput,
)
from kinesis_sim.streams.operations.shards import (
    list_shards,
    merge_shards,
    split_shard,
    update_shard_count,
)

__all__ = [
    "acknowledge_dead_letter_queue_records",
    "acknowledge_queue_records",
    "add_tags_to_stream",
    "create_channel",
    "create_queue",
    "create_stream",
    "decrease_stream_retention_period",
    "delete_channel",
    "delete_queue",
    "delete_resource_policy",
    "delete_stream",
    "deregister_stream_consumer",
    "describe_account_settings",
    "describe_channel",
    "describe_limits",
    "describe_queue",
    "describe_stream",
    "describe_stream_consumer",
    "describe_stream_summary",
    "disable_enhanced_monitoring",
    "enable_enhanced_monitoring",
    "get_records",
    "get_resource_policy",
    "get_shard_iterator",
    "increase_stream_retention_period",
    "list_channels",
    "list_queues",
    "list_shards",
    "list_stream_consumers",
    "list_streams",
    "list_tags_for_resource",
    "list_tags_for_stream",
    "merge_shards",
    "put_record",
    "put_records",
    "put_resource_policy",
    "receive_dead_letter_queue_records",
    "receive_queue_records",
    "register_stream_consumer",
    "remove_tags_from_stream",
    "restore_dead_letter_queue_records",
    "split_shard",
    "start_stream_encryption",
    "stop_stream_encryption",
    "subscribe_to_shard",
    "tag_resource",
    "untag_resource",
    "update_account_settings",
    "update_channel",
    "update_dead_letter_queue_records_visibility",
    "update_max_record_size",
    "update_queue",
    "update_queue_records_visibility",
    "update_shard_count",
    "update_stream_mode",
    "update_stream_record_distribution_strategy",
    "update_stream_warm_throughput",
]
