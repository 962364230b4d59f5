"""The errors of Lambda, in AWS's words where those were recorded.

Source of texts, where recorded: localstack's snapshots of test_lambda_api, test_lambda and
test_lambda_integration_kinesis; the rest is this model's wording.
"""

from __future__ import annotations

from kinesis_sim.errors import ServiceError


def invalid(message: str) -> ServiceError:
    """InvalidParameterValueException with the given text."""
    return ServiceError("InvalidParameterValueException", message)


def not_found(message: str) -> ServiceError:
    """ResourceNotFoundException (HTTP 404) with the given text."""
    return ServiceError("ResourceNotFoundException", message, 404)


def no_mapping() -> ServiceError:
    """A UUID that names no mapping."""
    return not_found("The resource you requested does not exist.")


def not_reachable(region: str, here: str) -> ServiceError:
    """A function of another Region."""
    return not_found(f"Functions from '{region}' are not reachable in this region ('{here}')")


def not_allowed(account: str, action: str, arn: str) -> ServiceError:
    """A call for what is another account's, where no policy of the owner's allows it."""
    return ServiceError(
        "AccessDeniedException",
        f"User: arn:aws:iam::{account}:root is not authorized to perform: lambda:{action} on "
        f"resource: {arn} because no resource-based policy allows the lambda:{action} action",
        403,
    )


def no_start() -> ServiceError:
    """A mapping of a stream without StartingPosition."""
    return invalid(
        "1 validation error detected: Value null at 'startingPosition' failed to satisfy "
        "constraint: Member must not be null."
    )


def not_yet(wanted: int, now: int) -> ServiceError:
    """A mapping that would start in the future. wanted, now: epoch ms."""
    return invalid(
        "Received Exception while reading from provided stream. The timestampInMillis parameter "
        "cannot be greater than the currentTimestampInMillis. timestampInMillis: "
        f"{wanted}, currentTimestampInMillis: {now}"
    )


def not_active(arn: str) -> ServiceError:
    """A source whose stream is being changed. arn: the stream's or the consumer's.

    Recorded: radkawar/stackd, testdata/aws/lambda/kinesis_oversized.json, 2026-09-19, for a
    consumer of a stream that was UPDATING. What becomes of other states is not on record.
    """
    return invalid(f"Stream {arn} does not appear to be active.")


def in_use(verb: str) -> ServiceError:
    """A change while another is under way. verb: update or delete."""
    return ServiceError(
        "ResourceInUseException",
        f"Cannot {verb} the event source mapping because it is in use.",
    )


def mapped_already(source: str, function: str, uuid: str) -> ServiceError:
    """A second mapping of the same two. function: its name; uuid: the first mapping's."""
    return ServiceError(
        "ResourceConflictException",
        f'The event source arn (" {source} ") and function (" {function} ") provided mapping '
        f"already exists. Please update or delete the existing mapping with UUID {uuid}",
        409,
    )


def others_member(name: str) -> ServiceError:
    """A member of another kind of source.

    The sentence is recorded for DestinationConfig (test_lambda_api), ScalingConfig,
    ProvisionedPollerConfig and LoggingConfig (cdk-preflight, rules/lambda); for the other members
    it is formed after those (unverified).
    """
    return invalid(f"Unsupported {name} parameter for given event source mapping type.")


def no_function() -> ServiceError:
    """The function of a mapping is not there."""
    return invalid("Function does not exist")


def not_runnable(arn: str) -> ServiceError:
    """A function that only moto has."""
    name = arn.rpartition(":")[2]
    return invalid(
        f"The function {name} is kept by moto, and its code cannot be run here; register a "
        f"Python callable in its place with sim.functions.register({name!r}, …)."
    )


def bad_pattern(why: str) -> ServiceError:
    """A filter that is no pattern. AWS does not say why; a traceback here does, as a note.

    Recorded: localstack, test_lambda_integration_sqs and _dynamodbstreams snapshots, 2025-11-25.
    """
    error = invalid("Invalid filter pattern definition.")
    error.add_note(why)
    return error


