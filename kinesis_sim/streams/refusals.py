"""Kinesis Data Streams' errors in AWS's words, where known (facts/data-streams §4.4).

A text without a known original is marked "model's wording" in its function's docstring.
"""

from __future__ import annotations

from kinesis_sim.errors import ServiceError


def not_found(message: str) -> ServiceError:
    """ResourceNotFoundException with the given text."""
    return ServiceError("ResourceNotFoundException", message)


def in_use(message: str) -> ServiceError:
    """ResourceInUseException with the given text."""
    return ServiceError("ResourceInUseException", message)


def invalid(message: str) -> ServiceError:
    """InvalidArgumentException with the given text."""
    return ServiceError("InvalidArgumentException", message)


def limit(message: str) -> ServiceError:
    """LimitExceededException with the given text."""
    return ServiceError("LimitExceededException", message)


def invalid_request(message: str) -> ServiceError:
    """ValidationException for what shapes cannot tell: a mode, a combination."""
    return ServiceError("ValidationException", message)


def expired_token(message: str) -> ServiceError:
    """ExpiredNextTokenException with the given text."""
    return ServiceError("ExpiredNextTokenException", message)


def dry_run(operation: str) -> ServiceError:
    """The call would have been made. Source: recorded 2026-09-19 (radkawar/stackd, dry_run)."""
    return ServiceError(
        "DryRunOperationException",
        f"DryRunOperation validation succeeded while calling {operation} operation.: Request "
        "would have succeeded, but DryRun flag is set.",
    )


def no_account() -> ServiceError:
    """An ARN of another account. Source: recorded 2026-09-19 (radkawar/stackd, controls)."""
    return ServiceError("UnrecognizedClientException", "No account found for the given parameters")


def wrong_region(arn: str) -> ServiceError:
    """An ARN of another Region. Source: recorded 2026-09-19 (radkawar/stackd, controls)."""
    return invalid(f"The region specified in the ARN '{arn}' does not match the endpoint region")


def other_name(name: str, named: str) -> ServiceError:
    """A name beside an ARN, or an iterator beside one, of another stream.

    Source: recorded 2026-09-19 (radkawar/stackd, controls and dry_run).
    """
    return invalid(
        f"Input stream name {name} doesn't match the inferred name in stream arn {named}"
    )


CREATION_TIME = "StreamCreationEpoch"
"""AWS's own name for StreamCreationTimestamp in a refusal; recorded with ListShards' token."""


def not_with_token(member: str) -> ServiceError:
    """What a page's token excludes. Source: recorded 2026-09-19 (radkawar/stackd, topology_raw)."""
    return invalid(f"NextToken and {member} cannot be provided together.")


def other_token(member: str) -> ServiceError:
    """A page's token beside another stream's name; beside an ARN, inferred.

    Source: recorded 2026-09-19 (radkawar/stackd, topology_raw).
    """
    return invalid(f"NextToken does not match the provided {member}.")


def too_large(place: str, most: int) -> ServiceError:
    """A record above the stream's size: data, or data and key together.

    place: ``data`` or ``records.1.member.data``. Source: awslabs/amazon-kinesis-producer issue 680
    (2025-12-17) for PutRecords; PutRecord's place is inferred, and so is the same text where data
    and key together are too large (as moto has it).
    """
    return invalid_request(
        f"1 validation error detected: Value at '{place}' failed to satisfy constraint: Member "
        f"must have length less than or equal to {most}"
    )


def no_stream(name: str, account: str) -> ServiceError:
    """Source: LocalStack snapshot ``test_cbor_exceptions``, 2025-09-04."""
    return not_found(f"Stream {name} under account {account} not found.")


def has_consumers(name: str, account: str) -> ServiceError:
    """DeleteStream without EnforceConsumerDeletion.

    Source: hashicorp/terraform-provider-aws issue 8420 (2019), rebuy-de/aws-nuke issue 497 (2020).
    """
    return in_use(
        f"DeleteStream can't delete {account}:{name} because there are consumers associated with "
        f"this data stream. To delete {name} anyway, set the EnforceConsumerDeletion parameter to "
        "true to force the deletion of all the consumers that are associated with it."
    )


def unreadable(caller: str, stream: str) -> ServiceError:
    """A read of a stream whose key the reader may not use.

    Source: spring-attic/spring-cloud-stream-binder-aws-kinesis pull request 188 (2023), where
    caller and stream are struck out: that the stream is named as here is inferred.
    """
    return ServiceError(
        "KMSAccessDeniedException",
        f"User {caller} is not authorized to decrypt records in stream {stream}",
    )


def stream_exists(name: str, account: str) -> ServiceError:
    """Source: kinesalite."""
    return in_use(f"Stream {name} under account {account} already exists.")


