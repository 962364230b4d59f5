"""CloudWatch as one service."""

from __future__ import annotations

from kinesis_sim.account.alarms import Alarms
from kinesis_sim.account.cloudwatch import operations as api
from kinesis_sim.account.cloudwatch.putting import put_back
from kinesis_sim.account.cloudwatch.room import CloudWatch
from kinesis_sim.account.service import Service, Surroundings, operations


def services(around: Surroundings) -> tuple[Service]:
    """The service of one account."""

    def publish(topic: str, subject: str, message: str) -> None:
        request = {"TopicArn": topic, "Subject": subject, "Message": message}
        around.call("sns", "Publish", request)

    alarms = Alarms(
        clock=around.clock,
        events=around.events,
        metrics=around.metrics,
        functions=around.functions,
        publish=publish,
        account=around.account,
        region=around.region,
        region_title=around.port("cloudwatch"),
    )
    alarm_arn = f"arn:aws:cloudwatch:{around.region}:{around.account}:alarm:{{}}"
    service = Service(
        name="cloudwatch",
        title="Amazon CloudWatch",
        state=CloudWatch(around.clock, around.metrics, alarms, around.account, around.events),
        operations=operations(api),
        named_by={"AlarmName": alarm_arn, "ResourceARN": "{}"},
        elsewhere=api.ELSEWHERE,
        put_back=put_back,
    )
    return (service,)
