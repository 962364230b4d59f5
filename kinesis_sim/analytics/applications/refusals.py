"""The errors of both APIs: botocore's codes; the texts are the model's wording.

But for what is said of an application that the other API made, which users quote in their reports
(rebuy-de/aws-nuke pull request 687).
"""

from __future__ import annotations

from kinesis_sim.errors import ServiceError


def exists(name: str) -> ServiceError:
    """ResourceInUseException: the name is taken."""
    return ServiceError("ResourceInUseException", f"The application {name} exists already.")


def not_there(what: str) -> ServiceError:
    """ResourceNotFoundException."""
    return ServiceError("ResourceNotFoundException", f"{what} does not exist.")


def busy(name: str, status: str, wanted: str) -> ServiceError:
    """ResourceInUseException: the status does not allow the call."""
    text = f"The application {name} is {status}; this is for one that is {wanted}."
    return ServiceError("ResourceInUseException", text)


def in_use(text: str) -> ServiceError:
    """ResourceInUseException with the given text."""
    return ServiceError("ResourceInUseException", text)


def invalid(text: str) -> ServiceError:
    """InvalidArgumentException with the given text."""
    return ServiceError("InvalidArgumentException", text)


def bad_request(text: str) -> ServiceError:
    """InvalidRequestException with the given text."""
    return ServiceError("InvalidRequestException", text)


def bad_configuration(text: str) -> ServiceError:
    """InvalidApplicationConfigurationException with the given text."""
    return ServiceError("InvalidApplicationConfigurationException", text)


def bad_code(text: str) -> ServiceError:
    """CodeValidationException with the given text."""
    return ServiceError("CodeValidationException", text)


def other_version(given: int, current: int) -> ServiceError:
    """ConcurrentModificationException: somebody else changed it meanwhile."""
    text = (
        f"CurrentApplicationVersionId is {given}, the application's version is {current}: "
        "describe it again, and use what that says."
    )
    return ServiceError("ConcurrentModificationException", text)


def changed_meanwhile(text: str) -> ServiceError:
    """ConcurrentModificationException with the given text."""
    return ServiceError("ConcurrentModificationException", text)


def too_many(what: str, most: int) -> ServiceError:
    """LimitExceededException."""
    return ServiceError("LimitExceededException", f"There are {most} {what}, which is the most.")


def too_many_tags(most: int) -> ServiceError:
    """TooManyTagsException."""
    return ServiceError("TooManyTagsException", f"An application has no more than {most} tags.")


def unsupported(text: str) -> ServiceError:
    """UnsupportedOperationException with the given text."""
    return ServiceError("UnsupportedOperationException", text)


def other_sdk(name: str) -> ServiceError:
    """UnsupportedOperationException: the newer API made or changed the application."""
    return unsupported(
        f"{name} was created/updated by kinesisanalyticsv2 SDK. Please use kinesisanalyticsv2 SDK "
        f"to make changes to {name}."
    )


def no_schema(text: str) -> ServiceError:
    """UnableToDetectSchemaException with the given text."""
    return ServiceError("UnableToDetectSchemaException", text)
