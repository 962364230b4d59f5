"""Every other AWS service, answered by moto: S3, DynamoDB, STS, IAM, KMS, CloudWatch …

Two ways in, one state: ``attach`` answers an in-process boto3 client, ``Neighbours`` the requests
that reach the HTTP endpoint. moto keeps one state per process and account, so two simulators of the
same account share their buckets and tables, and those of different accounts do not (but as on AWS,
a bucket's name is taken for everybody). moto lives on the machine's clock: moving the simulator's
clock does not move its time.

moto is imported when it is first needed, which takes about a second.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from functools import cache, lru_cache
from io import BytesIO
from threading import Lock
from typing import TYPE_CHECKING, Any

from kinesis_sim.aws import joints
from kinesis_sim.aws.bridges import build, build_stacks
from kinesis_sim.aws.conversions import inbound
from kinesis_sim.aws.credential import CredentialScope
from kinesis_sim.aws.exchange import BODY_LIMIT, Header, Reply, Request
from kinesis_sim.aws.foreign import TAKEN, keep_buckets_apart, refuse_foreign
from kinesis_sim.aws.misfits import misfit
from kinesis_sim.errors import KinesisSimError, ServiceError
from kinesis_sim.instants import to_datetime
from kinesis_sim.mishaps import Mishaps, text_of
from kinesis_sim.units import MIB

if TYPE_CHECKING:
    from botocore.client import BaseClient
    from botocore.model import ServiceModel

    from kinesis_sim.aws.egress import Egress
    from kinesis_sim.simulator import Simulator

NEIGHBOUR_BODY_LIMIT = 256 * MIB
"""One request to S3; larger objects go in parts, as the AWS CLI does by itself."""
_LARGE_BODIES = frozenset({"ebs", "ecr", "glacier", "lambda", "mediastore", "s3", "s3express"})
"""Services that take files; all others take documents (the model's choice)."""
ACCOUNT_HEADER = "x-moto-account-id"
_THREADS = 8
_LARGE = 16 * MIB
_NO = b"Not yet implemented"
"""moto's body for a host or path of which it has nothing."""
_FORM = "application/x-www-form-urlencoded"
_UNSIGNED_TARGETS = ("AWSCognitoIdentityService.", "AWSCognitoIdentityProviderService.")
_NOT_SERVED = ("/moto-api", "/moto_api", "/favicon.ico", "/latest/meta-data", "/latest/api")
_MOTOS_SERVICES = frozenset({"moto_api", "instance_metadata", "motoapi"})
_MOTOS_HOSTS = frozenset({"motoapi.amazonaws.com", "169.254.169.254"})
_HOP_BY_HOP = frozenset({b"connection", b"transfer-encoding", b"server", b"date"})


def body_limit(request: Request, credential: CredentialScope | None) -> int:
    """Bytes that a request may bring. A file needs a credential that names its service."""
    signed = credential is not None and credential.service in _LARGE_BODIES
    return NEIGHBOUR_BODY_LIMIT if signed else BODY_LIMIT


def attach(client: BaseClient, account: str, egress: Egress | None = None) -> None:
    """Have moto answer this one boto3 client as ``account`` (12 digits); no other client changes.

    egress: what moto sends over the network on the way.
    """

    def answer(request: Any, event_name: str, **context: Any) -> Any:
        service, operation = client.meta.service_model, event_name.rpartition(".")[2]
        return ask(request, account, service, operation, egress)

    client.meta.events.register_last("before-send", answer)


def consult(client: BaseClient, operation: str, request: dict[str, Any]) -> dict[str, Any]:
    """An operation of a client that moto answers, from plain values to plain values.

    See ``conversions``. Raises ServiceError with moto's code, text and status.
    """
    from botocore import xform_name
    from botocore.exceptions import ClientError

    shapes = client.meta.service_model.operation_model(operation)
    given = dict(request)
    for name, member in shapes.input_shape.members.items():
        if member.type_name == "timestamp" and given.get(name) is not None:
            given[name] = to_datetime(given[name])
    try:
        answer: dict[str, Any] = getattr(client, xform_name(operation))(**given)
    except ClientError as error:
        said, status = error.response["Error"], error.response["ResponseMetadata"]["HTTPStatusCode"]
        raise ServiceError(said["Code"], said["Message"], status) from None
    del answer["ResponseMetadata"]
    convert = inbound(shapes.output_shape)
    plain: dict[str, Any] = answer if convert is None else convert(answer)
    return plain


def ask(
    request: Any, account: str, service: ServiceModel, operation: str, egress: Egress | None = None
) -> Any:
    """moto's answer to a request that botocore is about to send.

    For what moto lacks, the error that ``unsupported`` tells. egress: see ``attach``.
    """
    USED.add(account)
    request.headers[ACCOUNT_HEADER] = account
    gap = ""
    if service.service_name == joints.CLOUDFORMATION:
        build_stacks()
    try:
        joints.refuse(service.service_name, operation, _body(request), _templates(account))
    except ServiceError as error:
        return _told(request.url, service, error)
    try:
        with _input(request, service.service_name, operation, egress):
            response = _asked(request, egress)
    except NotImplementedError as error:
        response, gap = None, str(error)
    except ServiceError as error:
        return _told(request.url, service, error)
    except KinesisSimError:
        raise
    except Exception as error:
        return _told(request.url, service, _failed(service, operation, error, egress))
    if response is not None and not (
        response.status_code == 404 and response.raw.getvalue() == _NO
    ):
        return response
    return _lacking(request.url, service, operation, gap)


def _asked(request: Any, egress: Egress | None) -> Any:
    with egress.only_way_out() if egress is not None else nullcontext():
        return _stubber()("before-send", request)


@contextmanager
def _input(request: Any, service: str, operation: str, egress: Egress | None) -> Iterator[None]:
    """What changes moto's state is an input of the simulator that it is asked for."""
    from kinesis_sim.aws.outside import next_seed, reads, seeded, seeded_within, sends

    if egress is None or reads(operation):
        yield
        return
    inputs = egress.sim.inputs
    if inputs.is_taken:
        with seeded_within(egress.sim.account):
            yield
        return
    body = request.body
    if hasattr(body, "read") and hasattr(body, "seek"):
        body = body.read()
        request.body.seek(0)
    headers = {str(name): _text(value) for name, value in request.headers.items()}
    seed = next_seed()
    taken = inputs.taken("moto", seed, [request.method, request.url, headers, body])
    if sends(service, _body(request)):
        with egress.sim.lock, taken:
            pass
        with seeded(seed):
            yield
    else:
        with egress.sim.lock, taken, seeded(seed):
            yield


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def asked_again(fields: list[Any], account: str, egress: Egress) -> None:
    """Ask moto what a client of botocore asked it. fields: method, URL, headers, body."""
    from botocore.awsrequest import AWSPreparedRequest, HeadersDict

    method, url, headers, body = fields
    USED.add(account)
    request = AWSPreparedRequest(method, url, HeadersDict(headers), body, False)
    request.headers[ACCOUNT_HEADER] = account
    if f"//{joints.CLOUDFORMATION}." in url:
        build_stacks()
    _asked(request, egress)


def _lacking(url: str, service: ServiceModel, operation: str, gap: str) -> Any:
    from kinesis_sim.aws.unsupported import unsupported

    return _told(url, service, unsupported(service.service_name, operation, gap))


def _told(url: str, service: ServiceModel, error: ServiceError) -> Any:
    from botocore.awsrequest import AWSResponse
    from moto.core.botocore_stubber import MockRawResponse

    from kinesis_sim.aws.wire.refusals import refusal

    told = refusal(service, service.resolved_protocol, error, "")
    headers = {"content-type": told.content_type, **told.headers}
    return AWSResponse(url, told.status, headers, MockRawResponse(told.body))


def _failed(
    service: ServiceModel, operation: str, error: Exception, egress: Egress | None
) -> ServiceError:
    """What a crash of moto's is told as; the log has the whole story, of each cause once."""
    from kinesis_sim.aws.crashes import crash

    mishaps = Mishaps() if egress is None else egress.sim.clock.mishaps
    mishaps.note(error, f"moto's {operation} of {service.service_name}")
    if service.service_name == joints.CLOUDFORMATION and joints.reads_template(operation):
        text = f"Template format error: moto cannot read it ({text_of(error)})"
        return ServiceError("ValidationError", text[:300])
    return crash(service, operation, error)


def _body(request: Any) -> bytes:
    """The body of a request of botocore's, unless it is a file."""
    body = request.body
    if isinstance(body, str):
        return body.encode()
    return bytes(body) if isinstance(body, bytes | bytearray) else b""


def _templates(account: str) -> joints.ReadTemplate:
    """Reads a template that lies in S3, as moto does."""

    def read(url: str) -> str:
        from moto.cloudformation.utils import get_stack_from_s3_url

        try:
            text: bytes | str = get_stack_from_s3_url(url, account_id=account, partition="aws")
        except Exception:  # moto says itself what is wrong with the URL
            return ""
        return text.decode("utf-8", "replace") if isinstance(text, bytes) else text

    return read


@cache
def _stubber() -> Any:
    """An instance of our own of what moto hooks into botocore, enabled without ``mock_aws``."""
    from moto.core.botocore_stubber import BotocoreStubber

    keep_buckets_apart()
    build()
    stubber = BotocoreStubber()
    stubber.enabled = True
    return stubber


USED: set[str] = set()
"""Accounts for which moto keeps something in this process."""


class Neighbours:
    """Answers HTTP requests for the services that are not ours, in worker threads."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="neighbours")

    def recognise(self, request: Request) -> bool:
        """Whether an unsigned request that names no service of ours is meant for a neighbour."""
        target = request.headers.get("x-amz-target")
        if target is not None:
            return target.startswith(_UNSIGNED_TARGETS)
        is_query = request.content_type == _FORM and bool(request.headers.get("content-length"))
        is_s3 = request.path != "/" or "s3" in request.host.split(".")
        return is_query or is_s3 or "Action=" in request.query

    async def answer(
        self,
        sim: Simulator,
        request: Request,
        credential: CredentialScope | None,
        request_id: str,
    ) -> Reply:
        """moto's answer to an account; for what moto lacks, the error that ``unsupported`` tells.

        sim: the account, in any Region.
        """
        if _is_motos_own(request):
            from kinesis_sim.aws.rpc import identity, not_a_call

            return not_a_call(identity(request_id))
        loop = asyncio.get_running_loop()
        is_large = len(request.body) > _LARGE
        reply = await loop.run_in_executor(
            self._threads, self._answer, sim, request, credential, request_id
        )
        if is_large:  # moto's requests lie in reference cycles, each with a copy of its body
            request.body = b""
            await loop.run_in_executor(self._threads, gc.collect)
        return reply

    def close(self) -> None:
        """Let the worker threads go, without waiting for what they still do."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _answer(
        self,
        sim: Simulator,
        request: Request,
        credential: CredentialScope | None,
        request_id: str,
    ) -> Reply:
        from kinesis_sim.aws import unsupported

        environ, gap, told = _environ(request, sim.account), "", None
        if _names_nothing(sim, request, credential):
            return unsupported.answer(request, credential, _modules(environ), request_id)
        try:
            self._refuse_joints(sim.account, request, credential, environ)
            refuse_foreign(request, credential, sim.account)
            reply = self._kept(sim, request, environ, credential)
            if _is_taken(request, credential, reply):
                told = TAKEN
            elif not _is_page(reply):
                return reply
        except ServiceError as error:
            told = error
        except NotImplementedError as error:
            gap = str(error)
        except NoSuchService:
            pass
        except Exception as error:
            asked = unsupported.operation_of(request, credential, _modules(environ))
            if asked[0] is not None:
                told = misfit(asked[0], asked[1], request, error)
                told = told or _failed(asked[0], asked[1], error, sim.egress)
        return unsupported.answer(request, credential, _modules(environ), request_id, gap, told)

    def _refuse_joints(
        self,
        account: str,
        request: Request,
        credential: CredentialScope | None,
        environ: dict[str, Any],
    ) -> None:
        """Raise ServiceError for a call that would feed moto's own Kinesis."""
        from kinesis_sim.aws.unsupported import operation_of

        if credential is not None:
            names: tuple[str, ...] = joints.by_signing_name().get(credential.service, ())
        else:
            names = tuple(_modules(environ))
        body = request.body or request.query.encode()
        if not names or not any(joints.may_join(name, body) for name in names):
            return
        model, operation = operation_of(request, credential, names)
        if model is not None:
            joints.refuse(model.service_name, operation, body, _templates(account))

    def _kept(
        self,
        sim: Simulator,
        request: Request,
        environ: dict[str, Any],
        credential: CredentialScope | None,
    ) -> Reply:
        """moto's answer, once the call is kept where inputs are.

        All others stand still meanwhile, unless moto may send something before it answers.
        """
        from kinesis_sim.aws.item_images import left
        from kinesis_sim.aws.outside import may_change, next_seed, row, seeded, sends

        inputs = sim.inputs
        if inputs.write is None or not may_change(request):
            return _ask(environ, sim.egress)
        seed = next_seed()
        if credential is not None and sends(credential.service, request.body):
            with sim.lock, inputs.taken("neighbour", seed, row(request)):
                pass
            with seeded(seed):
                return _ask(environ, sim.egress)
        with sim.lock, inputs.taken("neighbour", seed, row(request)), seeded(seed):
            reply = _ask(environ, sim.egress)
            inputs.found(left(request, sim.account, seed))
            return reply


