"""Validation of a request against botocore's model: every violation at once, in AWS's words.

A request is first put to ``screening``, a compiled test that only says yes or no and says yes only
to what is beyond doubt. When it says no, the request is walked again to find what is wrong: first a
value of a wrong type (SerializationException, as on AWS), then all violated constraints (one
ValidationException). Both ways read the same ``constraints``; a test holds them equal.

Words and their sources: ``constraints``. Further choices of this model, where AWS is silent or has
no fixed order: members are reported in the model's order and a value's own violations before those
inside it; ten at most are named (seen on AWS: ten of a possible 502); a structure inside a list is
printed as recent AWS answers print it, ``Record(data=null)`` (Kinesis of 2014 printed a Java object
id); a printed value is cut after 100,000 characters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from kinesis_sim.aws.constraints import NOT_NULL, bracketed, constraints
from kinesis_sim.aws.mistypes import mistype
from kinesis_sim.aws.screening import CONTAINERS, tester
from kinesis_sim.errors import ServiceError

if TYPE_CHECKING:
    from botocore.model import OperationModel, Shape, StructureShape

UNPRINTED = frozenset({"firehose"})
"""Services that name no values: ``Value at 'x' failed …`` (recorded of CreateDeliveryStream by
floci-io/floci issue 2328 and badmintoncryer/cdk-preflight, 2026; taken for all of Firehose)."""
SPARED: Mapping[tuple[str, str], Mapping[str, frozenset[str]]] = {
    ("cloudwatch", "PutMetricData"): {"Namespace": frozenset({"pattern"})},
    ("cloudwatch", "GetMetricStatistics"): {"Statistics": frozenset({"enum"})},
    ("cloudwatch", "ListMetrics"): {"RecentlyActive": frozenset({"enum"})},
}
"""Members of which an operation checks these kinds of constraint in its own words, or none does;
what is inside them is the operation's, too (recorded 2026-09-14, radkawar/stackd, metrics)."""
_NONE: Mapping[str, frozenset[str]] = {}
MOST_NAMED = 10
_MOST_PRINTED = 100_000


def check(operation_model: OperationModel, params: Mapping[str, Any]) -> None:
    """Raise ServiceError unless plain-valued parameters keep the model of the input.

    SerializationException for a wrong type, else ValidationException naming every violation.
    """
    shape = operation_model.input_shape
    if shape is None or tester(shape)(params):
        return
    service = operation_model.service_model.service_name
    spared = SPARED.get((service, operation_model.name), _NONE)
    refuse(shape, params, service not in UNPRINTED, spared)


def refuse(
    shape: StructureShape,
    params: Mapping[str, Any],
    valued: bool = True,
    spared: Mapping[str, frozenset[str]] = _NONE,
) -> None:
    """The slow way: say what is wrong with parameters that the fast test would not vouch for.

    valued: whether the values are printed. spared: as ``SPARED`` has them.
    """
    wrong = mistype(shape, params)
    if wrong is not None:
        raise ServiceError("SerializationException", wrong)
    found = _unspared(shape, params, spared, valued) if spared else validator(shape, valued)(params)
    if found:
        raise ServiceError("ValidationException", message(found))


def message(violations: list[str]) -> str:
    """AWS's sentence around one or more violations."""
    count = len(violations)
    return f"{count} validation error{'s' * (count > 1)} detected: {'; '.join(violations)}"


@lru_cache(maxsize=4096)
def validator(
    shape: StructureShape, valued: bool = True
) -> Callable[[Mapping[str, Any]], list[str]]:
    """A function from plain values to their first ten violations, in AWS's words.

    The values are of the right types. valued: whether the words have them.
    """

    def violations(params: Mapping[str, Any]) -> list[str]:
        found = islice(_violations(shape, params, ""), MOST_NAMED)
        return [each.valued if valued else each.plain for each in found]

    return violations


def _unspared(
    shape: StructureShape,
    params: Mapping[str, Any],
    spared: Mapping[str, frozenset[str]],
    valued: bool,
) -> list[str]:
    rest = {name: value for name, value in params.items() if name not in spared}
    missing = [name for name in spared if params.get(name) is None]
    skipped = frozenset(spared) - frozenset(missing)
    found = list(islice(_of_structure(shape, rest, "", skipped), MOST_NAMED))
    for name in spared.keys() & shape.members.keys() - set(missing):
        member, at = shape.members[name], lower_first(name)
        for rule in constraints(member):
            if rule.kind not in spared[name] and not rule.holds(params[name]):
                found.append(_sentence(member, params[name], at, rule.text))
    return [each.valued if valued else each.plain for each in found[:MOST_NAMED]]


