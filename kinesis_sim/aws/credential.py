"""Which credential a request claims, and whether it is well-formed; ``sigv4`` verifies, if asked.

Otherwise requests without any signature are taken too (model's choice: AWS answers with
MissingAuthenticationTokenException). One that is there but broken is refused in AWS's words
(mhart/kinesalite test/connection.js, tested against AWS).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qs

from kinesis_sim.aws.exchange import Request
from kinesis_sim.errors import ServiceError

_SCOPE = re.compile(r"/(\d{8})/([^/,\s]+)/([^/,\s]+)$")
_LONGEST_SCOPE = 200
"""Characters from the date to the service: what is longer names no service."""
_END = "/aws4_request"
_IN_HEADER = ("Credential", "Signature", "SignedHeaders")
_IN_QUERY = ("Algorithm", "Credential", "Signature", "SignedHeaders", "Date")


@dataclass(frozen=True, slots=True)
class CredentialScope:
    """A SigV4 credential scope: who calls, and which service in which Region is meant."""

    access_key: str
    region: str
    service: str


def claimed(request: Request) -> CredentialScope | None:
    """The credential scope of the Authorization header or the query string, if there is one."""
    text = request.headers.get("authorization", "")
    if text.startswith("AWS "):  # signature version 2, which only S3 still takes
        return CredentialScope(text[4:].partition(":")[0], "us-east-1", "s3")
    if "X-Amz-Credential" in request.query:
        text += parse_qs(request.query).get("X-Amz-Credential", [""])[0]
    head, ended, _ = text.partition(_END)
    match = _SCOPE.search(head, max(0, len(head) - _LONGEST_SCOPE)) if ended else None
    key = re.split(r"[/,\s=]", head[: match.start()])[-1] if match else ""
    return CredentialScope(key, match[2], match[3].lower()) if match and key else None


def not_a_region(credential: CredentialScope) -> ServiceError:
    """The error for a scope whose Region is none of the partition's.

    AWS's words for any wrong scope (facts/data-streams/4.4/credential-region).
    """
    return ServiceError(
        "InvalidSignatureException",
        f"Credential should be scoped to a valid region, not '{credential.region}'. ",
    )


def refuse_malformed(request: Request) -> None:
    """Raise ServiceError (status 400) when the signature that is there cannot be one."""
    header = request.headers.get("authorization")
    in_query = "X-Amz-Algorithm" in request.query
    if header is not None and in_query:
        raise ServiceError(
            "InvalidSignatureException",
            "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP "
            "header.",
        )
    missing = _missing_in_header(request, header) if header is not None else ""
    missing = _missing_in_query(request) if in_query else missing
    if missing:
        raise ServiceError("IncompleteSignatureException", missing)


def _missing_in_header(request: Request, header: str) -> str:
    given = {part.partition("=")[0] for part in re.split(r"[,\s]+", header)[1:] if "=" in part}
    text = "".join(
        f"Authorization header requires '{name}' parameter. "
        for name in _IN_HEADER
        if name not in given
    )
    if "x-amz-date" not in request.headers and "date" not in request.headers:
        text += (
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. "
        )
    return f"{text}Authorization={header}" if text else ""


def _missing_in_query(request: Request) -> str:
    given = parse_qs(request.query)
    text = "".join(
        f"AWS query-string parameters must include 'X-Amz-{name}'. "
        for name in _IN_QUERY
        if f"X-Amz-{name}" not in given
    )
    return f"{text}Re-examine the query-string parameters." if text else ""