def too_many_patterns(given: int, most: int) -> ServiceError:
    """Recorded: badmintoncryer/cdk-preflight, rules/lambda, 2026-09-07; so are the next seven."""
    return invalid(
        f"Too many filter patterns, maximum allowed {most} patterns, provided {given} patterns."
    )


def no_destination() -> ServiceError:
    """A failure destination of another service."""
    return invalid("The service specified by the TargetArn isn't supported as a destination.")


def far_destination(arn: str) -> ServiceError:
    """A failure destination of another Region; recorded of an asynchronous call's destination."""
    return invalid(
        "The provided destination config DestinationConfig(onSuccess=OnSuccess(destination=), "
        f"onFailure=OnFailure(destination={arn})) is invalid."
    )


def no_fifo(service: str) -> ServiceError:
    """A failure destination that keeps an order. service: sqs or sns.

    Recorded of a queue for a DynamoDB stream, of a topic for an asynchronous call's destination.
    """
    kind = "SQS queues" if service == "sqs" else "SNS topics"
    return invalid(f"FIFO-type Amazon {kind} aren't supported as a destination.")


def bad_age(least: int, most: int) -> ServiceError:
    """MaximumRecordAgeInSeconds out of its range. Seconds."""
    return invalid(
        f"MaximumRecordAgeInSeconds must be either -1 (forever) or between {least} and {most} "
        "(inclusive)"
    )


_CANNOT = {
    "DisabledException": "because the KMS key used is disabled. Please check your KMS key settings",
    "AccessDeniedException": "because the KMS access was denied. Please check your KMS permissions",
}
_CANNOT_ELSE = "with the KMS key used. Please check your KMS key settings"


def key_trouble(error: ServiceError, action: str, call: str) -> dict[str, str]:
    """What keeps filters from being read or written, as a FilterCriteriaError's members.

    error: Kinesis's for the key; action: Decrypt or GenerateDataKey; call: the id of KMS's answer.

    Recorded of a disabled key and a denied one, for Decrypt; other sentences are this model's.
    """
    code = error.code.removeprefix("KMS")
    if code == "InvalidStateException":
        code = error.code  # KMS's own name has the prefix, too
    elif not code.endswith("Exception"):
        code += "Exception"
    verb = "decrypt" if action == "Decrypt" else "encrypt"
    told = error.message
    if code != "AccessDeniedException":
        told += f" (Service: Kms, Status Code: 400, Request ID: {call}) (SDK Attempt Count: 1)"
    return {
        "ErrorCode": code,
        "Message": f"Lambda was unable to {verb} your filter criteria "
        f"{_CANNOT.get(code, _CANNOT_ELSE)}. KMS Exception: {code} KMS Message: {told}",
    }


def no_metric() -> ServiceError:
    """A metric that mappings of streams have not."""
    return invalid("Invalid EventSourceMapping metrics. Expected values: [EventCount]")


def other_region(region: str) -> ServiceError:
    """A stream of another Region. region: this one. Recorded of a DynamoDB stream."""
    return invalid(f"Event source region must match Lambda region {region}")


def no_source(arn: str) -> ServiceError:
    """A service that no mapping reads."""
    return invalid(f"Unrecognized event source. Unsupported source arn : {arn}")


def too_large(size: int, kind: str, most: int) -> ServiceError:
    """A payload above the limit of its invocation type. Bytes."""
    return ServiceError(
        "RequestTooLargeException",
        f"{size} byte payload is too large for the {kind} invocation type (limit {most} bytes)",
        413,
    )


def no_json(error: Exception) -> ServiceError:
    """A payload that is no JSON."""
    return ServiceError(
        "InvalidRequestContentException",
        f"Could not parse request body into json: Could not parse payload into json: {error}",
    )


def busy() -> ServiceError:
    """All invocations that the function may have are taken."""
    return ServiceError("TooManyRequestsException", "Rate Exceeded.", 429)
