"""A script of Flink SQL as the statements that stand in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from kinesis_sim.errors import UsageError
from kinesis_sim.flink.lexer import ScriptToken, tokens, unquoted

_LABEL = re.compile(r"--\s*([^\W\d]\w*)\s*")
_QUERIES = frozenset({"SELECT", "WITH", "VALUES"})
_KNOWN = "CREATE TABLE, CREATE VIEW, INSERT INTO, SELECT, SET, EXECUTE STATEMENT SET and DROP"
_KEYS = (
    "table.",
    "execution.runtime-mode",
    "parallelism.default",
    "pipeline.auto-watermark-interval",
)
"""What SET may change; the other keys name files, addresses and code."""


@dataclass(frozen=True)
class ScriptStatement:
    """One statement.

    verb: "table", "view", "insert", "query", "set" or "drop". label: a comment of one word before
    it (``-- per_minute``), or what it writes to, or "statement 3". text: without remarks before
    it; of "set" the value. name: the table that it makes or writes to, or the key that it sets.
    query: of an insert, what it reads. pieces: the tokens of ``text``.
    """

    verb: str
    label: str
    text: str
    line: int
    name: str = ""
    query: str = ""
    pieces: tuple[ScriptToken, ...] = field(default=(), repr=False)


def statements(script: str) -> list[ScriptStatement]:
    """The statements of a script, in order.

    Raises UsageError, with the line, for one that is none of those this runs: whatever may load
    code, name a catalogue of elsewhere or change the machine's own settings is not.
    """
    found: list[ScriptStatement] = []
    for pieces in _split(script):
        meant = _inside(pieces)
        if meant:
            labels = {each.label for each in found}
            found.append(_statement(pieces, meant, len(found) + 1, labels))
    if not found:
        raise UsageError(f"The script has no statement. It may hold {_KNOWN}.")
    return found


def _split(script: str) -> Iterator[list[ScriptToken]]:
    pieces: list[ScriptToken] = []
    for token in tokens(script):
        if token.said == ";" and token.kind == "sign":
            yield pieces
            pieces = []
        else:
            pieces.append(token)
    yield pieces


def _inside(pieces: list[ScriptToken]) -> list[ScriptToken]:
    """What Flink reads, without EXECUTE STATEMENT SET BEGIN and END around several INSERTs."""
    meant = [token for token in pieces if token.means]
    words = [token.upper for token in meant]
    for opening in (["EXECUTE", "STATEMENT", "SET", "BEGIN"], ["BEGIN", "STATEMENT", "SET"]):
        if words[: len(opening)] == opening:
            return meant[len(opening) :]
    return [] if words == ["END"] else meant


def _statement(
    pieces: list[ScriptToken], meant: list[ScriptToken], number: int, taken: set[str]
) -> ScriptStatement:
    first = meant[0]
    own = tuple(token for token in pieces if token.start >= first.start)
    text = "".join(token.said for token in own).rstrip()
    before = [token.said.strip() for token in pieces if token.start < first.start]
    remarks = [found[1] for said in before if (found := _LABEL.fullmatch(said))]
    verb, name, query = _kind(meant, text)
    label = remarks[-1] if remarks else name or f"statement {number}"
    label = f"{label} ({number})" if label in taken else label
    if verb == "set":
        return ScriptStatement(verb, label, unquoted(meant[3]), first.line, name)
    return ScriptStatement(verb, label, text, first.line, name, query, own)


def _kind(meant: list[ScriptToken], text: str) -> tuple[str, str, str]:
    """Verb, name and query of a statement. Raises UsageError for what is not run."""
    words, line = [token.upper for token in meant[:6]], meant[0].line
    if words[0] in _QUERIES:
        return "query", "", ""
    if words[:2] == ["INSERT", "INTO"]:
        name = _name(meant, 2)
        query = next((token for token in meant[3:] if token.upper in _QUERIES), None)
        if query is None:
            raise UsageError(f"Line {line}: INSERT INTO {name} has no SELECT and no VALUES.")
        return "insert", name, text[query.start - meant[0].start :]
    if words[0] == "CREATE":
        at = 1 + (words[1:2] == ["TEMPORARY"])
        if words[at : at + 1] in (["TABLE"], ["VIEW"]):
            exists = words[at + 1 : at + 4] == ["IF", "NOT", "EXISTS"]
            return words[at].lower(), _name(meant, at + 1 + 3 * exists), ""
    if words[0] == "DROP" and {"TABLE", "VIEW"} & set(words[1:3]):
        return "drop", "", ""
    if words[0] == "SET" and [token.kind for token in meant[1:]] == ["text", "sign", "text"]:
        key = unquoted(meant[1])
        if not key.startswith(_KEYS):
            raise UsageError(f"Line {line}: SET may change {', '.join(_KEYS)}, but not {key}.")
        return "set", key, ""
    began = " ".join(token.said for token in meant[:3])
    raise UsageError(f"Line {line}: “{began} …” is not run. A script may hold {_KNOWN}.")


def _name(meant: list[ScriptToken], at: int) -> str:
    """The name that stands at a place: the last part of a path."""
    while at + 2 < len(meant) and meant[at + 1].said == ".":
        at += 2
    if at >= len(meant) or meant[at].kind not in ("word", "name"):
        raise UsageError(f"Line {meant[0].line}: “{meant[0].said} …” names no table.")
    return unquoted(meant[at])
