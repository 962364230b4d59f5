"""kinesisvideo's operations: one function per API operation, on the account's catalog.

Those of the other APIs of the room stand in modules of their own: ``media`` and so on.
"""

from kinesis_sim.video.operations.endpoints import get_data_endpoint
from kinesis_sim.video.operations.settings import (
    delete_edge_configuration,
    describe_edge_configuration,
    describe_image_generation_configuration,
    describe_notification_configuration,
    list_edge_agent_configurations,
    start_edge_configuration_update,
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
    "create_stream",
    "delete_edge_configuration",
    "delete_stream",
    "describe_edge_configuration",
    "describe_image_generation_configuration",
    "describe_notification_configuration",
    "describe_stream",
    "describe_stream_storage_configuration",
    "get_data_endpoint",
    "list_edge_agent_configurations",
    "list_streams",
    "list_tags_for_stream",
    "start_edge_configuration_update",
    "tag_stream",
    "untag_stream",
    "update_data_retention",
    "update_image_generation_configuration",
    "update_notification_configuration",
    "update_stream",
    "update_stream_storage_configuration",
]