class Violation(NamedTuple):
    """A constraint that a value breaks, told with the value and without it."""

    valued: str
    plain: str


# --- what is wrong --------------------------------------------------------------------------------


def _violations(shape: Shape, value: Any, path: str) -> Iterator[Violation]:
    for rule in constraints(shape):
        if not rule.holds(value):
            yield _sentence(shape, value, path, rule.text)
    if shape.type_name == "structure":
        yield from _of_structure(shape, value, path)
    elif shape.type_name == "list":
        yield from _of_list(shape, value, path)
    elif shape.type_name == "map":
        yield from _of_map(shape, value, path)


def _of_structure(
    shape: StructureShape,
    value: Mapping[str, Any],
    path: str,
    skipped: frozenset[str] = frozenset(),
) -> Iterator[Violation]:
    required = frozenset(shape.required_members) - skipped
    for name, member in shape.members.items():
        inside = value.get(name)
        at = f"{path}.{lower_first(name)}" if path else lower_first(name)
        if inside is not None:
            yield from _violations(member, inside, at)
        elif name in required:
            yield _sentence(member, None, at, NOT_NULL)


def _of_list(shape: Shape, value: Any, path: str) -> Iterator[Violation]:
    member = shape.member
    if member.type_name not in CONTAINERS:
        if not all(_holds(member, item) for item in value):
            text = f"Member must satisfy constraint: {bracketed(member)}"
            yield _sentence(shape, value, path, text)
        return
    for place, item in enumerate(value, start=1):
        yield from _of_item(member, item, f"{path}.{place}.member")


def _of_map(shape: Shape, value: Mapping[str, Any], path: str) -> Iterator[Violation]:
    if not all(_holds(shape.key, key) for key in value):
        text = f"Map keys must satisfy constraint: {bracketed(shape.key)}"
        yield _sentence(shape, value, path, text)
    member = shape.value
    if member.type_name not in CONTAINERS:
        if not all(_holds(member, item) for item in value.values()):
            text = f"Map value must satisfy constraint: {bracketed(member)}"
            yield _sentence(shape, value, path, text)
        return
    for key, item in value.items():
        yield from _of_item(member, item, f"{path}.{key}.member")


def _of_item(member: Shape, item: Any, path: str) -> Iterator[Violation]:
    if item is None:
        yield _sentence(member, None, path, NOT_NULL)
    else:
        yield from _violations(member, item, path)


def _holds(shape: Shape, value: Any) -> bool:
    return value is not None and all(rule.holds(value) for rule in constraints(shape))


# --- words ---------------------------------------------------------------------------------------


def _sentence(shape: Shape, value: Any, path: str, text: str) -> Violation:
    shown = "null" if value is None else f"'{_cut(_rendered(shape, value))}'"
    failed = f"at '{path}' failed to satisfy constraint: {text}"
    return Violation(f"Value {shown} {failed}", f"Value {failed}")


def _cut(pieces: Iterable[str]) -> str:
    """A text of pieces, of which no more are made than are printed."""
    found, length = list[str](), 0
    for piece in pieces:
        found.append(piece)
        length += len(piece)
        if length > _MOST_PRINTED:
            return f"{''.join(found)[:_MOST_PRINTED]}…"
    return "".join(found)


def lower_first(name: str) -> str:
    """A member's name as AWS prints it in paths: ``StreamARN`` → ``streamARN``."""
    return name[:1].lower() + name[1:]


def render(shape: Shape, value: Any) -> str:
    """A value as Java prints it inside AWS's messages."""
    return "".join(_rendered(shape, value))


def _rendered(shape: Shape, value: Any) -> Iterator[str]:
    """The same, piece by piece."""
    kind = shape.type_name
    if value is None:
        yield "null"
    elif kind == "blob":
        yield f"java.nio.HeapByteBuffer[pos=0 lim={len(value)} cap={len(value)}]"
    elif kind == "boolean":
        yield "true" if value else "false"
    elif kind == "list":
        yield from _between("[", (("", shape.member, item) for item in value), "]")
    elif kind == "map":
        pairs = ((f"{key}=", shape.value, item) for key, item in value.items())
        yield from _between("{", pairs, "}")
    elif kind == "structure":
        members = shape.members.items()
        inside = ((f"{lower_first(n)}=", m, value.get(n)) for n, m in members)
        yield from _between(f"{shape.name}(", inside, ")")
    else:
        yield str(value)


def _between(opens: str, inside: Iterable[tuple[str, Shape, Any]], closes: str) -> Iterator[str]:
    for name, shape, value in inside:
        yield f"{opens}{name}"
        yield from _rendered(shape, value)
        opens = ", "
    yield f"{'' if opens == ', ' else opens}{closes}"
