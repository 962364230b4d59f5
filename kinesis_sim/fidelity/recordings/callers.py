"""How a replayed request is made: through a boto3 client, or as JSON past the SDK."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from kinesis_sim.errors import ServiceError

if TYPE_CHECKING:
    from kinesis_sim.simulator import Simulator

MakeClient = Callable[..., Any]
"""Makes a boto3 client: ``make("kinesis", region_name="us-east-1", config=…)``."""
Post = Callable[[str, dict[str, str], bytes], tuple[int, bytes]]
"""Sends one JSON call: a service, headers, body; gives status and body of the answer."""


class Requester(Protocol):
    """Makes a request: service, operation, members, Region, whether past the SDK.

    Gives the answer as plain JSON values (times as epoch seconds); raises ServiceError.
    """

    def __call__(
        self, service: str, operation: str, ask: dict[str, Any], region: str, raw: bool
    ) -> dict[str, Any]:
        """Make the request."""


class SdkCaller:
    """Calls with boto3 clients that validate nothing and try once; ``post`` makes raw requests."""

    def __init__(self, make: MakeClient, post: Post) -> None:
        self._make, self._post = make, post
        self._clients: dict[tuple[str, str], Any] = {}

    def __call__(
        self, service: str, operation: str, ask: dict[str, Any], region: str, raw: bool
    ) -> dict[str, Any]:
        """Make the request."""
        if raw:
            return self._raw(service, operation, ask)
        from botocore import xform_name
        from botocore.exceptions import ClientError

        call = getattr(self._client(service, region), xform_name(operation))
        try:
            answer = call(**ask)
        except ClientError as error:
            found = error.response["Error"]
            raise ServiceError(found["Code"], found.get("Message", "")) from None
        answer.pop("ResponseMetadata", None)
        seen: dict[str, Any] = plain(answer)
        return seen

    def _client(self, service: str, region: str) -> Any:
        from botocore.config import Config

        found = self._clients.get((service, region))
        if found is None:
            config = Config(parameter_validation=False, retries={"total_max_attempts": 1})
            found = self._make(service, region_name=region, config=config)
            self._clients[service, region] = found
        return found

    def _raw(self, service: str, operation: str, ask: dict[str, Any]) -> dict[str, Any]:
        from kinesis_sim.aws.model import service_model

        prefix = service_model(service).metadata["targetPrefix"]
        headers = {
            "x-amz-target": f"{prefix}.{operation}",
            "content-type": "application/x-amz-json-1.1",
        }
        status, body = self._post(service, headers, json.dumps(ask).encode())
        answer: dict[str, Any] = json.loads(body) if body else {}
        if status >= 400:
            text = answer.get("message", answer.get("Message", ""))
            raise ServiceError(answer.get("__type", ""), text, status)
        return answer

    def close(self) -> None:
        """Close the clients."""
        for client in self._clients.values():
            client.close()


def in_process(sim: Simulator) -> SdkCaller:
    """Requests to a simulator in this process."""
    from kinesis_sim.aws import rpc
    from kinesis_sim.aws.exchange import Reply, Request

    def post(service: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        request = Request("POST", "/", "", headers, body=body)
        reply = rpc.answer(sim, request, sim.gate.request_id())
        assert isinstance(reply, Reply)
        return reply.status, reply.body

    return SdkCaller(sim.client, post)


def plain(value: Any) -> Any:
    """An answer of boto3 as JSON would have it.

    Times in epoch seconds, bytes and bodies as text, an event stream as its first event.
    """
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, datetime):
        return value.timestamp()
    if hasattr(value, "get_initial_response"):  # botocore's EventStream
        try:
            return [plain(next(iter(value)))]
        finally:
            value.close()
    if hasattr(value, "read"):  # botocore's StreamingBody
        return plain(value.read())
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return base64.b64encode(value).decode()
    return value