def not_active(name: str, account: str, status: str) -> ServiceError:
    """Source: kinesalite."""
    return in_use(f"Stream {name} under account {account} not ACTIVE, instead in state {status}")


def not_listing(name: str, account: str, status: str) -> ServiceError:
    """ListShards of a stream that is neither ACTIVE nor UPDATING.

    Source: aws/aws-sdk-java-v2 pull request 5949 (2025-03-11), of a stream in CREATING.
    """
    return in_use(
        f"Stream {name} under account {account} not ACTIVE or UPDATING, instead in state {status}"
    )


def consumer_not_active(name: str, born: int, stream: str, account: str) -> ServiceError:
    """PutResourcePolicy of a consumer that is not ACTIVE. born: seconds of the epoch.

    Source: aws-cloudformation/cloudformation-coverage-roadmap issue 2442 (2025-12-29).
    """
    return in_use(
        f"Consumer {name} with creation timestamp {born} under stream {stream} and account "
        f"{account} is not in ACTIVE status."
    )


def no_shard_to_reshard(shard: str, stream: str, account: str) -> ServiceError:
    """Source: kinesalite; SplitShard and MergeShards."""
    return not_found(f"Could not find shard {shard} in stream {stream} under account {account}.")


def no_shard(shard: str, stream: str, account: str) -> ServiceError:
    """Source: kinesalite; GetShardIterator and GetRecords."""
    return not_found(f"Shard {shard} in stream {stream} under account {account} does not exist")


def no_consumer(consumer: str, stream: str, account: str, born: str = "") -> ServiceError:
    """Source: recorded 2026-09-19 (radkawar/stackd, dry_run; with the time, kinesis_hash_range).

    born: seconds of the epoch, as the consumer's ARN tells them to who is described by it.
    """
    when = f" with creation timestamp {born}" if born else ""
    return not_found(
        f"Consumer {consumer}{when} under stream: {stream}, account {account} not found."
    )


def on_demand(stream: str, account: str) -> ServiceError:
    """Source: moto's exceptions; the resharding operations on an on-demand stream."""
    return invalid_request(
        f"Request is invalid. Stream {stream} under account {account} is in On-Demand mode."
    )


def provisioned(stream: str, account: str) -> ServiceError:
    """Model's wording, after ``on_demand``: what only on-demand streams have."""
    return invalid_request(
        f"Request is invalid. Stream {stream} under account {account} is in Provisioned mode."
    )


def shard_quota(account: str, region: str, current: int, quota: int, more: int) -> ServiceError:
    """Source: kinesalite; the link in AWS's text is left as it stood there."""
    return limit(
        f"This request would exceed the shard limit for the account {account} in {region}. "
        f"Current shard count for the account: {current}. Limit: {quota}. Number of additional "
        f"shards that would have resulted from this request: {more}. Refer to the AWS Service "
        "Limits page (http://docs.aws.amazon.com/general/latest/gr/aws_service_limits.html) for "
        "current limits and how to request higher limits."
    )


def on_demand_quota(account: str, region: str, current: int, quota: int) -> ServiceError:
    """Source: hashicorp/terraform-provider-aws issue 38094 (2024)."""
    return limit(
        "This request would exceed the limit on the number of On-Demand streams for the account "
        f"{account} in {region}. Current On-Demand streams count: {current}. Limit: {quota}."
    )


def read_throttled(shard: str, stream: str, account: str) -> ServiceError:
    """A read beyond a shard's limits.

    Source: risingwavelabs/risingwave issue 7453 (2023) and awslabs/amazon-kinesis-client issue 1521
    (2025); GetShardIterator's is taken to be the same.
    """
    return ServiceError(
        "ProvisionedThroughputExceededException",
        f"Rate exceeded for Shard - {account}/{stream}/{shard}",
    )


def throttled(shard: str, stream: str, account: str) -> ServiceError:
    """A write beyond a shard's limits; source: real AWS in kinesalite PR 87 (2019)."""
    return ServiceError(
        "ProvisionedThroughputExceededException",
        f"Rate exceeded for shard {shard} in stream {stream} under account {account}.",
    )


def rate_exceeded(stream: str | None, account: str) -> ServiceError:
    """A control call too many in a second.

    Source for a stream: amazon-kinesis-scaling-utils 52 (2017); for an account, as ListStreams has
    its rate: Graylog2/graylog-plugin-integrations 341 (2019).
    """
    if stream is None:
        return limit(f"Rate exceeded for account {account}.")
    return limit(f"Rate exceeded for stream {stream} under account {account}.")


def bad_iterator() -> ServiceError:
    """Source: kinesalite."""
    return invalid("Invalid ShardIterator.")


def bad_hash_key(value: str) -> ServiceError:
    """Source: kinesalite."""
    return invalid(
        "Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. "
        f"Specified value was {value}"
    )
