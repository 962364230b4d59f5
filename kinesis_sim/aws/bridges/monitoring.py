"""CloudFormation's alarms and log streams, which moto's stacks leave out without a word.

Alarms watch the metrics of streams here; CDK's Firehose streams write to a log stream of their own.
Properties, and what Ref and GetAtt give, are those of AWS::CloudWatch::Alarm and
AWS::Logs::LogStream in CloudFormation's reference.
"""

from __future__ import annotations

from typing import Any

from kinesis_sim.aws.bridges.delivery import ask, asking

ALARM, LOG_STREAM = "AWS::CloudWatch::Alarm", "AWS::Logs::LogStream"
Properties = dict[str, Any]


def put_alarm(name: str, asked: Properties, region: str) -> tuple[str, Properties]:
    """Create an alarm, or change it: its name, and what GetAtt gives."""
    request = {"ActionsEnabled": True, **asked, "AlarmName": str(asked.get("AlarmName") or name)}
    ask("cloudwatch", "PutMetricAlarm", request, region)
    own = request["AlarmName"]
    told = ask("cloudwatch", "DescribeAlarms", {"AlarmNames": [own]}, region)
    return own, {"Arn": told["MetricAlarms"][0]["AlarmArn"]}


def change_alarm(name: str, asked: Properties, region: str) -> None:
    """Change an alarm: what the template leaves out is as by default."""
    put_alarm(name, asked, region)


def delete_alarm(name: str, region: str) -> None:
    """Delete an alarm."""
    ask("cloudwatch", "DeleteAlarms", {"AlarmNames": [name]}, region)


def create_log_stream(name: str, asked: Properties, region: str) -> tuple[str, Properties]:
    """Create a log stream: its name."""
    own = str(asked.get("LogStreamName") or name)
    _logs(region).create_log_stream(asked["LogGroupName"], own)
    return own, {}


def delete_log_stream(name: str, asked: Properties, region: str) -> None:
    """Delete a log stream; nothing where its group is gone."""
    from moto.logs.exceptions import ResourceNotFoundException

    try:
        _logs(region).delete_log_stream(asked["LogGroupName"], name)
    except ResourceNotFoundException:
        return


def _logs(region: str) -> Any:
    from moto.logs.models import logs_backends

    return logs_backends[asking().account][region]
