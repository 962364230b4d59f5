"""Every constraint of an operation's input, and a request that breaks just that one.

Read from botocore's model.

The requests are built from the model alone: a smallest good request, with one value put wrong. So
the ledger can try every constraint at the gate, those of an operation added tomorrow included.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kinesis_sim.aws.constraints import NOT_NULL, Constraint, constraints
from kinesis_sim.aws.validation import lower_first

if TYPE_CHECKING:
    from botocore.model import OperationModel, Shape, StructureShape

ITEM, KEY, VALUE = "[]", "{key}", "{value}"
"""Steps of a path that are no member's name: a list's items, a map's keys, a map's values."""
_ANY_TEXT = r"[\s\S]*"
_CONTAINERS = ("structure", "list", "map")
_ARN = "arn:aws:kinesis:us-east-1:123456789012"
_TEXTS = (
    "06:00",
    "$.a",
    "arn:aws:lambda:us-east-1:123456789012:function:a",
    "arn:aws:kinesisanalytics:us-east-1:123456789012:application/a",
    "a",
    "0",
    "123456789012",
    "aaaaaaaaaaaaaaaaaaaa-aaa",
    f"{_ARN}:stream/a",
    f"{_ARN}:stream/a/consumer/a:1",
    f"{_ARN}:channel/a",
    f"{_ARN}:queue/a",
    "arn:aws:iam::123456789012:role/a",
    "arn:aws:s3:::aaa",
    "arn:aws:s3tables:us-east-1:123456789012:bucket/aaa",
    "arn:aws:glue:us-east-1:123456789012:schema/a/a",
    "kafka.local:9092",
    "arn:aws:kms:us-east-1:123456789012:key/a",
    "arn:aws:secretsmanager:us-east-1:123456789012:secret:a",
    "arn:aws:es:us-east-1:123456789012:domain/aaa",
    "arn:aws:glue:us-east-1:123456789012:catalog",
    "jdbc:redshift://a.us-east-1.redshift.amazonaws.com:5439/dev",
    "https://a.example",
    "s3://aaa",
    "aaaa.snowflakecomputing.com",
    "aa.aa.vpce.us-east-1.vpce-svc-00000000000000000",
    "arn:aws:kinesisvideo:us-east-1:123456789012:stream/a/1",
    "arn:aws:iot:us-east-1:123456789012:thing/a",
    "us-east-1",
    "rate(1 hour)",
)
"""Texts of which each pattern in the models takes one."""
_ODD_TEXTS = ("!", "\n", "", " ", "*", ":", "é", "-", "A", "\0")
"""Texts of which each pattern in the models refuses one."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One constraint on one value of an operation's input.

    path: the way from the input to the value, member names and ITEM, KEY, VALUE.
    kind: "required", "min", "max", "pattern" or "enum"; text: AWS's sentence for breaking it.
    """

    operation: str
    path: tuple[str, ...]
    kind: str
    bound: Any
    text: str

    @property
    def name(self) -> str:
        """The rule in one line, e.g. ``PutRecords Records.[].PartitionKey max 256``."""
        bound = "" if self.kind in ("required", "pattern", "enum") else f" {self.bound}"
        return f"{self.operation} {'.'.join(self.path)} {self.kind}{bound}"

    @property
    def vacuous(self) -> bool:
        """Whether no value can break it: no length is below zero, and some patterns take all."""
        if self.kind == "pattern":
            return bool(self.bound == _ANY_TEXT)
        return self.kind == "min" and self.bound == 0 and "length" in self.text

    @property
    def place(self) -> str:
        """Where AWS says the violation is: ``records.1.member.partitionKey``.

        A violation among the scalars of a list or map is reported at the list or map.
        """
        steps = [_SHOWN.get(step) or lower_first(step) for step in self.path]
        if self.path[-1] in _SHOWN:
            steps.pop()
        return ".".join(steps)


_SHOWN = {ITEM: "1.member", KEY: "a", VALUE: "a.member"}


def rules(operation: OperationModel) -> list[Rule]:
    """All constraints of an operation's input, in the order of the model."""
    shape = operation.input_shape
    return [] if shape is None else list(_walk(operation.name, shape, (), ()))


def _walk(
    operation: str, shape: Shape, path: tuple[str, ...], inside: tuple[str, ...]
) -> Iterator[Rule]:
    for rule in constraints(shape):
        yield Rule(operation, path, rule.kind, rule.bound, rule.text)
    if shape.name in inside:
        return
    inside = (*inside, shape.name)
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            if name in shape.required_members:
                yield Rule(operation, (*path, name), "required", True, NOT_NULL)
            yield from _walk(operation, member, (*path, name), inside)
    elif shape.type_name == "list":
        yield from _walk(operation, shape.member, (*path, ITEM), inside)
    elif shape.type_name == "map":
        yield from _walk(operation, shape.key, (*path, KEY), inside)
        yield from _walk(operation, shape.value, (*path, VALUE), inside)


# --- a smallest good request ---------------------------------------------------------------------


def example(shape: Shape) -> Any:
    """A smallest plain value that keeps every constraint of a shape."""
    least = shape.metadata.get("min", 0)
    match shape.type_name:
        case "structure":
            return {name: example(shape.members[name]) for name in shape.required_members}
        case "list":
            return [example(shape.member)] * least
        case "map":
            return {f"a{number}": example(shape.value) for number in range(least)}
        case "string":
            return _text(shape)
        case "blob":
            return bytes(least)
        case "boolean":
            return False
        case _:
            return least


def _text(shape: Shape) -> str:
    allowed = shape.metadata.get("enum")
    if allowed:
        return str(allowed[0])
    least = "a" * shape.metadata.get("min", 0)
    for text in (*_TEXTS, least):
        if all(rule.holds(text) for rule in constraints(shape)):
            return text
    raise LookupError(f"No text here fits shape {shape.name}; add one to _TEXTS.")


# --- and one value put wrong ---------------------------------------------------------------------


def breaking(shape: StructureShape, rule: Rule) -> dict[str, Any]:
    """A request that breaks a rule of its input shape, and if it can be nothing else."""
    request: dict[str, Any] = _with(shape, rule.path, rule)
    return request


def _with(shape: Shape, path: tuple[str, ...], rule: Rule) -> Any:
    """A value of the shape that is good but for what lies at the end of the path."""
    if not path:
        return _broken(shape, rule)
    step, rest = path[0], path[1:]
    if step == ITEM:
        return [_with(shape.member, rest, rule)]
    if step == KEY:
        return {_with(shape.key, rest, rule): example(shape.value)}
    if step == VALUE:
        return {"a": _with(shape.value, rest, rule)}
    value = example(shape)
    if not rest and rule.kind == "required":
        del value[step]
    else:
        value[step] = _with(shape.members[step], rest, rule)
    return value


def _broken(shape: Shape, rule: Rule) -> Any:
    if rule.kind == "enum":
        return "NO_SUCH_VALUE"
    if rule.kind == "pattern":
        [pattern] = [known for known in constraints(shape) if known.kind == "pattern"]
        return _unlike(pattern)
    size = rule.bound + (1 if rule.kind == "max" else -1)
    match shape.type_name:
        case "string":
            return "a" * size
        case "blob":
            return bytes(size)
        case "list":
            return [example(shape.member)] * size
        case "map":
            return {f"a{number}": example(shape.value) for number in range(size)}
        case _:
            return size


def _unlike(pattern: Constraint) -> str:
    return next(text for text in _ODD_TEXTS if not pattern.holds(text))
