"""The MetadataExtractionQuery of dynamic partitioning, held to what can do no harm.

jq runs inside this process, so a query is read token by token before jq sees it and may use only
what is listed here: functions of jq 1.6 (the version that Firehose names, facts/firehose §4) that
depend on the record alone and end. Not among them are whatever reads the machine (``env``,
``$ENV``, ``now``, ``input``, ``import``, ``debug`` …), whatever may never end or make output out
of nothing (``def``, ``reduce``, ``repeat``, ``range``, ``recurse(f)`` …) and multiplication, with
which jq repeats strings (divide by 0.001 instead). AWS's own list of limits is not published; the
refusals and their wording are the model's.

What remains is slow: a ``gsub`` over a long text, or a pairing of all parts of a large record. jq
has no limits of its own, so whatever can take more than a record's length (``is_slow``) is run
where it can be ended (see the port ``Jq`` in ``partitioning``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from kinesis_sim.errors import ServiceError

MOST_KEYS = 50
LONGEST_TEXT = 128
"""Characters of one text in a query (the model's choice): gsub writes it over and over."""
MOST_GROWTH = 8
"""Steps of one key that can make a value larger (the model's choice): each may double it."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


KEYWORDS = _words("if then elif else end and or not try catch as")
FUNCTIONS = _words(
    """add all any arrays ascii_downcase ascii_upcase booleans capture ceil contains empty
    endswith error explode fabs first flatten floor fromdate fromdateiso8601 from_entries fromjson
    getpath gmtime group_by gsub has implode in index indices inside isinfinite isnan isnormal
    iterables join keys keys_unsorted last length limit log log10 log2 ltrimstr map map_values
    match max max_by min min_by mktime nth null nulls numbers objects pow reverse rindex round
    rtrimstr scalars scan select sort sort_by split splits sqrt startswith strftime strings
    strptime sub test to_entries todate todateiso8601 tojson tonumber tostring trunc true false
    type unique unique_by utf8bytelength values with_entries"""
)
FORMATS = _words("@text @json @html @uri @csv @tsv @sh @base64 @base64d")
QUICK = _words(
    """arrays ascii_downcase ascii_upcase booleans ceil empty endswith error fabs first floor
    fromdate fromdateiso8601 gmtime has isinfinite isnan isnormal iterables last length log log10
    log2 ltrimstr mktime not nth null nulls numbers objects pow round rtrimstr scalars select sqrt
    startswith strftime strings strptime todate todateiso8601 tonumber tostring trunc true false
    type utf8bytelength values if then elif else end and or"""
)
"""Names that take no more time than their input is long."""
MOST_QUICK = 200
"""Tokens of a query that is quick (the model's choice)."""
GROWING = _words("tojson tostring join add gsub sub explode to_entries with_entries")
_TOKEN = re.compile(
    r"""(?P<space>\s+)|(?P<text>")|(?P<field>\.[A-Za-z_]\w*)|(?P<number>\d+(?:\.\d*)?|\.\d+)
    |(?P<variable>\$\w+)|(?P<format>@\w+)|(?P<name>[A-Za-z_]\w*)
    |(?P<sign>\?//|//=|//|\|=|[-+*/%]=|==|!=|<=|>=|::|\.\.|[][{}().,:;|?<>+*/%=-])""",
    re.VERBOSE,
)
_SIGNS = _words("// == != <= >= .. [ ] { } ( ) . , : ; | ? < > + - / %")
_CLOSING = {"(": ")", "[": "]", "{": "}"}


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a query. depth: how many brackets it stands in."""

    kind: str
    text: str
    at: int
    depth: int


def wrong(reason: str) -> ServiceError:
    """InvalidArgumentException for a query that cannot be."""
    return ServiceError("InvalidArgumentException", f"MetadataExtractionQuery {reason}")


DEEPEST_TEXTS = 20
"""Interpolations within one another (the model's choice)."""


def names_of(query: str) -> tuple[str, ...]:
    """The names of the keys that a query finds, in its order.

    Raises InvalidArgumentException for what is not one object of 1 to 50 named keys, or uses what
    a query may not use.
    """
    tokens = [token for token in _tokens(query) if token.kind != "space"]
    if not tokens or tokens[0].text != "{" or tokens[-1].text != "}" or tokens[-1].depth:
        raise wrong("must be one object of keys and jq expressions, e.g. {customer: .customer_id}")
    if any(token.depth == 0 for token in tokens[1:-1]):
        raise wrong("must be one object and nothing else; join expressions inside of it")
    entries = list(_entries(tokens[1:-1]))
    names = tuple(_name(entry) for entry in entries)
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise wrong(f"names the key '{twice}' more than once")
    if len(names) > MOST_KEYS:
        raise wrong(f"has {len(names)} keys; it may have {MOST_KEYS}")
    for name, entry in zip(names, entries, strict=True):
        if sum(map(_grows, entry)) > MOST_GROWTH:
            raise wrong(
                f"builds the key '{name}' in more than {MOST_GROWTH} steps that can make a value "
                "larger, which this model refuses; do it in a Lambda function"
            )
    return names


def is_slow(query: str) -> bool:
    """Whether a query that ``names_of`` takes can need more time than its record is long.

    It uses a name that is not of the quick ones, steps through values, pairs them, or writes them
    anew.
    """
    tokens = [token for token in _tokens(query) if token.kind != "space"]
    if len(tokens) > MOST_QUICK:
        return True
    if any(one.text == "[" and then.text == "]" for one, then in pairwise(tokens)):
        return True
    for token in tokens:
        in_text = token.kind == "text" and "\\(" in token.text
        named = token.kind == "name" and not (token.text in QUICK or _is_key(token, query))
        if in_text or named or token.kind in ("variable", "format") or token.text in ("..", "+"):
            return True
    return False


def _entries(tokens: list[Token]) -> Iterator[list[Token]]:
    """The tokens between the commas of the outermost object."""
    entry: list[Token] = []
    for token in tokens:
        if token.text == "," and token.kind == "sign" and token.depth == 1:
            yield entry
            entry = []
        else:
            entry.append(token)
    yield entry


def _name(entry: list[Token]) -> str:
    match entry:
        case [Token(kind="name", text=text)] | [Token(kind="name", text=text), Token(text=":"), *_]:
            return text
        case [Token(kind="text", text=text), Token(text=":"), *_] if "\\(" not in text:
            return _read_text(text)
    written = "".join(token.text for token in entry)[:40]
    raise wrong(f"has '{written}' where a key should be; write name: expression")


def _read_text(text: str) -> str:
    try:
        return str(json.loads(text))
    except ValueError:
        raise wrong(f"has {text[:40]} as a key, which is no text that jq reads") from None


def _grows(token: Token) -> bool:
    if token.kind == "text":
        return "\\(" in token.text
    return token.text in GROWING or token.text in {"+", ",", "..", "["} or token.kind == "format"


def _tokens(query: str, start: int = 0, stop: str = "", level: int = 0) -> Iterator[Token]:
    """The tokens of a query, each of them allowed; up to an unopened ``stop``.

    level: of the texts around, each interpolated into the next.
    """
    at, open_brackets = start, list[str]()
    while at < len(query):
        found = _TOKEN.match(query, at)
        if found is None:
            raise wrong(f"has '{query[at]}' at character {at + 1}, which this model refuses")
        kind, text = str(found.lastgroup), found.group()
        if stop and text == stop and not open_brackets:
            return
        if kind == "text":
            text = _text(query, at, level)
        closes = text in _CLOSING.values()
        if closes and (not open_brackets or _CLOSING[open_brackets.pop()] != text):
            raise wrong(f"closes '{text}' at character {at + 1} and never opened it")
        token = Token(kind, text, at, len(open_brackets))
        _check(token, query, bool(open_brackets) and open_brackets[-1] == "{")
        if text in _CLOSING:
            open_brackets.append(text)
        yield token
        at += len(text)
    if open_brackets or stop:
        raise wrong(f"never closes '{(open_brackets or ['('])[-1]}'")


def _text(query: str, start: int, level: int) -> str:
    """The text that begins at a quote, with what is interpolated into it checked as well."""
    at = start + 1
    while at < len(query):
        if query[at] == '"':
            return _short(query[start : at + 1])
        if query.startswith("\\(", at):
            if level == DEEPEST_TEXTS:
                raise wrong(f"has texts within texts, more than {DEEPEST_TEXTS} deep")
            inner = list(_tokens(query, at + 2, ")", level + 1))
            at = inner[-1].at + len(inner[-1].text) if inner else at + 2
        at += 2 if query[at : at + 1] == "\\" else 1
    raise wrong(f"never closes the text at character {start + 1}")


def _short(text: str) -> str:
    if len(text) > LONGEST_TEXT + 2:
        raise wrong(f"has a text of {len(text) - 2} characters; this model takes {LONGEST_TEXT}")
    return text


def _check(token: Token, query: str, in_object: bool) -> None:
    """Raise InvalidArgumentException for what a query may not use."""
    if token.kind == "name" and not _known_name(token, query, in_object):
        raise wrong(
            f"uses '{token.text}', which this model refuses: it is not of jq 1.6, reads more than "
            "the record, or may not end"
        )
    if token.kind == "variable" and (token.text == "$ENV" or token.text.startswith("$__")):
        raise wrong(f"uses '{token.text}', which reads more than the record")
    if token.kind == "format" and token.text not in FORMATS:
        raise wrong(f"uses '{token.text}', which is no format of jq 1.6")
    if token.kind == "sign" and token.text not in _SIGNS:
        hint = "; divide instead: x / 0.001" if token.text == "*" else ""
        raise wrong(f"uses '{token.text}', which this model refuses{hint}")


def _known_name(token: Token, query: str, in_object: bool) -> bool:
    """Whether a name may be called, or is but the key of an object."""
    if in_object and _is_key(token, query):
        return True
    return token.text in KEYWORDS or token.text in FUNCTIONS


def _is_key(token: Token, query: str) -> bool:
    before = query[: token.at].rstrip()[-1:]
    after = query[token.at + len(token.text) :].lstrip()[:1]
    return before in {"{", ","} and after in {":", ",", "}"}
