"""The COPY statement: how Firehose writes it, and how the warehouse reads it.

Syntax: AWS's Redshift guide, r_COPY and its pages of parameters, read 2026-11-25.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from kinesis_sim.firehose.destinations.redshift.codes import CopyError

Value = str | int | bool

_TOKEN = re.compile(
    r"""\s+|--[^\n]*
    |(?P<string>'(?:[^'\\]|\\.|'')*')
    |"(?P<quoted>[^"]+)"
    |(?P<word>[A-Za-z_][\w$]*)
    |(?P<number>\d+)
    |(?P<sign>[(),.;])""",
    re.VERBOSE | re.DOTALL,
)
_FLAGS = """MANIFEST GZIP BZIP2 CSV ESCAPE REMOVEQUOTES FILLRECORD IGNOREBLANKLINES EMPTYASNULL
    BLANKSASNULL TRIMBLANKS TRUNCATECOLUMNS ROUNDEC ACCEPTANYDATE NOLOAD IGNOREALLERRORS"""
_STRINGS = """CREDENTIALS IAM_ROLE DELIMITER QUOTE NULL DATEFORMAT TIMEFORMAT FIXEDWIDTH REGION
    ACCESS_KEY_ID SECRET_ACCESS_KEY SESSION_TOKEN"""
_NUMBERS = "IGNOREHEADER MAXERROR COMPROWS"
_SWITCHES = "COMPUPDATE STATUPDATE"
_DEFAULTS = {"JSON": "auto", "ACCEPTINVCHARS": "?"}
"""Options whose text may be left out."""
_NOT_HERE = """AVRO PARQUET ORC SHAPEFILE LZOP ZSTD ENCRYPTED MASTER_SYMMETRIC_KEY SSH READRATIO
    EXPLICIT_IDS ENCODING"""
_KINDS = {
    **dict.fromkeys(_FLAGS.split(), "flag"),
    **dict.fromkeys(_STRINGS.split(), "string"),
    **dict.fromkeys(_NUMBERS.split(), "number"),
    **dict.fromkeys(_SWITCHES.split(), "switch"),
    **dict.fromkeys(_DEFAULTS, "optional"),
    **dict.fromkeys(_NOT_HERE.split(), "not here"),
}
_CONTROL = {r"\t": "\t", r"\n": "\n", r"\r": "\r", r"\f": "\f", r"\v": "\v", r"\b": "\b"}
_CONFLICTS = (
    ("CSV", "FIXEDWIDTH", "REMOVEQUOTES", "ESCAPE", "JSON"),
    ("FIXEDWIDTH", "DELIMITER", "ESCAPE", "JSON"),
    ("JSON", "DELIMITER", "REMOVEQUOTES", "ESCAPE"),
    ("IGNOREALLERRORS", "MAXERROR"),
    ("GZIP", "BZIP2"),
    ("IAM_ROLE", "CREDENTIALS", "ACCESS_KEY_ID"),
)
"""The first of a row goes with none of the others."""


@dataclass(frozen=True)
class Copy:
    """A COPY that was read. table: (schema or None, name); columns: None when none are listed."""

    table: tuple[str | None, str]
    columns: tuple[str, ...] | None
    bucket: str
    key: str
    options: Mapping[str, Value] = field(default_factory=dict)

    def has(self, option: str) -> bool:
        """Whether an option was given."""
        return option in self.options

    def text(self, option: str, default: str) -> str:
        """The text of an option."""
        return str(self.options.get(option, default))

    def number(self, option: str) -> int:
        """The number of an option; 0 without it."""
        return int(self.options.get(option, 0))


def character(text: str) -> str:
    r"""A mark as it is meant: ``\t`` and its kin, or an octal code such as ``\017``."""
    if text in _CONTROL:
        return _CONTROL[text]
    octal = re.fullmatch(r"\\{1,2}([0-7]{3})", text)
    return chr(int(octal[1], 8)) if octal else text


def copy_statement(command: Mapping[str, Any], manifest: str, role: str) -> str:
    """As Firehose issues it for one manifest. manifest: ``s3://bucket/key``; role: an IAM role.

    command: ``CopyCommand`` of the configuration; its CopyOptions go in as they are. The form is
    the one that the console shows for a stream.
    """
    columns = command.get("DataTableColumns")
    target = f"{command['DataTableName']} ({columns})" if columns else command["DataTableName"]
    options = (command.get("CopyOptions") or "").strip().rstrip(";")
    text = f"COPY {target} FROM '{manifest}' CREDENTIALS 'aws_iam_role={role}' MANIFEST {options}"
    return text.strip() + ";"


class Token(NamedTuple):
    """kind: string, word, number or sign; raw: as it stands in the statement."""

    kind: str
    text: str
    raw: str


def read(statement: str) -> Copy:
    """Read a COPY.

    Raises CopyError: SyntaxError, ArgumentNotSupported, IncorrectCopyOptions,
    InvalidCopyOptionForJson or ImproperQualifiedName, naming what it stumbled over.
    """
    return _Reader(list(_tokens(statement))).copy()


def _tokens(text: str) -> Iterator[Token]:
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise CopyError("SyntaxError", f'Syntax error at or near "{text[at : at + 10]}".')
        at = found.end()
        kind = found.lastgroup
        if kind == "string":
            yield Token("string", found[0][1:-1].replace("''", "'"), found[0])
        elif kind is not None:
            yield Token("word" if kind == "quoted" else kind, found[kind], found[0])


class _Reader:
    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self._at = 0

    def copy(self) -> Copy:
        self._word("COPY")
        table = self._table()
        columns = self._columns() if self._skip("(") else None
        self._word("FROM")
        place = re.fullmatch(r"s3://([^/]+)/(.+)", self._take("string"))
        if place is None:
            raise CopyError("ArgumentNotSupported", "Only COPY from S3 is run here.")
        options = self._options()
        return Copy(table, columns, place[1], place[2], options)

    def _peek(self) -> Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _skip(self, *texts: str) -> bool:
        """Whether the next token is one of these; then it is passed over."""
        token = self._peek()
        found = token is not None and token.kind != "string" and token.text.upper() in texts
        self._at += found
        return found

    def _word(self, text: str) -> None:
        if not self._skip(text):
            self._stumble()

    def _take(self, *kinds: str) -> str:
        token = self._peek()
        if token is None or token.kind not in kinds:
            self._stumble()
        self._at += 1
        return token.text if token else ""

    def _stumble(self) -> None:
        token = self._peek()
        where = f'at or near "{token.raw}"' if token else "at the end of the statement"
        raise CopyError("SyntaxError", f"Syntax error {where}.")

    def _table(self) -> tuple[str | None, str]:
        names = [self._take("word").lower()]
        while self._skip("."):
            names.append(self._take("word").lower())
        if len(names) > 2:
            raise CopyError("ImproperQualifiedName", f"{'.'.join(names)} has too many parts.")
        return (names[0] if len(names) == 2 else None), names[-1]

    def _columns(self) -> tuple[str, ...]:
        names = [self._take("word").lower()]
        while self._skip(","):
            names.append(self._take("word").lower())
        self._word(")")
        twice = [name for name in names if names.count(name) > 1]
        if twice:
            raise CopyError("ColumnSpecifiedMoreThanOnce", f'"{twice[0]}" is listed twice.')
        return tuple(names)

    def _options(self) -> dict[str, Value]:
        options: dict[str, Value] = {}
        while (token := self._peek()) is not None:
            if self._skip(";"):
                break
            if self._skip("FORMAT", "WITH"):
                self._skip("AS")
                continue
            name = token.text.upper() if token.kind == "word" else ""
            if name not in _KINDS:
                self._stumble()
            self._at += 1
            if name in options:
                raise CopyError("IncorrectCopyOptions", f"{name} is given twice.")
            options[name] = self._value(name, _KINDS[name])
        if self._peek() is not None:
            self._stumble()
        _check(options)
        return options

    def _value(self, name: str, kind: str) -> Value:
        if kind == "not here":
            raise CopyError("ArgumentNotSupported", f"{name} is not run by this warehouse.")
        if kind == "flag":
            return True
        if kind == "switch":
            return not self._skip("OFF", "FALSE") and (self._skip("ON", "TRUE", "PRESET") or True)
        self._skip("AS")
        if kind == "number":
            token = self._peek()
            return int(self._take("number", "string" if token and token.text.isdigit() else ""))
        if name == "IAM_ROLE" and self._skip("DEFAULT"):
            return "default"
        if kind == "optional" and ((token := self._peek()) is None or token.kind != "string"):
            return _DEFAULTS[name]
        return self._take("string")


def _check(options: Mapping[str, Value]) -> None:
    for first, *others in _CONFLICTS:
        for other in others:
            if first in options and other in options:
                raise CopyError("IncorrectCopyOptions", f"{first} does not go with {other}.")
    if "QUOTE" in options and "CSV" not in options:
        raise CopyError("IncorrectCopyOptions", "QUOTE goes only with CSV.")
    _check_marks(options)
    if not {"IAM_ROLE", "CREDENTIALS", "ACCESS_KEY_ID"} & options.keys():
        raise CopyError("SyntaxError", "Credentials are missing: IAM_ROLE or CREDENTIALS.")
    json = str(options.get("JSON", "auto"))
    if json.startswith("s3://") or json == "noshred":
        raise CopyError("ArgumentNotSupported", f"JSON '{json}' is not run by this warehouse.")
    if json not in ("auto", "auto ignorecase"):
        raise CopyError("InvalidCopyOptionForJson", f"JSON '{json}' is neither.")


def _check_marks(options: Mapping[str, Value]) -> None:
    """The texts that take a line apart: there is something to them, and of CSV one character."""
    is_csv = "CSV" in options
    for name in ("DELIMITER", "QUOTE"):
        text = str(options.get(name, "x"))
        if not text or (is_csv and len(character(text)) != 1):
            raise CopyError("IncorrectCopyOptions", f"{name} '{text}' is not one character.")
    if is_csv and options.get("DELIMITER", ",") == options.get("QUOTE", '"'):
        raise CopyError("IncorrectCopyOptions", "DELIMITER and QUOTE are the same.")
    if "FIXEDWIDTH" in options:
        widths = str(options["FIXEDWIDTH"])
        if not all(_is_width(part) for part in widths.split(",")):
            raise CopyError(
                "SyntaxError",
                f"FIXEDWIDTH '{widths[:100]}' is not 'label:width, …' of its columns.",
            )


def _is_width(part: str) -> bool:
    label, _, width = part.partition(":")
    width = width.strip()
    return bool(label) and width.isascii() and width.isdecimal() and len(width) < 6
