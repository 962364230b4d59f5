"""kinesisanalytics's operations: the API of 2015, for Kinesis SQL alone.

One application can be met by both APIs, until the newer one changes it: from then on this one
refuses it (``refusals.other_sdk``).
"""

from kinesis_sim.analytics.legacy.operations import (
    add_application_cloud_watch_logging_option,
    add_application_input,
    add_application_input_processing_configuration,
    add_application_output,
    add_application_reference_data_source,
    create_application,
    delete_application,
    delete_application_cloud_watch_logging_option,
    delete_application_input_processing_configuration,
    delete_application_output,
    delete_application_reference_data_source,
    describe_application,
    discover_input_schema,
    list_applications,
    list_tags_for_resource,
    start_application,
    stop_application,
    tag_resource,
    untag_resource,
    update_application,
)

__all__ = [
    "add_application_cloud_watch_logging_option",
    "add_application_input",
    "add_application_input_processing_configuration",
    "add_application_output",
    "add_application_reference_data_source",
    "create_application",
    "delete_application",
    "delete_application_cloud_watch_logging_option",
    "delete_application_input_processing_configuration",
    "delete_application_output",
    "delete_application_reference_data_source",
    "describe_application",
    "discover_input_schema",
    "list_applications",
    "list_tags_for_resource",
    "start_application",
    "stop_application",
    "tag_resource",
    "untag_resource",
    "update_application",
]
