"""CloudWatch's operations: one function per API operation, on the account's metrics and alarms."""

from kinesis_sim.account.cloudwatch.measures import (
    get_metric_data,
    get_metric_statistics,
    list_metrics,
)
from kinesis_sim.account.cloudwatch.putting import put_metric_data
from kinesis_sim.account.cloudwatch.watches import (
    delete_alarms,
    describe_alarm_history,
    describe_alarms,
    describe_alarms_for_metric,
    disable_alarm_actions,
    enable_alarm_actions,
    list_tags_for_resource,
    put_metric_alarm,
    set_alarm_state,
    tag_resource,
    untag_resource,
)

__all__ = [
    "delete_alarms",
    "describe_alarm_history",
    "describe_alarms",
    "describe_alarms_for_metric",
    "disable_alarm_actions",
    "enable_alarm_actions",
    "get_metric_data",
    "get_metric_statistics",
    "list_metrics",
    "list_tags_for_resource",
    "put_metric_alarm",
    "put_metric_data",
    "set_alarm_state",
    "tag_resource",
    "untag_resource",
]

ELSEWHERE = frozenset(
    {
        "DeleteAnomalyDetector",
        "DeleteDashboards",
        "DeleteInsightRules",
        "DescribeAnomalyDetectors",
        "DescribeInsightRules",
        "DisableInsightRules",
        "EnableInsightRules",
        "GetDashboard",
        "ListDashboards",
        "PutAnomalyDetector",
        "PutDashboard",
        "PutInsightRule",
    }
)
"""Operations that have nothing to do with what is simulated here; moto answers them. Those that
have (composite alarms, alarms on logs, mute rules) are refused by name instead."""
