"""What a row's source stands for: a title and a page that anyone can open."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

SEPARATOR = re.compile(r"[;,](?![^(]*\))")
ADDRESS = re.compile(
    r"(?:docs\.|www\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|org|cn|io)(?:/[^\s()]*)?"
)
THREAD = re.compile(r"(?P<repository>[\w.-]+/[\w.-]+)#(?P<number>\d+)")
MORE_OF_THE_SAME = re.compile(r"(?:[A-Z][A-Za-z]+|\S+\.(?:md|java|js|py|json))(?:\.\w+)*")
"""A citation without a key goes on with the key before it: ``B DeleteStream, DeleteQueue``."""
YEAR = re.compile(r"\((?:[^()]* )?(20[12]\d)(?:-(\d\d))?\b")
"""A citation may say when it was written: ``owner/name#52 (2017)``."""
FIELD = re.compile(r"\{\w+\}")
OPERATION = re.compile(
    r"(?:Acknowledge|Add|Create|Decrease|Delete|Deregister|Describe|Disable|Discover|Enable|Export|"
    r"Get|Import|Increase|Invoke|List|Merge|Put|Receive|Register|Remove|Restore|Rollback|Set|Split|"
    r"Start|Stop|Subscribe|Tag|Untag|Update)"
    r"[A-Za-z]*?(?<!Input)(?<!Output)(?<!Entry)(?<!Request)(?<!Value)(?<!Event)(?<!EventStream)"
)


@dataclass(frozen=True, slots=True)
class CitedSource:
    """What a key stands for.

    page: its address, with one field where a citation names the part: ``{operation}`` (a page of
    the API reference), ``{page}`` or ``{file}``. Empty: no address is known. age: when it was
    written or stored, in words; written: the last day on which it can have been, if it is old.
    """

    key: str
    title: str
    page: str = ""
    age: str = ""
    written: date | None = None

    def address(self, part: str) -> str:
        """The page of a part; the folder of the pages where the part is none of its own."""
        found = FIELD.search(self.page)
        if found is None:
            return self.page
        named = part.split(" ")[0].strip("`")
        if found[0] == "{operation}":
            named = named.split(".")[0]
            fits = OPERATION.fullmatch(named) is not None
        else:
            fits = re.fullmatch(r"[\w./-]+", named) is not None
        if fits:
            return self.page.replace(found[0], named)
        folder = self.page[: found.start()].rpartition("/")[0] + "/"
        return folder.replace("/blob/", "/tree/")


@dataclass(frozen=True, slots=True)
class Citation:
    """One citation.

    text: as written; title: what it is; page: its address, or empty; written: the last day on which
    it can have been, None where nothing says that it is old.
    """

    text: str
    title: str
    page: str
    written: date | None = None


def citations(text: str, sources: Mapping[str, CitedSource]) -> tuple[Citation, ...]:
    """The citations of a row's source, in the order written."""
    return tuple(_each(text, sources))


def _each(text: str, sources: Mapping[str, CitedSource]) -> Iterator[Citation]:
    last: CitedSource | None = None
    for piece in filter(None, map(str.strip, SEPARATOR.split(text))):
        source, part = _keyed(piece, sources)
        follows = MORE_OF_THE_SAME.fullmatch(piece) and not ADDRESS.match(piece)
        if source is None and last is not None and follows:
            source, part = last, piece
        if source is None:
            yield Citation(piece, piece, _direct(piece), _year(piece))
            continue
        last = source
        between = " " if part.startswith("(") else ": "
        said = f"{source.title}{between}{part}" if part else source.title
        yield Citation(piece, said, source.address(part), source.written)


def _keyed(piece: str, sources: Mapping[str, CitedSource]) -> tuple[CitedSource | None, str]:
    """The source whose key the piece begins with, and what follows; keys may be of each other."""
    for key in sorted(sources, key=len, reverse=True):
        rest = piece.removeprefix(key)
        if piece.startswith(key) and not re.match(r"[\w-]", rest):
            return sources[key], rest.lstrip(": ")
    return None, piece


def _year(piece: str) -> date | None:
    """The end of the year that a citation names in brackets."""
    found = YEAR.search(piece)
    return None if found is None else date(int(found[1]), 12, 31)


def _direct(piece: str) -> str:
    """The address that a piece names itself: a page, or a thread of a public repository."""
    if thread := THREAD.search(piece):
        return f"https://github.com/{thread['repository']}/issues/{thread['number']}"
    if address := ADDRESS.search(piece):
        return f"https://{address[0].rstrip('.')}"
    return ""
