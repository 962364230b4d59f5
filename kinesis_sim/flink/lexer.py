"""Where the words, texts and comments of a SQL script stand; no more of SQL than that."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from kinesis_sim.errors import UsageError

_TOKEN = re.compile(
    r"(?P<comment>(?:--|//)[^\r\n]*|/\*.*?\*/)|(?P<text>'(?:[^']|'')*')|(?P<name>`(?:[^`]|``)*`)"
    r"|(?P<word>[^\W\d]\w*)|(?P<space>\s+)|(?P<sign>[^'`])",
    re.DOTALL,
)


class ScriptToken(NamedTuple):
    """A piece of a script. kind: comment, text, name (in backquotes), word, space or sign."""

    kind: str
    said: str
    start: int
    line: int

    @property
    def end(self) -> int:
        """Where the next piece begins."""
        return self.start + len(self.said)

    @property
    def upper(self) -> str:
        """A word in capitals; empty for anything else, which is no keyword."""
        return self.said.upper() if self.kind == "word" else ""

    @property
    def means(self) -> bool:
        """Whether Flink reads it at all."""
        return self.kind not in ("comment", "space")


def tokens(script: str) -> Iterator[ScriptToken]:
    """The pieces of a script, in order.

    Raises UsageError for a quote that nothing closes, and for what would have Flink read other
    pieces than these: a text with a backslash's escapes, a hint, whose options may name files.
    """
    at, line = 0, 1
    while at < len(script):
        found = _TOKEN.match(script, at)
        if found is None:
            what = "text" if script[at] == "'" else "name"
            raise UsageError(f"Line {line}: a {what} begins with {script[at]} and nothing ends it.")
        if script.startswith("/*+", at):
            raise UsageError(
                f"Line {line}: a hint (/*+ … */) is not run. Write a table's options in its WITH."
            )
        if found["word"] in ("E", "e") and script.startswith("'", found.end()):
            raise UsageError(
                f"Line {line}: write a text as '…', without {found['word']} before it."
            )
        yield ScriptToken(found.lastgroup or "sign", found[0], at, line)
        at, line = found.end(), line + found[0].count("\n")


def unquoted(token: ScriptToken) -> str:
    """What a text or a name in backquotes says; a word as it is."""
    if token.kind == "text":
        return token.said[1:-1].replace("''", "'")
    if token.kind == "name":
        return token.said[1:-1].replace("``", "`")
    return token.said


def quoted(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"
