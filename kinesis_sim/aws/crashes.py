"""What a crash of moto's is told as: a refusal by its service where the request made it crash.

moto reads what it is given as it comes and fails at values that AWS refuses: a name that is no ARN,
a number where a text should be, a member that is missing. So whoever asked is told so, with the
code that the operation declares for such requests, and no client tries the same again as it would
after a 500. What says something about this machine (files, packages, memory, threads) stays a fault
of ours.

moto takes nothing back: the refusal says so of a call that may have changed something.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kinesis_sim.aws.model import declared_errors
from kinesis_sim.aws.outside import reads
from kinesis_sim.errors import ServiceError
from kinesis_sim.mishaps import text_of

if TYPE_CHECKING:
    from botocore.model import ServiceModel

_OURS = (ImportError, MemoryError, OSError, SystemError)
_CODES = (
    *("ValidationException", "ValidationError", "InvalidParameterValueException"),
    *("InvalidParameterException", "InvalidParameterValue", "InvalidParameter"),
    *("InvalidRequestException", "InvalidRequest", "InvalidArgumentException"),
    *("InvalidInputException", "InvalidInput", "BadRequestException"),
)
"""What services call a request that they cannot take, the plainest first."""
_BY_PROTOCOL = {"ec2": "InvalidParameterValue", "query": "ValidationError"}
_UNTOLD = re.compile(r"[\x00-\x1f\x7f-\x9f\ufffe\uffff]")
"""Characters that an answer in XML cannot hold, and line breaks."""
_LONGEST = 160
"""Characters of an error's text that are told."""


def crash(model: ServiceModel, operation: str, error: Exception) -> ServiceError:
    """The error for a call that moto crashes at."""
    what = _UNTOLD.sub(lambda found: f"\\x{ord(found[0]):02x}", text_of(error))
    what = what if len(what) <= _LONGEST else f"{what[:_LONGEST]}…"
    is_ours = isinstance(error, RuntimeError) and not isinstance(error, RecursionError)
    if is_ours or isinstance(error, _OURS):
        text = f"moto, which answers this, failed: {what}"
        return ServiceError("InternalFailure", text, 500)
    kept = "Nothing was changed." if reads(operation) else "What it did before stays done."
    return ServiceError(
        _code(model, operation),
        f"moto, which answers {operation} of {model.service_name} here, cannot take this request "
        f"({what}). Look at its values; if AWS takes them, moto does not. {kept}",
    )


def _code(model: ServiceModel, operation: str) -> str:
    declared = declared_errors(model.service_name, operation)
    for code in _CODES:
        if code in declared:
            return code
    protocol = model.metadata["protocol"]
    if protocol == "rest-xml":
        return "InvalidRequest" if model.service_name == "s3" else "InvalidArgument"
    return _BY_PROTOCOL.get(protocol, "ValidationException")
