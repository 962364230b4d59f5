"""Kinesis Video Streams' errors: botocore's codes and statuses; the texts are the model's wording.

But for those that AWS's users quote in their reports (fidelity/recordings/data/reports.json): a
stream that is not there, nothing to play, calls too many, a track without codec private data.
"""

from __future__ import annotations

from kinesis_sim.errors import ServiceError
from kinesis_sim.instants import written


def no_stream() -> ServiceError:
    """ResourceNotFoundException for a stream that is not there, or not yet."""
    text = "The requested stream is not found or not active."
    return ServiceError("ResourceNotFoundException", text, 404)


def not_found(message: str) -> ServiceError:
    """ResourceNotFoundException with the given text."""
    return ServiceError("ResourceNotFoundException", message, 404)


def no_channel() -> ServiceError:
    """ResourceNotFoundException for a channel that is not there, or not yet."""
    text = "The requested channel is not found or not active."
    return ServiceError("ResourceNotFoundException", text, 404)


def invalid(message: str) -> ServiceError:
    """InvalidArgumentException with the given text."""
    return ServiceError("InvalidArgumentException", message)


def in_use(message: str) -> ServiceError:
    """ResourceInUseException with the given text."""
    return ServiceError("ResourceInUseException", message)


def other_version(given: str) -> ServiceError:
    """VersionMismatchException: somebody else changed it meanwhile."""
    text = f"{given} is not the current version; describe it again and use what that says."
    return ServiceError("VersionMismatchException", text)


def too_many_calls(operation: str, resource: str = "") -> ServiceError:
    """ClientLimitExceededException: a rate of calls; of the account without a resource.

    The words for a resource are quoted (aws/amazon-kinesis-video-streams-parser-library issue 96).
    """
    text = f"Limit exceeded on number of requests for {operation} API"
    told = f"{text} for resource '{resource}'" if resource else f"{text}."
    return ServiceError("ClientLimitExceededException", told)


def nothing_to_play(request: str) -> ServiceError:
    """ResourceNotFoundException: no fragment fits. request: what it was asked for."""
    return not_found(f"No fragments found in the stream for the {request} request.")


def past_retention(end: int) -> ServiceError:
    """InvalidArgumentException: a range of which nothing is kept. end: epoch ms.

    How AWS writes the time is not quoted (aws/aws-sdk-js issue 4102): the model's choice.
    """
    return invalid(f"End timestamp {written(end)} is outside of the stream retention period.")


def too_many_points(api: str, kind: str) -> ServiceError:
    """ClientLimitExceededException: a stream's quota points of one kind."""
    text = f"{api}: the stream's fragment {kind} quota for this second is used up."
    return ServiceError("ClientLimitExceededException", text)


def too_many_lists(most: int) -> ServiceError:
    """ClientLimitExceededException: connections of GetMediaForFragmentList."""
    text = f"The stream has {most} GetMediaForFragmentList connections already, which is the most."
    return ServiceError("ClientLimitExceededException", text)


def too_many_streams(most: int) -> ServiceError:
    """AccountStreamLimitExceededException."""
    text = f"The account has {most} streams, which is its quota."
    return ServiceError("AccountStreamLimitExceededException", text)


def too_many_channels(most: int) -> ServiceError:
    """AccountChannelLimitExceededException."""
    text = f"The account has {most} signaling channels, which is its quota."
    return ServiceError("AccountChannelLimitExceededException", text)


def too_many_viewers(most: int) -> ServiceError:
    """ClientLimitExceededException: a channel's viewers."""
    text = f"The channel has {most} viewers already, which is the most."
    return ServiceError("ClientLimitExceededException", text)


def too_many_in_storage(most: int) -> ServiceError:
    """ClientLimitExceededException: viewers in a storage session."""
    text = f"{most} viewers have joined the storage session already, which is the most."
    return ServiceError("ClientLimitExceededException", text)


def bad_client(client: str) -> ServiceError:
    """InvalidClientException for a client that cannot be one."""
    text = f"{client[:60]} cannot be a client's id: AWS_ is for the service."
    return ServiceError("InvalidClientException", text)


def session_expired(client: str) -> ServiceError:
    """SessionExpiredException: a client has been connected for too long to get relays."""
    text = f"The session of {client} is over: connect to the channel anew."
    return ServiceError("SessionExpiredException", text)


def too_many_tags(most: int) -> ServiceError:
    """TagsPerResourceExceededLimitException."""
    text = f"A resource cannot have more than {most} tags."
    return ServiceError("TagsPerResourceExceededLimitException", text)


def too_many_connections(api: str, most: int) -> ServiceError:
    """ConnectionLimitExceededException: the newest connection is refused."""
    text = f"The stream has {most} {api} connection(s) already, which is the most."
    return ServiceError("ConnectionLimitExceededException", text)


def no_retention(name: str) -> ServiceError:
    """NoDataRetentionException: what is asked needs stored media."""
    text = f"The stream {name} keeps no data: DataRetentionInHours is 0."
    return ServiceError("NoDataRetentionException", text)


def bad_arn(arn: str) -> ServiceError:
    """InvalidResourceFormatException for an ARN that is no stream's."""
    return ServiceError("InvalidResourceFormatException", f"{arn} is not the ARN of a stream.")


def media(code: str, message: str) -> ServiceError:
    """An error of the media that is to be packaged."""
    return ServiceError(code, message)