def asked(request: Request, account: str, egress: Egress) -> Reply:
    """moto's answer to a request on behalf of an account.

    Raises LookupError and NotImplementedError for what moto lacks.
    """
    return _ask(_environ(request, account), egress)


def prepare() -> None:
    """Have moto as it answers here, before anything is done to what it keeps."""
    with _IMPORTING:
        _dispatcher()


def done_again(request: Request, account: str, egress: Egress) -> None:
    """As ``asked``, where only what it does counts: the short way where there is one."""
    from kinesis_sim.aws.shortcuts import shortcut

    environ = _environ(request, account)
    prepare()
    try:
        do = shortcut(request, account, environ)
    except Exception:  # the long way finds what is wrong
        do = None
    if do is not None:
        with egress.only_way_out():
            if do():
                return
    _ask(environ, egress)


def _ask(environ: dict[str, Any], egress: Egress) -> Reply:
    if f"/{joints.CLOUDFORMATION}/" in environ.get("HTTP_AUTHORIZATION", ""):
        build_stacks()
    application = _application(environ)
    reply = Reply()

    def start_response(status: str, headers: list[tuple[str, str]], *_: Any) -> None:
        reply.status = int(status.partition(" ")[0])
        reply.headers = list(_passed_on(headers))

    with egress.only_way_out():
        parts = application(environ, start_response)
        try:
            reply.body = b"".join(parts)
        finally:
            getattr(parts, "close", lambda: None)()
    return reply


