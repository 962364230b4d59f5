"""kinesisvideo's operations: one function per API operation, on the account's catalog.

Those of the other APIs of the room stand in modules of their own: ``media`` and so on.
"""

from kinesis_sim.video.operations.channels import (
    create_signaling_channel,
    delete_signaling_channel,
    describe_signaling_channel,
    get_signaling_channel_endpoint,
    list_signaling_channels,
    list_tags_for_resource,
    tag_resource,
    untag_resource,
    update_signaling_channel,
)
from kinesis_sim.video.operations.edge import (
    delete_edge_configuration,
    describe_edge_configuration,
    list_edge_agent_configurations,
    start_edge_configuration_update,
)
from kinesis_sim.video.operations.endpoints import get_data_endpoint
from kinesis_sim.video.operations.media_storage import (
    describe_mapped_resource_configuration,
    describe_media_storage_configuration,
    update_media_storage_configuration,
)
from kinesis_sim.video.operations.settings import (
    describe_image_generation_configuration,
    describe_notification_configuration,
    update_image_generation_configuration,
    update_notification_configuration,
)
from kinesis_sim.video.operations.streams import (
    create_stream,
    delete_stream,
    describe_stream,
    describe_stream_storage_configuration,
    list_streams,
    update_data_retention,
    update_stream,
    update_stream_storage_configuration,
)
from kinesis_sim.video.operations.tags import list_tags_for_stream, tag_stream, untag_stream

__all__ = [
    "create_signaling_channel",
    "create_stream",
    "delete_edge_configuration",
    "delete_signaling_channel",
    "delete_stream",
    "describe_edge_configuration",
    "describe_image_generation_configuration",
    "describe_mapped_resource_configuration",
    "describe_media_storage_configuration",
    "describe_notification_configuration",
    "describe_signaling_channel",
    "describe_stream",
    "describe_stream_storage_configuration",
    "get_data_endpoint",
    "get_signaling_channel_endpoint",
    "list_edge_agent_configurations",
    "list_signaling_channels",
    "list_streams",
    "list_tags_for_resource",
    "list_tags_for_stream",
    "start_edge_configuration_update",
    "tag_resource",
    "tag_stream",
    "untag_resource",
    "untag_stream",
    "update_data_retention",
    "update_image_generation_configuration",
    "update_media_storage_configuration",
    "update_notification_configuration",
    "update_signaling_channel",
    "update_stream",
    "update_stream_storage_configuration",
]
