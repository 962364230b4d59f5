"""Lambda as far as it is simulated: event source mappings, and functions to be seen and invoked."""

from __future__ import annotations

from functools import partial
from typing import Any

from kinesis_sim.account.calls import Request
from kinesis_sim.account.service import Service, Surroundings, operations
from kinesis_sim.mappings import operations as api
from kinesis_sim.mappings.catalog import MappingCatalog
from kinesis_sim.mappings.failure import failure_object
from kinesis_sim.mappings.ports import Deliver, MappingPorts


def services(around: Surroundings) -> tuple[Service]:
    """The service of one account; what is not here is moto's.

    A mapping that is not there yet is no resource, nor are lists of them: such calls act on none
    (IAM User Guide, actions, resources and condition keys for AWS Lambda).
    """
    place = f"arn:aws:lambda:{around.region}:{around.account}"

    def function(request: Request) -> str | None:
        found = around.functions.locate(str(request.get("FunctionName")))
        return None if found is None else found[0]

    ports = MappingPorts(
        clock=around.clock,
        events=around.events,
        functions=around.functions,
        kinesis=partial(around.call, "kinesis"),
        rests=around.rests,
        lambda_elsewhere=partial(around.elsewhere, "lambda"),
        deliver=_deliver(around),
        unlock=around.keys.check,
        request_id=around.chance.new_id,
        account=around.account,
        region=around.region,
        on_ms=around.delays["mappings.event_source_mapping"],
        off_ms=around.delays["mappings.event_source_mapping_off"],
    )
    service = Service(
        name="lambda",
        title="AWS Lambda",
        state=MappingCatalog(ports, around.chance.new_id),
        operations=operations(api),
        named_by={
            "EventSourceArn": "{}",
            "Resource": "{}",
            "UUID": f"{place}:event-source-mapping:{{}}",
            "FunctionName": f"{place}:function:{{}}",
        },
        acts_on={
            "CreateEventSourceMapping": lambda request: None,
            "ListEventSourceMappings": lambda request: None,
            **dict.fromkeys(("GetFunction", "GetFunctionConfiguration", "Invoke"), function),
        },
        partial=True,
    )
    return (service,)


def _deliver(around: Surroundings) -> Deliver:
    """The way to failure destinations."""

    def deliver(arn: str, body: str, batch: dict[str, Any], mapping: str) -> None:
        service, name = arn.split(":")[2], arn.rpartition(":")[2]
        if service == "sns":
            around.call("sns", "Publish", {"TopicArn": arn, "Message": body})
        elif service == "s3":
            around.store(name, *failure_object(body, batch, mapping))
        else:
            queue = around.call("sqs", "GetQueueUrl", {"QueueName": name})
            message = {"QueueUrl": queue["QueueUrl"], "MessageBody": body}
            around.call("sqs", "SendMessage", message)

    return deliver
