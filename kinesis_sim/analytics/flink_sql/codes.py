"""Flink's functions of codes: digests, base 64, other bases, addresses, keys and values."""

from __future__ import annotations

import hashlib
from base64 import b64decode, b64encode

from sqlglot import exp

from kinesis_sim.analytics.functions import regexes
from kinesis_sim.analytics.functions.registry import FunctionTable
from kinesis_sim.analytics.sql.expressions import Expressions, converted
from kinesis_sim.analytics.sql.nodes import wrong
from kinesis_sim.analytics.sql.typed import Typed, lifted
from kinesis_sim.analytics.types.sqltype import (
    BIGINT,
    BOOLEAN,
    INTEGER,
    LONGEST,
    STRING,
    SqlType,
    array,
)
from kinesis_sim.analytics.types.values import SqlMap, bounded_members

FUNCTIONS = FunctionTable()
VARBINARY = SqlType("VARBINARY", LONGEST)
_MAP = SqlType("MAP", parts=(STRING, STRING))
_DECIMAL = "[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?"
_CHARSETS = ("US-ASCII", "ISO-8859-1", "UTF-8", "UTF-16BE", "UTF-16LE", "UTF-16")


def _bounded(text: str) -> str:
    if len(text) > regexes.LONGEST_MADE:
        raise ValueError(f"a function makes at most {regexes.LONGEST_MADE:,} characters")
    return text


# --- digests ----------------------------------------------------------------------------------

for _name, _digest in {
    "MD5": "md5",
    "SHA1": "sha1",
    "SHA224": "sha224",
    "SHA256": "sha256",
    "SHA384": "sha384",
    "SHA512": "sha512",
}.items():
    FUNCTIONS.plain(
        _name,
        [STRING],
        STRING,
        lambda text, kind=_digest: hashlib.new(
            kind, text.encode(), usedforsecurity=False
        ).hexdigest(),
    )


def _sha2(text: str, bits: int) -> str:
    if bits not in (224, 256, 384, 512):
        raise ValueError(f"SHA2 has 224, 256, 384 or 512 bits, not {bits}")
    return hashlib.new(f"sha{bits}", text.encode()).hexdigest()


FUNCTIONS.plain("SHA2", [STRING, INTEGER], STRING, _sha2)


# --- base 64, bytes, other bases ----------------------------------------------------------------


def _charset(name: str) -> str:
    if name.upper() not in _CHARSETS:
        raise ValueError(f"{name[:40]!r} is no charset; choose one of {', '.join(_CHARSETS)}")
    return name


def _from_base64(text: str) -> str:
    return b64decode(text.encode(), validate=True).decode(errors="replace")


FUNCTIONS.plain(
    "TO_BASE64", [STRING], STRING, lambda text: _bounded(b64encode(text.encode()).decode())
)
FUNCTIONS.plain("FROM_BASE64", [STRING], STRING, _from_base64)
FUNCTIONS.plain(
    "ENCODE",
    [STRING, STRING],
    VARBINARY,
    lambda text, name: text.encode(_charset(name), errors="replace"),
)
FUNCTIONS.plain(
    "DECODE",
    [VARBINARY, STRING],
    STRING,
    lambda data, name: data.decode(_charset(name), errors="replace"),
)


def _unsigned(number: int) -> int:
    """A BIGINT's 64 bits, as Java writes them in another base."""
    return number & 0xFFFF_FFFF_FFFF_FFFF


FUNCTIONS.plain("BIN", [BIGINT], STRING, lambda number: f"{_unsigned(number):b}")


@FUNCTIONS.function("HEX", least=1)
def _hex(here: Expressions, node: exp.Expr, args: list[Typed]) -> Typed:
    if args[0].kind.character:
        return lifted(STRING, lambda text: _bounded(text.encode().hex().upper()), args[0])
    return lifted(STRING, lambda number: f"{_unsigned(number):X}", converted(node, args[0], BIGINT))


def _sign(number: int) -> str:
    return chr(number & 0xFF) if number >= 0 else ""


FUNCTIONS.plain("CHR", [BIGINT], STRING, _sign)


# --- addresses ----------------------------------------------------------------------------------


