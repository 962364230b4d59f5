"""What moto does for the calls that are made most often, past its web framework: for replays.

A replayed call needs no answer, only what it did. Nine tenths of what moto spends on one go into
routes, headers and answers; here its own code for the operation is called with what it looks at.
What is not plain beyond doubt goes the long way (``neighbours.done_again``), and so does what fails
here, before it reached moto's state, as nothing that moto refuses does; a test holds both ways
equal. What fails later failed at first, too, for moto's state knows nothing of requests: it is done
as far as it went, and a second time would do it twice.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kinesis_sim.aws.exchange import Request

Do = Callable[[], bool]
"""Does a call again; False when it cannot, as moto has another shape than it knows."""
_SCOPE = re.compile(r"AWS4-HMAC-SHA256 Credential=[^/,\s]+/\d{8}/([a-z0-9-]+)/([a-z0-9]+)/aws4_")
_ITEMS = {
    f"DynamoDB_20120810.{name}": name
    for name in ("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem")
}
_PLAIN = frozenset(
    {
        "accept", "accept-encoding", "amz-sdk-invocation-id", "amz-sdk-request", "authorization",
        "cache-control", "connection", "content-disposition", "content-encoding",
        "content-language", "content-length", "content-md5", "content-type", "expect", "expires",
        "host", "transfer-encoding", "user-agent", "x-amz-checksum-crc32", "x-amz-checksum-crc32c",
        "x-amz-checksum-crc64nvme", "x-amz-checksum-sha1", "x-amz-checksum-sha256",
        "x-amz-content-sha256", "x-amz-date", "x-amz-decoded-content-length",
        "x-amz-sdk-checksum-algorithm", "x-amz-security-token", "x-amz-trailer",
        "x-amz-user-agent",
    }
)  # fmt: skip
"""Headers of an object that is put plainly; ``x-amz-meta-…`` besides."""
_FORMS = ("application/x-www-form-urlencoded", "multipart/")
_CHUNKED = ("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER")
_LOCAL = re.compile(r"(?:localhost|127\.0\.0\.1)(?::\d+)?")


def shortcut(request: Request, account: str, environ: dict[str, Any]) -> Do | None:
    """What does a call again for an account; None for one that goes the long way.

    environ: the request as WSGI has it. Making it changes nothing; it may raise anything.
    """
    called = called_plainly(request)
    if called is None:
        return None
    headers, (region, service) = request.headers, called
    if service == "dynamodb":
        name = _ITEMS.get(headers.get("x-amz-target", ""))
        if (request.method, request.path) == ("POST", "/") and name is not None:
            return _item(name, request, account, region, environ)
    elif service == "s3" and request.method == "PUT" and _is_plain(headers):
        return _object(request, account, region, environ)
    return None


class _Watched:
    """moto's state of a service, and whether anything of it was asked that changes it."""

    def __init__(self, backend: Any) -> None:
        self._backend = backend
        self.is_reached = False

    def __getattr__(self, name: str) -> Any:
        self.is_reached = self.is_reached or name.startswith(_CHANGES)
        return getattr(self._backend, name)


_CHANGES = ("put_", "update_", "delete_")


@cache
def _watching(response: type, member: str) -> Any:
    """One of moto's responses that takes its state from ``state``, told after it is made."""
    return type(response.__name__, (response,), {member: property(lambda self: self.state)})


def called_plainly(request: Request) -> tuple[str, str] | None:
    """The Region and service that a request is for beyond doubt; None where moto would look."""
    headers = request.headers
    scope = _SCOPE.match(headers.get("authorization", ""))
    if scope is None or not _LOCAL.fullmatch(headers.get("host", "")) or request.query:
        return None
    if "region/" in headers.get("user-agent", ""):  # moto takes it for the Region
        return None
    return scope[1], scope[2]


def _done(response: Any, operation: Callable[[], Any]) -> bool:
    """Do an operation; what moto refuses is done, too, and so is what broke its state."""
    from moto.core.exceptions import ServiceException
    from moto.iam.models import mark_account_as_visited
    from werkzeug.exceptions import HTTPException

    who = response.current_account, response.access_key
    mark_account_as_visited(*who, response.service_name, response.region)
    try:
        operation()
    except (ServiceException, HTTPException):
        return True
    except Exception:
        return bool(response.state.is_reached)
    return True


def _is_plain(headers: dict[str, str]) -> bool:
    if headers.get("content-type", "").lower().startswith(_FORMS):
        return False
    return all(name in _PLAIN or name.startswith("x-amz-meta-") for name in headers)


def _tell(response: Any, account: str, region: str, environ: dict[str, Any], url: str) -> None:
    """Tell one of moto's responses what its operations look at."""
    from moto.core.request import EnvironHeaders
    from moto.utilities.utils import get_partition

    response.headers = EnvironHeaders(environ)
    response.response_headers, response.querystring, response.uri_match = {}, {}, {}
    response.data = response.querystring
    response.current_account, response.region, response.uri = account, region, url
    response.partition, response.access_key = get_partition(region), response.get_access_key()


def _item(name: str, request: Request, account: str, region: str, environ: dict[str, Any]) -> Do:
    """PutItem, UpdateItem, DeleteItem or BatchWriteItem."""
    from moto.core.utils import camelcase_to_underscores
    from moto.dynamodb.models import dynamodb_backends
    from moto.dynamodb.responses import DynamoHandler

    handler = _watching(DynamoHandler, "dynamodb_backend")()
    handler.state = _Watched(dynamodb_backends[account][region])
    _tell(handler, account, region, environ, "/")
    handler.parse_parameters(
        SimpleNamespace(
            method="POST",
            content_type=request.headers.get("content-type", ""),
            values={},
            headers=handler.headers,
            data=request.body,
            path="/",
        )
    )
    handler.body = handler.params
    operation = getattr(handler, camelcase_to_underscores(name))
    return lambda: _done(handler, operation)


def _object(request: Request, account: str, region: str, environ: dict[str, Any]) -> Do | None:
    """PutObject into a bucket that has nothing to say about it; None for any other."""
    from moto.s3.models import s3_backends
    from moto.s3.responses import S3Response
    from moto.utilities.utils import get_partition

    raw = request.target
    name, _, key = raw.removeprefix("/").partition("/")
    if not raw.startswith("/") or not name or not key or raw.startswith("//"):
        return None
    backend = s3_backends[account][get_partition(region)]
    bucket = backend.buckets.get(name)
    if bucket is None or bucket.policy or bucket.logging or bucket.object_lock_enabled:
        return None
    response = _watching(S3Response, "backend")()
    response.state = _Watched(backend)
    url = f"{request.scheme}://{request.headers['host']}{raw}"
    _tell(response, account, region, environ, url)
    response.raw_path, response.path, response.method = raw, request.path, "PUT"
    response.request = SimpleNamespace(headers=response.headers, url=url)
    response.bucket_name = response.parse_bucket_name_from_url(response.request, url)
    response.raw_body = request.body
    response.body = _unwrapped(response, request)
    return lambda: _done(response, response.put_object)


def _unwrapped(response: Any, request: Request) -> bytes:
    """The body without its chunks' lengths and signatures."""
    how = request.headers.get("x-amz-content-sha256", "")
    found = request.body
    if how == "STREAMING-UNSIGNED-PAYLOAD-TRAILER":
        found = response._handle_encoded_body(found)
    elif how in _CHUNKED:
        size = int(request.headers["x-amz-decoded-content-length"])
        found = response._handle_v4_chunk_signatures(found, size)
    return found
