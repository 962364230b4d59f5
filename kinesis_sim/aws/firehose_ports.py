"""What only Firehose needs of outside: Glue's tables, CloudWatch Logs, and its destinations."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from kinesis_sim.account.calls import Request
from kinesis_sim.account.storage import Undelivered
from kinesis_sim.aws.jq_process import Child
from kinesis_sim.errors import UsageError
from kinesis_sim.firehose.outcome import Destination
from kinesis_sim.firehose.ports import Outlets
from kinesis_sim.firehose.settings import DestinationSettings

if TYPE_CHECKING:
    from kinesis_sim.firehose.destinations.links import Links
    from kinesis_sim.simulator import Simulator


def port(sim: Simulator) -> Outlets:
    """The ports of one simulator."""
    return Outlets(
        schemas=lambda configuration: _table(sim, configuration),
        adapters=lambda settings, arn: _adapter(sim, settings, arn),
        copies=lambda settings, arn: _copies(sim, settings, arn),
        engines=lambda arn: _engine(sim, arn),
        log=lambda group, stream, at, message: _log(sim, group, stream, at, message),
        errand=sim.errands.run,
        jq=Child().evaluate,
    )


def _table(sim: Simulator, configuration: Request) -> Request:
    """A Glue table as SchemaConfiguration names it. Raises Undelivered when it is not there."""
    from botocore.exceptions import ClientError

    glue = sim.clients.kept("glue")
    database, name = configuration["DatabaseName"], configuration["TableName"]
    version = configuration.get("VersionId", "LATEST")
    try:
        if version == "LATEST":
            table: Request = glue.get_table(DatabaseName=database, Name=name)["Table"]
            return table
        answer = glue.get_table_version(DatabaseName=database, TableName=name, VersionId=version)
        table = answer["TableVersion"]["Table"]
    except ClientError as error:
        told = error.response["Error"]
        code = f"DataFormatConversion.{told['Code'].removesuffix('Exception')}"
        raise Undelivered(code, told.get("Message", str(error))) from None
    return table


def _engine(sim: Simulator, arn: str) -> str | None:
    """The engine of a domain of moto's; None when it is not there.

    moto answers OpenSearch Service's API for a domain made by Elasticsearch's as if it had no
    version of its own, so the older API is asked first.
    """
    from botocore.exceptions import ClientError

    name = {"DomainName": arn.rpartition("/")[2]}
    try:
        older = sim.client("es").describe_elasticsearch_domain(**name)["DomainStatus"]
        newer = sim.client("opensearch").describe_domain(**name)["DomainStatus"]
    except ClientError:
        return None
    version = older.get("ElasticsearchVersion")
    return f"Elasticsearch_{version}" if version else str(newer["EngineVersion"])


def glue_table(sim: Simulator, database: str, name: str) -> Request | None:
    """A table of moto's Glue; None when there is none."""
    from botocore.exceptions import ClientError

    try:
        table: Request = sim.clients.kept("glue").get_table(DatabaseName=database, Name=name)[
            "Table"
        ]
    except ClientError:
        return None
    return table


def _adapter(sim: Simulator, settings: DestinationSettings, arn: str) -> Destination:
    """The adapter of a destination that is not staged, and not S3."""
    make = settings.kind.adapter
    if make is None:
        raise UsageError(f"There is no adapter for {settings.kind.title}.")
    return _may_be_out(sim, settings, arn, make(settings, _links(sim, arn)))


def _may_be_out(
    sim: Simulator, settings: DestinationSettings, arn: str, found: Destination
) -> Destination:
    from kinesis_sim.firehose.destinations.outage import MayBeOut

    kind = settings.kind

    def is_out() -> bool:
        return sim.faults.strike("destination", arn, kind.name) is not None

    return MayBeOut(found, is_out, kind.down)


def _copies(
    sim: Simulator, settings: DestinationSettings, arn: str
) -> Callable[[str], Destination]:
    make = settings.kind.copies
    if make is None:
        raise UsageError(f"Nothing is copied into {settings.kind.title}.")
    made = make(settings, _links(sim, ""))
    return lambda manifest: _may_be_out(sim, settings, arn, made(manifest))


def _links(sim: Simulator, arn: str) -> Links:
    from kinesis_sim.firehose.destinations.links import Links
    from kinesis_sim.firehose.destinations.transport import Transport

    def secret(arn: str) -> Mapping[str, str]:
        with sim.lock:
            return _secret(sim, arn)

    return Links(
        arn=arn,
        source=_source_name(sim, arn),
        transport=Transport(sim.receivers.hosts, outbound=sim.outbound),
        secret=secret,
        receivers=sim.receivers,
        mishaps=sim.clock.mishaps,
    )


def _source_name(sim: Simulator, arn: str) -> str:
    """The data stream that a Firehose stream reads; "" for Direct PUT."""
    stream = sim.firehose.streams.get(arn.rpartition("/")[2])
    source = None if stream is None else stream.source_arn
    return "" if source is None else source.rpartition("/")[2]


def _secret(sim: Simulator, arn: str) -> Mapping[str, str]:
    """A secret's JSON, from moto's Secrets Manager. Raises SecretUnavailable."""
    from botocore.exceptions import ClientError

    from kinesis_sim.firehose.destinations.credential import SecretUnavailable

    try:
        text = sim.clients.kept("secretsmanager").get_secret_value(SecretId=arn)["SecretString"]
        found = json.loads(text)
    except (ClientError, KeyError, ValueError) as error:
        raise SecretUnavailable(f"Secret {arn} cannot be read: {error}") from None
    if not isinstance(found, dict):
        raise SecretUnavailable(f"Secret {arn} is no JSON object.")
    return {str(name): str(value) for name, value in found.items()}


def _log(sim: Simulator, group: str, stream: str, at: int, message: Request) -> None:
    """Write to moto's CloudWatch Logs; a group or stream that is not there swallows it.

    Past PutLogEvents, which would drop what is over two weeks old by the machine's clock: the
    time here is the simulated one.
    """
    from moto.logs.models import logs_backends

    groups = logs_backends[sim.account][sim.region].groups
    if group in groups and stream in groups[group].streams:
        row = {"timestamp": at, "message": json.dumps(message)}
        groups[group].put_log_events(stream, [row])
