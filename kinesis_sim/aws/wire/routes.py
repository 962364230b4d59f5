"""Which operation a REST request is: botocore's path templates, the longest text tried first."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote

if TYPE_CHECKING:
    from botocore.model import OperationModel, ServiceModel

_LABEL = re.compile(r"\{([\w-]+)(\+?)\}")
_MOST_FIELDS = 1_000


@dataclass(frozen=True, slots=True)
class Route:
    """Where an operation is found.

    path: matches a path that is not yet decoded; labels: what its groups are; literals: the query
    string's fixed parts; weight: the longer the fixed text, the closer the match.
    """

    operation: str
    method: str
    path: re.Pattern[str]
    labels: tuple[str, ...]
    literals: tuple[tuple[str, str], ...]
    weight: int


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request as HTTP carries it. path and query: nothing decoded; headers: lower-case names."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


@cache
def routes(service: ServiceModel) -> tuple[Route, ...]:
    """The routes of all operations, those with the most fixed text first."""
    found = [_route(service.operation_model(name)) for name in service.operation_names]
    return tuple(sorted(found, key=lambda route: -route.weight))


def _route(operation: OperationModel) -> Route:
    template, _, query = operation.http["requestUri"].partition("?")
    texts, names, greedy = (_LABEL.split(template)[place::3] for place in range(3))
    labels = ["(.+)" if more else "([^/]+)" for more in greedy]
    pattern = "".join(
        re.escape(text) + label for text, label in zip(texts, [*labels, ""], strict=True)
    )
    return Route(
        operation.name,
        operation.http["method"],
        re.compile(pattern.rstrip("/") + "/?"),
        tuple(names),
        tuple(parse_qsl(query, keep_blank_values=True)),
        len("".join(texts)) + len(query),
    )


def routed(service: ServiceModel, incoming: Incoming) -> tuple[str, dict[str, str]] | None:
    """The operation that a request names, and the labels of its path; None for none."""
    given = fields(incoming.query)
    for route in routes(service):
        match = route.path.fullmatch(incoming.path) if route.method == incoming.method else None
        if match is not None and all(pair in given for pair in route.literals):
            texts = map(unquote, match.groups())
            return route.operation, dict(zip(route.labels, texts, strict=True))
    return None


def fields(query: str) -> list[tuple[str, str]]:
    """The fields of a query string; none when there are absurdly many."""
    try:
        return parse_qsl(query, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        return []