def _is_motos_own(request: Request) -> bool:
    """Whether moto itself is meant: its control API and its machine's metadata are never served."""
    path = f"/{request.path.lstrip('/.')}".lower()
    return path.startswith(_NOT_SERVED) or request.host in _MOTOS_HOSTS


class NoSuchService(LookupError):
    """moto has no service that a request could be for."""


_IMPORTING = Lock()


@cache
def _dispatcher() -> Any:
    from moto.core import responses
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

    keep_buckets_apart()
    build()
    dispatcher = DomainDispatcherApplication(create_backend_app)
    # It lists a directory for each request, 3 ms of the 8 that one takes.
    asked = lru_cache(256)(dispatcher.get_backend_for_host)
    dispatcher.get_backend_for_host = asked  # type: ignore[method-assign]
    # And all members of a class, to find one that it can be asked for.
    looks: Any = responses
    looks.method_names_from_class = cache(looks.method_names_from_class)
    return dispatcher


def _application(environ: dict[str, Any]) -> Any:
    """moto's application for a request. Raises NoSuchService when it has none of that name."""
    with _IMPORTING:
        dispatcher = _dispatcher()
    try:
        host = dispatcher.infer_service_region_host(environ, environ["PATH_INFO"])
    except (KeyError, ValueError, IndexError, AttributeError):
        raise NoSuchService("the service cannot be told") from None
    if host is not None and (host.partition(".")[0] in _MOTOS_SERVICES or not _has(host)):
        raise NoSuchService(host)
    application = dispatcher.get_application(environ)
    if application.service in _MOTOS_SERVICES:
        raise NoSuchService(application.service)
    return application


