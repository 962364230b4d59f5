"""CloudWatch's errors that several operations answer with (botocore cloudwatch)."""

from __future__ import annotations

from kinesis_sim.errors import ServiceError


def invalid_value(text: str) -> ServiceError:
    """InvalidParameterValue, with the model's wording."""
    return ServiceError("InvalidParameterValue", text)


def invalid_combination(text: str) -> ServiceError:
    """InvalidParameterCombination, with the model's wording."""
    return ServiceError("InvalidParameterCombination", text)


def invalid_token(text: str = "The next token specified is invalid.") -> ServiceError:
    """InvalidNextToken, for a token that no answer gave, with the model's wording."""
    return ServiceError("InvalidNextToken", text)
