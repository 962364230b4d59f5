"""Who may come in: programs of whoever runs the server, and no page of somebody else's site.

A browser sends requests on behalf of any page that is open in it, and nothing here asks for a
password. So, before a request is looked at (model's choice; AWS, which verifies signatures, need
not):

1. ``Sec-Fetch-Site: cross-site`` is refused. Browsers send it to loopback addresses and local
   names, and no page can take it away (Fetch Metadata, W3C).
2. An ``Origin`` must be our own: a loopback address, a local name, the address that the connection
   came in by, or a name given with ``--host-name``. The same is asked of a ``Referer`` without one.
3. A request without an Origin is a program's, or a browser's GET or HEAD (the Fetch standard has
   every other method carry one). So what needs no header that a page cannot set must not change
   anything: a query-protocol action in the address is answered when it only reads.
4. ``Host`` must be our own, too: a page whose name was bound to our address after it was loaded
   (DNS rebinding) calls us by that name.

Names below our own are ours: S3's virtual hosts (``bucket.localhost``) are of that kind. A CORS
header goes to our own origins alone, and never for the control API.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import parse_qsl, urlsplit

from kinesis_sim.aws.exchange import Header, Reply, Request

_ORIGIN = re.compile(r"https?://[^\s/?#@\\,]+", re.IGNORECASE)
_NAME = re.compile(r"[a-z0-9_.-]+")
_READS = ("BatchGet", "Describe", "Get", "Head", "List", "Lookup", "Search")
_MOST_FIELDS = 10_000
_ANY = ("0.0.0.0", "::")
_MARKS = ("authorization", "x-amz-target", "x-amz-date", "x-amz-content-sha256", "smithy-protocol")
"""Headers that a page may send to another origin only after a preflight, which we do not grant."""


class Door:
    """Lets requests in or says why not. names: what the server is called besides local names."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        given = {_bare(name) for name in names}
        self._wide = bool(given & set(_ANY))
        self._names = frozenset(given)

    def refusal(self, request: Request) -> str | None:
        """Why a request is refused, in one sentence; None when it may come in."""
        if request.headers.get("sec-fetch-site") == "cross-site":
            return "A page of another site made this request; only programs and local pages may."
        origin = request.headers.get("origin")
        if origin is not None and not self.is_own_origin(request):
            return f"The origin {origin!r} is not local; only programs and local pages may call."
        referer = request.headers.get("referer")
        if origin is None and referer is not None and not self._is_own(_host_of(referer), request):
            return "A page of another site made this request; only programs and local pages may."
        if not self._is_called_right(request):
            return (
                f"This server does not answer to the name {request.host!r}; call it localhost or "
                f"127.0.0.1, or start it with --host-name {request.host}."
            )
        action = _changing_action(request)
        if action is not None:
            return f"An unsigned GET may only read; sign {action}, or send it as a POST."
        return None

    def is_own_origin(self, request: Request) -> bool:
        """Whether a page of our own makes this request, as its Origin says."""
        found = _ORIGIN.fullmatch(request.headers.get("origin", ""))
        return found is not None and self._is_own(_host_of(found[0]), request)

    def is_own_host(self, request: Request) -> bool:
        """Whether the client calls us by a name that no page of the Internet can have."""
        return self._is_called_right(request)

    def preflight(self, request: Request) -> Reply | None:
        """The answer to a browser that asks before it sends, without its ``grant``.

        None for any other request. Foreign origins have been refused: no CORS header is how one
        says no.
        """
        headers = request.headers
        if request.method != "OPTIONS" or "access-control-request-method" not in headers:
            return None
        allowed: list[Header] = [
            (b"access-control-allow-methods", b"GET, HEAD, POST, PUT, PATCH, DELETE"),
            (b"access-control-max-age", b"600"),
        ]
        wanted = headers.get("access-control-request-headers")
        if wanted is not None:
            allowed.append((b"access-control-allow-headers", wanted.encode("latin-1")))
        if headers.get("access-control-request-private-network") == "true":
            allowed.append((b"access-control-allow-private-network", b"true"))
        return Reply(204, headers=allowed)

    def _is_called_right(self, request: Request) -> bool:
        name = request.host
        if not name:  # no browser leaves Host out; HTTP/1.0 probes do
            return "host" not in request.headers
        return self._is_own(name, request) or (self._wide and _address(name) is not None)

    def _is_own(self, name: str, request: Request) -> bool:
        name = _bare(name)
        address = _address(name)
        if address is not None:
            return address.is_loopback or name in self._names or name == _bare(request.local)
        if _NAME.fullmatch(name) is None:
            return False
        if name == "localhost" or name.endswith(".localhost"):
            return True
        return any(name == own or name.endswith(f".{own}") for own in self._names)


def grant(request: Request) -> list[Header]:
    """The CORS headers that let the page at the request's Origin read an answer."""
    origin = request.headers["origin"].encode("latin-1")
    return [
        (b"access-control-allow-origin", origin),
        (b"access-control-expose-headers", b"*"),
        (b"vary", b"Origin"),
    ]


def _changing_action(request: Request) -> str | None:
    """The query-protocol action that a request names in its address, if it may change things.

    That is: with nothing that a page could not send, and an action that may do more than read.
    """
    if request.method not in ("GET", "HEAD") or "ction" not in request.query:
        return None
    if any(name in request.headers for name in _MARKS):
        return None
    try:
        fields = parse_qsl(request.query, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        return "that many fields"
    actions = [value for name, value in fields if name == "Action"]
    return next((each for each in actions if not each.startswith(_READS)), None)


def _host_of(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _bare(name: str) -> str:
    return name.lower().strip("[]").removesuffix(".")


def _address(name: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(name)
    except ValueError:
        return None