def _is_page(reply: Reply) -> bool:
    """Whether moto has no path like that at all, which its web framework says in HTML."""
    kinds = [value for name, value in reply.headers if name == b"content-type"]
    return reply.status in (404, 405) and any(kind.startswith(b"text/html") for kind in kinds)


def _names_nothing(sim: Simulator, request: Request, credential: CredentialScope | None) -> bool:
    """Whether a call is signed for a service of ours, and no operation of botocore's model.

    moto would take it by another version of the API, from a state of its own, or fail at it.
    """
    from kinesis_sim.aws.model import service_model
    from kinesis_sim.aws.unsupported import operation_of

    if credential is None:
        return False
    meant = [
        name
        for name in sim.gate.services()
        if service_model(name).signing_name == credential.service
    ]
    return bool(meant) and operation_of(request, credential, meant)[0] is None


def _is_taken(request: Request, credential: CredentialScope | None, reply: Reply) -> bool:
    """Whether moto refused to make a bucket, for another account has one of that name."""
    from kinesis_sim.aws.unsupported import operation_of

    if (request.method, reply.status) != ("PUT", 403):
        return False
    model, operation = operation_of(request, credential, ("s3",))
    return model is not None and (model.service_name, operation) == ("s3", "CreateBucket")


def _modules(environ: dict[str, Any]) -> list[str]:
    """moto's names of the services that a request may be for."""
    from moto.backend_index import backend_url_patterns

    with _IMPORTING:
        dispatcher = _dispatcher()
    try:
        host = dispatcher.infer_service_region_host(environ, environ["PATH_INFO"])
    except (KeyError, ValueError, IndexError):
        return []
    named = [name for name, pattern in backend_url_patterns if pattern.match(f"http://{host}")]
    return [*named, str(host)]


