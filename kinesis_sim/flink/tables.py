"""What a CREATE TABLE says of its storage, and the same table over other storage.

Only WITH (…) changes, and what depends on it: columns that a connector fills (METADATA) become
columns of the rows, PARTITIONED BY goes, for a file has no partition key.
"""

from __future__ import annotations

from collections.abc import Mapping

from kinesis_sim.errors import UsageError
from kinesis_sim.flink.lexer import ScriptToken, quoted, unquoted
from kinesis_sim.flink.script import ScriptStatement

_FORMAT = "json."
"""Options of the format, which the table keeps wherever its rows lie."""


def options(table: ScriptStatement) -> dict[str, str]:
    """The options in WITH (…). Raises UsageError, with the line, for a pair that is none."""
    found = _with(table)
    if found is None:
        return {}
    meant = [token for token in table.pieces[found[0] + 1 : found[1]] if token.means][1:]
    told: dict[str, str] = {}
    for at in range(0, len(meant), 4):
        kinds = [token.kind for token in meant[at : at + 3]]
        if kinds != ["text", "sign", "text"] or meant[at + 1].said != "=":
            line = meant[at].line
            raise UsageError(f"Line {line}: in WITH each option is written 'name' = 'value'.")
        told[unquoted(meant[at])] = unquoted(meant[at + 2])
    return told


def stream_of(given: Mapping[str, str]) -> str:
    """The name of the stream that options name, by its name or its ARN; empty when none does."""
    named = given.get("stream") or given.get("delivery-stream") or ""
    return named or given.get("stream.arn", "").rpartition("/")[2]


def format_options(given: Mapping[str, str]) -> dict[str, str]:
    """The options that say how a record is read and written."""
    return {name: value for name, value in given.items() if name.startswith(_FORMAT)}


def metadata(table: ScriptStatement) -> dict[str, str]:
    """Columns that the connector fills: their names and what they are filled from."""
    return {name: source for name, source, _, _ in _metadata(table)}


def stored(table: ScriptStatement, storage: Mapping[str, str]) -> str:
    """The statement with other options, for a table whose rows bring every column themselves."""
    found = _with(table)
    cut: set[int] = set()
    for _, _, start, end in _metadata(table):
        cut |= set(range(start, end))
    cut |= _partitioned(table)
    end = len(table.pieces) if found is None else found[0]
    kept = [token.said for at, token in enumerate(table.pieces[:end]) if at not in cut]
    rest = "" if found is None else "".join(t.said for t in table.pieces[found[1] + 1 :])
    return f"{''.join(kept).rstrip()}\n{written(storage)}{rest}".rstrip()


def extended(table: ScriptStatement, more: Mapping[str, str]) -> str:
    """The statement as it is, with more options; those that it names itself stay."""
    found = _with(table)
    if found is None:
        return table.text
    start, end = found
    before = "".join(token.said for token in table.pieces[:start]).rstrip()
    after = "".join(token.said for token in table.pieces[end + 1 :]).rstrip()
    return f"{before}\n{written({**more, **options(table)})}{after}"


def written(storage: Mapping[str, str]) -> str:
    """Options as WITH writes them."""
    pairs = [f"  {quoted(name)} = {quoted(value)}" for name, value in storage.items()]
    return "WITH (\n" + ",\n".join(pairs) + "\n)"


def _with(table: ScriptStatement) -> tuple[int, int] | None:
    """Where WITH (…) stands: the places of WITH and of its closing bracket."""
    depth = 0
    for at, token in enumerate(table.pieces):
        if token.kind == "sign":
            depth += (token.said == "(") - (token.said == ")")
        elif depth == 0 and token.upper == "WITH":
            return at, _closing(table.pieces, at)
    return None


def _closing(pieces: tuple[ScriptToken, ...], at: int) -> int:
    depth = 0
    for place in range(at, len(pieces)):
        if pieces[place].kind == "sign" and pieces[place].said in "()":
            depth += 1 if pieces[place].said == "(" else -1
            if depth == 0:
                return place
    raise UsageError(f"Line {pieces[at].line}: the bracket that opens here is never closed.")


def _metadata(table: ScriptStatement) -> list[tuple[str, str, int, int]]:
    """Of each METADATA column: name, source, and where the words stand that say so."""
    found: list[tuple[str, str, int, int]] = []
    column: ScriptToken | None = None
    depth, at = 0, 0
    while at < len(table.pieces):
        token = table.pieces[at]
        if token.kind == "sign" and token.said in "()":
            depth += 1 if token.said == "(" else -1
        begins = depth == 1 and token.said in "(," and token.kind == "sign"
        if begins:
            column = None
        elif depth == 1 and column is None and token.kind in ("word", "name"):
            column = token
        elif depth == 1 and column is not None and token.upper == "METADATA":
            source, end = _source(table.pieces, at, unquoted(column))
            found.append((unquoted(column), source, at, end))
            at = end - 1
        at += 1
    return found


def _source(pieces: tuple[ScriptToken, ...], at: int, column: str) -> tuple[str, int]:
    """What METADATA at a place reads, and where its words end."""
    source, end = column, at + 1
    meant = [(place, pieces[place]) for place in range(at + 1, len(pieces)) if pieces[place].means]
    if len(meant) > 1 and meant[0][1].upper == "FROM":
        source, end = unquoted(meant[1][1]), meant[1][0] + 1
        meant = meant[2:]
    if meant and meant[0][1].upper == "VIRTUAL":
        end = meant[0][0] + 1
    return source, end


def _partitioned(table: ScriptStatement) -> set[int]:
    """The places of PARTITIONED BY (…) after the columns."""
    depth = 0
    for at, token in enumerate(table.pieces):
        if token.kind == "sign":
            depth += (token.said == "(") - (token.said == ")")
        elif depth == 0 and token.upper == "PARTITIONED":
            return set(range(at, _closing(table.pieces, at) + 1))
    return set()
