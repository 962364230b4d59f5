"""The Python functions of ``sim.functions`` as Lambda's API shows them, before those that moto has.

They have neither code nor role nor runtime, so those members are left out.
"""

from __future__ import annotations

import math

from kinesis_sim.account.calls import Request
from kinesis_sim.mappings.catalog import MappingCatalog
from kinesis_sim.mappings.paging import page

_MOST_A_PAGE = 50
"""However many MaxItems asks for (Lambda API reference, ListFunctions)."""


def get_function(lambdas: MappingCatalog, request: Request) -> Request:
    """One function. Raises ResourceNotFoundException, AccessDeniedException."""
    lambdas.refuse_foreign(request["FunctionName"], "GetFunction")
    arn = _registered(lambdas, request)
    if arn is None:
        return lambdas.ports.lambda_elsewhere("GetFunction", _plain(lambdas, request))
    return {"Configuration": _row(lambdas, arn)}


def get_function_configuration(lambdas: MappingCatalog, request: Request) -> Request:
    """One function's settings. Raises ResourceNotFoundException, AccessDeniedException."""
    lambdas.refuse_foreign(request["FunctionName"], "GetFunctionConfiguration")
    arn = _registered(lambdas, request)
    if arn is None:
        return lambdas.ports.lambda_elsewhere("GetFunctionConfiguration", _plain(lambdas, request))
    return _row(lambdas, arn)


def list_functions(lambdas: MappingCatalog, request: Request) -> Request:
    """All functions, at most 50 a page.

    Raises InvalidParameterValueException for a Marker that no answer gave.
    """
    found = [_row(lambdas, arn) for arn in lambdas.ports.functions]
    asked = {name: request[name] for name in request if name not in ("Marker", "MaxItems")}
    found += lambdas.ports.lambda_elsewhere("ListFunctions", asked)["Functions"]
    return page("Functions", found, request, _MOST_A_PAGE, "FunctionArn")


def _registered(lambdas: MappingCatalog, request: Request) -> str | None:
    found = lambdas.ports.functions.locate(request["FunctionName"])
    if found is None or found[0] not in lambdas.ports.functions:
        return None
    qualifier = request.get("Qualifier") or found[1] or "$LATEST"
    return found[0] if qualifier == "$LATEST" else None


def _plain(lambdas: MappingCatalog, request: Request) -> Request:
    """A request that names its function as moto knows it, which takes no part of an ARN."""
    found, name = lambdas.ports.functions.locate(request["FunctionName"]), request["FunctionName"]
    if found is None or ":" not in name or name.startswith("arn:"):
        return request
    qualified = {"Qualifier": found[1], **request} if found[1] else request
    return {**qualified, "FunctionName": found[0]}


def _row(lambdas: MappingCatalog, arn: str) -> Request:
    settings = lambdas.ports.functions.settings(arn)
    return {
        "FunctionName": arn.rpartition(":")[2],
        "FunctionArn": arn,
        "Description": "A Python function of Kinesis Lab",
        "Timeout": math.ceil(settings.timeout_s),
        "MemorySize": settings.memory_mb,
        "Version": "$LATEST",
        "State": "Active",
        "LastUpdateStatus": "Successful",
    }
