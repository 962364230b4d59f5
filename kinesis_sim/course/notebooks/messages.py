"""What a translator translates: a Markdown cell, or a string in ``_("…")`` inside a code cell.

Nothing else in a code cell is ever touched, so both editions of a lesson run the same code.
"""

import ast
import json
import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, replace

from kinesis_sim.course.notebooks.source import Cell, SourceError

WIDTH = 99  # columns a line with a translated string may have before the string is wrapped


@dataclass(frozen=True, slots=True)
class Message:
    """One unit of translation; ``context`` is the cell's id, with ``:k`` for its k-th string."""

    context: str
    text: str


@dataclass(frozen=True, slots=True)
class _Literal:
    """A string inside ``_()``: its text and where it stands, as offsets into the code in UTF-8."""

    text: str
    start: int
    end: int
    column: int


def messages(cell: Cell) -> list[Message]:
    """The messages of ``cell`` in reading order."""
    if cell.kind == "markdown":
        return [Message(cell.id, cell.text)]
    found = _literals(cell)
    return [Message(f"{cell.id}:{k}", literal.text) for k, literal in enumerate(found, 1)]


def translated(cell: Cell, translate: Callable[[Message], str]) -> Cell:
    """``cell`` with every message replaced by ``translate(message)``."""
    if cell.kind == "markdown":
        return replace(cell, text=translate(Message(cell.id, cell.text)))
    code = cell.text.encode()
    for k, literal in reversed(list(enumerate(_literals(cell), 1))):
        text = translate(Message(f"{cell.id}:{k}", literal.text))
        if text != literal.text:
            tail = code[literal.end :].partition(b"\n")[0].decode()
            quoted = _quoted(text, literal.column, len(tail))
            code = code[: literal.start] + quoted + code[literal.end :]
    return replace(cell, text=code.decode())


def without_messages(cell: Cell) -> str:
    """The code of ``cell`` with every message blanked: what must be equal in all languages."""
    blank = translated(cell, lambda message: "")
    return blank.text


def _literals(cell: Cell) -> list[_Literal]:
    try:
        tree = ast.parse(plain_python(cell.text))
    except SyntaxError as error:
        raise SourceError(f"cell {cell.id!r} is not Python: {error}") from error
    starts = _line_starts(cell.text)
    calls = [node for node in ast.walk(tree) if _is_message(node)]
    found = [_literal(call, cell, starts) for call in calls if isinstance(call, ast.Call)]
    return sorted(found, key=lambda literal: literal.start)


def _is_message(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_"


def _literal(call: ast.Call, cell: Cell, starts: list[int]) -> _Literal:
    match call.args:
        case [ast.Constant(value=str(text)) as node] if not call.keywords:
            start = starts[node.lineno - 1] + node.col_offset
            end = starts[(node.end_lineno or 1) - 1] + (node.end_col_offset or 0)
            return _Literal(text, start, end, node.col_offset)
    raise SourceError(f"cell {cell.id!r}: _() takes one plain string; fill it with .format().")


def _line_starts(code: str) -> list[int]:
    starts = [0]
    for line in code.split("\n"):
        starts.append(starts[-1] + len(line.encode()) + 1)
    return starts


def _quoted(text: str, column: int, tail: int) -> bytes:
    """``text`` as a Python literal that leaves ``tail`` columns free behind it.

    In pieces under each other where it is too long for a line.
    """
    width = max(WIDTH - column - tail - 2, 30)
    pieces = textwrap.wrap(
        text, width, drop_whitespace=False, replace_whitespace=False, expand_tabs=False
    )
    lines = [json.dumps(piece, ensure_ascii=False) for piece in pieces or [""]]
    return ("\n" + " " * column).join(lines).encode()


_SHELL = re.compile(r"^(\s*)(?:[\w, .\[\]]+=\s*)?[!%](?!=).*$")


def plain_python(code: str) -> str:
    """``code`` with IPython's ``!`` and ``%`` lines blanked for the parser.

    Their continuations too.
    """
    if code.startswith("%%"):
        return ""
    lines, continued = [], False
    for line in code.split("\n"):
        shell = _SHELL.match(line) is not None
        indent = line[: len(line) - len(line.lstrip())]
        lines.append("" if continued else f"{indent}pass" if shell else line)
        continued = (shell or continued) and line.rstrip().endswith("\\")
    return "\n".join(lines)