def _url(address: str, part: str, key: str | None = None) -> str | None:
    """PARSE_URL: a part of an address; NULL for what is none, or has no such part."""
    rest, hash_, fragment = address.partition("#")
    rest, mark, query = rest.partition("?")
    protocol, slashes, rest = rest.partition("://")
    if not slashes or not protocol.isalnum() or "[" in rest or " " in address:
        return None
    authority, slash, path = rest.partition("/")
    if key is not None:
        return _of_query(query, key) if part == "QUERY" else None
    user, at, place = authority.rpartition("@")
    found: dict[str, str | None] = {
        "HOST": place.partition(":")[0],
        "PATH": slash + path,
        "QUERY": query if mark else None,
        "REF": fragment if hash_ else None,
        "PROTOCOL": protocol,
        "FILE": slash + path + mark + query,
        "AUTHORITY": authority,
        "USERINFO": user if at else None,
    }
    return found.get(part)


def _of_query(query: str, key: str) -> str | None:
    for pair in query.split("&"):
        name, equals, value = pair.partition("=")
        if name == key and equals:
            return value
    return None


_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789*-._")
"""What ``application/x-www-form-urlencoded`` leaves as it is, a space aside."""


def _url_encoded(text: str) -> str:
    signs = (chr(one) for one in text.encode())
    return _bounded(
        "".join(
            sign if sign in _PLAIN else "+" if sign == " " else f"%{ord(sign):02X}"
            for sign in signs
        )
    )


def _url_decoded(text: str) -> str | None:
    """NULL for a percent sign without two digits behind it."""
    first, *rest = text.replace("+", " ").split("%")
    made = [first.encode()]
    for piece in rest:
        try:
            made.append(bytes.fromhex(piece[:2]) + piece[2:].encode())
        except ValueError:
            return None
        if len(piece) < 2 or piece[:2].isspace():
            return None
    return b"".join(made).decode(errors="replace")


FUNCTIONS.plain("PARSE_URL", [STRING, STRING, STRING], STRING, _url, least=2)
FUNCTIONS.plain("URL_ENCODE", [STRING], STRING, _url_encoded)
FUNCTIONS.plain("URL_DECODE", [STRING], STRING, _url_decoded)


# --- keys and values ------------------------------------------------------------------------------


@FUNCTIONS.function("STR_TO_MAP", least=1, most=3)
def _to_map(here: Expressions, node: exp.Expr, args: list[Typed]) -> Typed:
    patterns = [str(arg.value) if arg.constant else "" for arg in args[1:]]
    if len(args) == 2:
        raise wrong(node, "STR_TO_MAP takes one text, or three.")
    between, within = patterns or [",", "="]
    if not between or not within:
        raise wrong(node, "STR_TO_MAP's separators are texts that stand in the statement.")

    def pairs(text: str) -> SqlMap:
        made: dict[str, str | None] = {}
        for part in _split(text, between):
            key, *value = _split(part, within, 2)
            made[key] = value[0] if value else None
        return SqlMap(made)

    return lifted(_MAP, pairs, converted(node, args[0], STRING))


def _split(text: str, pattern: str, most: int = 0) -> list[str]:
    """Java's String.split by a pattern; most: parts at most, 0 for all."""
    regex, parts, start, at = regexes.Regex.of(pattern), list[str](), 0, 0
    while not most or len(parts) < most - 1:
        found = regex.search(text, at)
        if found is None:
            break
        begin, end = found[0], found[1]
        if begin is None or end is None or end == begin:
            break
        parts.append(text[start:begin])
        start = at = end
    return [*parts, text[start:]]


for _name, _test in {
    "IS_ALPHA": str.isalpha,
    "IS_DIGIT": str.isdigit,
    "IS_DECIMAL": lambda text: regexes.Regex.of(_DECIMAL).whole(text) is not None,
}.items():
    FUNCTIONS.plain(_name, [STRING], BOOLEAN, _test, casts=True)


def _members(text: str, between: str) -> tuple[str, ...]:
    parts: tuple[str, ...] = bounded_members(tuple(text.split(between) if between else text))
    return parts


FUNCTIONS.plain("SPLIT", [STRING, STRING], array(STRING), _members)
FUNCTIONS.plain("CURRENT_DATABASE", [], STRING, lambda: "default_database")
FUNCTIONS.plain("STARTSWITH", [STRING, STRING], BOOLEAN, lambda text, start: text.startswith(start))
FUNCTIONS.plain("ENDSWITH", [STRING, STRING], BOOLEAN, lambda text, end: text.endswith(end))


def _translated(text: str, wanted: str, given: str) -> str:
    signs: dict[str, str] = {}
    for at, sign in enumerate(wanted):
        signs.setdefault(sign, given[at : at + 1])
    return "".join(signs.get(sign, sign) for sign in text)


FUNCTIONS.plain("TRANSLATE", [STRING, STRING, STRING], STRING, _translated)
