"""DiscoverInputSchema: columns and types found in a sample of records (facts/analytics §5).

Names that are no identifiers are told with COL_ in front, as AWS does. How long a discovered
VARCHAR is made (the next power of two, at least 4) is the model's choice; a timestamp stays a text,
which is why the guide has people edit it.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable
from typing import Any

from kinesis_sim.analytics.kinesis_sql.mapping import MappedColumn, RecordSchema
from kinesis_sim.analytics.refusals import SqlValidationError
from kinesis_sim.analytics.types.jsonpath import JsonPath
from kinesis_sim.analytics.types.sqltype import BOOLEAN, DOUBLE, INTEGER, SqlType, varchar

RESERVED = frozenset(
    [
        "USER",
        "SELECT",
        "FROM",
        "WHERE",
        "GROUP",
        "ORDER",
        "BY",
        "TABLE",
        "STREAM",
        "PUMP",
        "TIME",
        "DATE",
        "TIMESTAMP",
        "INTERVAL",
        "VALUE",
        "VALUES",
        "CURRENT",
        "WINDOW",
        "ROW",
        "ROWS",
        "END",
    ]
)
"""Words that a column's name may not be: AWS names USER, the others are the model's choice."""
LONGEST_NAME = 100
_TOP_INTEGER = 2_147_483_647


def discovered(records: Iterable[bytes]) -> RecordSchema:
    """The schema of a sample. Raises SqlValidationError where none can be found."""
    try:
        return _discovered(list(records))
    except RecursionError:
        raise SqlValidationError("The sample nests too deeply; no schema was found.") from None


def _discovered(sample: list[bytes]) -> RecordSchema:
    documents = [_document(one) for one in sample]
    if documents and all(isinstance(one, dict) for one in documents):
        return RecordSchema(_of_json([one for one in documents if isinstance(one, dict)]))
    rows = _table(sample)
    if rows:
        kinds = [_kind([row[at] for row in rows]) for at in range(len(rows[0]))]
        return RecordSchema(
            [MappedColumn(f"COL_{at}", kind) for at, kind in enumerate(kinds)], "CSV"
        )
    raise SqlValidationError(
        "The sample is neither JSON objects nor lines of as many columns each; no schema was found."
    )


def _document(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def _of_json(documents: list[dict[str, Any]]) -> list[MappedColumn]:
    values: dict[str, list[Any]] = {}
    keys: dict[str, str] = {}
    for one in documents:
        for path, key, value in _leaves(one, "$"):
            values.setdefault(path, []).append(value)
            keys[path] = key
    names: dict[str, str] = {}
    for path, key in keys.items():
        name = column_name(key, len(names))
        while name in names:
            name += "0"
        names[name] = path
    return [MappedColumn(name, _kind(values[path]), JsonPath(path)) for name, path in names.items()]


def _leaves(
    value: Any, path: str, key: str = "", *, flat: bool = False
) -> Iterable[tuple[str, str, Any]]:
    """Paths of a document's values, each with its key; the first array is run over.

    flat: whether an array is run over already. A key that no path can say is left out.
    """
    if isinstance(value, dict):
        for name, inner in value.items():
            step = _step(name)
            if step is not None:
                yield from _leaves(inner, path + step, name, flat=flat)
    elif isinstance(value, list) and value and not flat:
        for inner in value:
            yield from _leaves(inner, f"{path}[0:]", key, flat=True)
    else:
        yield path, key, value


def _step(key: str) -> str | None:
    """A key as a path says it; None where it holds both kinds of quotes, which no path can say."""
    if re.fullmatch(r"[A-Za-z_@$][\w@$-]*", key):
        return f".{key}"
    quote = "'" if "'" not in key else '"'
    return f"[{quote}{key}{quote}]" if quote not in key else None


def column_name(name: str, at: int) -> str:
    """A name that SQL takes: USER becomes COL_USER, USER@DOMAIN COL_USERDOMAIN, @@ COL_0."""
    kept = re.sub(r"\W", "", name)
    if not kept:
        return f"COL_{at}"
    wrong = kept != name or kept[0].isdigit() or kept.upper() in RESERVED
    if wrong or len(kept) > LONGEST_NAME:
        return f"COL_{kept}"[:LONGEST_NAME]
    return kept


def _table(sample: list[bytes]) -> list[list[str]]:
    try:
        text = "\n".join(one.decode("utf-8").strip("\n") for one in sample)
    except UnicodeDecodeError:
        return []
    try:
        rows = [row for row in csv.reader(text.split("\n"), skipinitialspace=True) if row]
    except csv.Error:
        return []
    return rows if rows and len(rows[0]) > 1 and len({len(row) for row in rows}) == 1 else []


def _kind(values: list[Any]) -> SqlType:
    known = [value for value in values if value is not None]
    if known and all(isinstance(value, bool) for value in known):
        return BOOLEAN
    texts = [value if isinstance(value, str) else json.dumps(value) for value in known]
    if known and all(re.fullmatch(r"-?\d{1,10}", text) for text in texts):
        return INTEGER if all(abs(int(text)) <= _TOP_INTEGER for text in texts) else DOUBLE
    if known and all(re.fullmatch(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", text) for text in texts):
        return DOUBLE
    longest = max([1, *map(len, texts)])
    return varchar(max(4, 1 << (longest - 1).bit_length()))
