"""A configuration as UpdateApplication has it: most of its members have other names there.

``Parallelism`` becomes ``ParallelismUpdate``, ``RecordColumns`` ``RecordColumnUpdates``, and some
keep their names: which is which says botocore's model.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kinesis_sim.aws.unsupported import CODE
from kinesis_sim.errors import ServiceError

Properties = dict[str, Any]


def as_update(service: str, path: Sequence[str], value: Properties) -> Properties:
    """What is asked for at a place of UpdateApplication's request. path: members down to it.

    Raises ServiceError, naming it, for a member that the API does not change.
    """
    from kinesis_sim.aws.model import operation

    shape: Any = operation(service, "UpdateApplication").input_shape
    for name in path:
        shape = shape.members[name]
    return _updated(shape.member if shape.type_name == "list" else shape, value)


def nested(path: Sequence[str], value: Any) -> Properties:
    """A value at a place of a request."""
    for name in reversed(path):
        value = {name: value}
    return dict(value)


def _updated(shape: Any, value: Properties) -> Properties:
    told = {}
    for name, each in value.items():
        member = _member(shape, name)
        inner = shape.members[member]
        is_inner = inner.type_name == "structure" and isinstance(each, dict)
        told[member] = _updated(inner, each) if is_inner else each
    return told


def _member(shape: Any, name: str) -> str:
    singular = f"{name[:-3]}y" if name.endswith("ies") else name.removesuffix("s")
    for member in (f"{name}Update", f"{singular}Updates", name):
        if member in shape.members:
            return member
    raise ServiceError(CODE, f"Kinesis Lab does not change {name} of an application.")
