"""Verifies signatures, when the server is asked to: AWS Signature Version 4 (SigV4).

The canonical request is made from what came, headers and query as they are, and from the secret
that IAM or STS, as moto keeps them, gave for the access key. How old a signature is, is not looked
at: clients sign by the machine's clock, the simulator has its own (model's choice).

A body that streams cannot be hashed before it is taken. Its signature covers what
``x-amz-content-sha256`` says, or the hash of nothing: the clients of PutMedia sign one or the other
(facts/video/3/sig-v4).
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, unquote_plus

from kinesis_sim.aws.exchange import Request
from kinesis_sim.errors import ServiceError

if TYPE_CHECKING:
    from kinesis_sim.simulator import Simulator

Secrets = Callable[[str], str | None]
"""The secret of an access key; None for a key that nobody was given."""
NOTHING = sha256(b"").hexdigest()
_ALGORITHM = "AWS4-HMAC-SHA256"
_SAID = ("UNSIGNED-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD")
_SPACES = re.compile(r" +")
_SCOPE = re.compile(r"([^/]+)/(\d{8}/[^/]+/[^/]+/aws4_request)")
_MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your AWS "
    "Secret Access Key and signing method. Consult the service documentation for details."
)


@dataclass(frozen=True, slots=True)
class _Signature:
    """What a request says of its signature."""

    key: str
    scope: str
    signed: tuple[str, ...]
    value: str
    date: str
    in_query: bool


class Verifier:
    """Checks requests against the secrets of their keys.

    Texts: facts/data-streams/4.4/signature-refused. The status is 403 in every protocol (model's
    choice).
    """

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets

    def check(self, request: Request, *, streams: bool = False) -> None:
        """Raise ServiceError (403) unless a request is signed, with a key's own secret.

        streams: whether the body is still to come.
        """
        found = _signature(request)
        if found is None:
            raise _refused("MissingAuthenticationTokenException", "Missing Authentication Token")
        secret = self._secrets(found.key)
        if secret is None:
            text = "The security token included in the request is invalid."
            raise _refused("UnrecognizedClientException", text)
        wanted = _calculated(request, found, secret, _payload(request, found, streams))
        if not hmac.compare_digest(wanted, found.value.encode("utf-8", "replace")):
            raise _refused("InvalidSignatureException", _MISMATCH)


def _refused(code: str, text: str) -> ServiceError:
    return ServiceError(code, text, 403)


def _signature(request: Request) -> _Signature | None:
    """The signature that a request carries in its header or its query; None for none."""
    query = dict(parse_qsl(request.query, keep_blank_values=True))
    header = request.headers.get("authorization", "")
    if header.startswith(_ALGORITHM):
        parts = (part.strip().partition("=") for part in header[len(_ALGORITHM) :].split(","))
        said = {name: value for name, _, value in parts}
        date = request.headers.get("x-amz-date") or request.headers.get("date", "")
    elif query.get("X-Amz-Algorithm") == _ALGORITHM:
        said = {
            name.removeprefix("X-Amz-"): value
            for name, value in query.items()
            if name.startswith("X-Amz-")
        }
        date = said.get("Date", "")
    else:
        return None
    match = _SCOPE.fullmatch(said.get("Credential", ""))
    if match is None:
        return None
    signed = tuple(said.get("SignedHeaders", "").lower().split(";"))
    in_query = not header.startswith(_ALGORITHM)
    return _Signature(match[1], match[2], signed, said.get("Signature", ""), date, in_query)


def _payload(request: Request, found: _Signature, streams: bool) -> str:
    """The hash of the body that was signed."""
    said = request.headers.get("x-amz-content-sha256")
    if streams or found.in_query or said in _SAID:
        return said or NOTHING
    return sha256(request.body).hexdigest()


def _calculated(request: Request, found: _Signature, secret: str, payload: str) -> bytes:
    canonical = "\n".join(
        [
            request.method,
            quote(request.target.partition("?")[0] or "/", safe="/~"),
            _query(request, found),
            *(f"{name}:{_value(request, name)}" for name in found.signed),
            "",
            ";".join(found.signed),
            payload,
        ]
    )
    hashed = sha256(canonical.encode("utf-8", "surrogateescape")).hexdigest()
    text = "\n".join([_ALGORITHM, found.date, found.scope, hashed])
    key = f"AWS4{secret}".encode()
    for part in found.scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, text.encode(), "sha256").hex().encode()


def _query(request: Request, found: _Signature) -> str:
    """The query, its names and values encoded in one way, in the order of both."""
    pairs = [part.partition("=") for part in request.query.split("&") if part]
    encoded = sorted(
        (quote(unquote_plus(name), safe="-_.~"), quote(unquote_plus(value), safe="-_.~"))
        for name, _, value in pairs
        if not (found.in_query and name == "X-Amz-Signature")
    )
    return "&".join(f"{name}={value}" for name, value in encoded)


def _value(request: Request, name: str) -> str:
    return _SPACES.sub(" ", request.headers.get(name, "").strip())


def account_secrets(sim: Simulator) -> Secrets:
    """The secrets that IAM and STS gave in the accounts of a server, as moto keeps them."""
    return lambda key: secret_of(sim.accounts.of_key(key).account, key)


def account_of(key: str, accounts: Collection[str]) -> str | None:
    """The account of a key that IAM or STS gave: one of these, or one whose role was assumed."""
    from moto.sts.models import sts_backends

    more = [account for account in tuple(sts_backends) if account not in accounts]
    known = (account for account in (*accounts, *more) if secret_of(account, key) is not None)
    return next(known, None)


def secret_of(account: str, key: str) -> str | None:
    """The secret that an account's IAM or STS gave with an access key; None when none did."""
    from moto.iam.models import iam_backends
    from moto.sts.models import sts_backends

    for role in sts_backends[account]["aws"].assumed_roles:
        if role.access_key_id == key:
            return str(role.secret_access_key)
    users = iam_backends[account]["aws"].users.values()
    keys = (each for user in users for each in user.access_keys)
    active = (each for each in keys if each.access_key_id == key and each.status == "Active")
    found = next(active, None)
    return None if found is None else str(found.secret_access_key)