@lru_cache(256)
def _has(host: str) -> bool:
    """Whether moto has a service by that host, or module name. (Asking its dispatcher prints.)"""
    from moto import backends
    from moto.backend_index import backend_url_patterns

    if host in backends.list_of_moto_modules():
        return True
    return any(pattern.match(f"http://{host}") for _, pattern in backend_url_patterns)


def _environ(request: Request, account: str) -> dict[str, Any]:
    """The request as WSGI has it, on behalf of ``account``."""
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": request.path.encode().decode("latin-1"),
        "RAW_URI": request.target,
        "QUERY_STRING": request.query,
        "SERVER_NAME": request.host or "localhost",
        "SERVER_PORT": request.headers.get("host", "").rpartition(":")[2] or "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": request.scheme,
        "wsgi.input": BytesIO(request.body),
        "wsgi.errors": BytesIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "CONTENT_TYPE": request.headers.get("content-type", ""),
        "CONTENT_LENGTH": str(len(request.body)),
    }
    for name, value in request.headers.items():
        if name not in ("content-type", "content-length", "transfer-encoding", "expect"):
            environ[_key(name)] = value
    environ["moto.preserved_header_names"] = {
        _key(name): name
        for name in request.headers
        if name.startswith("x-amz-meta-") and "_" in name
    }
    environ[_key(ACCOUNT_HEADER)] = account
    return environ


def _key(name: str) -> str:
    return f"HTTP_{name.upper().replace('-', '_')}"


def _passed_on(headers: Iterable[tuple[str, str]]) -> Iterable[Header]:
    """moto's headers without those of the connection and its invitation to any web page.

    A page that somebody stored in S3 is of no origin, so that it cannot call us as our own would.
    """
    yield b"content-security-policy", b"sandbox allow-forms allow-popups allow-scripts"
    for name, value in headers:
        raw = name.lower().encode("latin-1")
        if raw not in _HOP_BY_HOP and not raw.startswith(b"access-control-"):
            yield raw, str(value).encode("latin-1")
