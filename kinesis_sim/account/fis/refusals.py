"""FIS's errors. The codes are botocore's; AWS's texts are not known, these are the model's."""

from __future__ import annotations

from kinesis_sim.errors import ServiceError


def invalid(message: str) -> ServiceError:
    """ValidationException with the given text."""
    return ServiceError("ValidationException", message)


def not_found(what: str, name: str) -> ServiceError:
    """ResourceNotFoundException (HTTP 404). what: "experiment", "experiment template", "action"."""
    return ServiceError("ResourceNotFoundException", f"There is no {what} {name}.", 404)


def conflict(message: str) -> ServiceError:
    """ConflictException (HTTP 409) with the given text."""
    return ServiceError("ConflictException", message, 409)
