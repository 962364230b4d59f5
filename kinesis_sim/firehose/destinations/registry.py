"""The receivers of one account: they are made here, and found by the host of their address."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from kinesis_sim.arguments import said
from kinesis_sim.errors import UsageError
from kinesis_sim.firehose.destinations.http_endpoint.receiver import HttpReceiver
from kinesis_sim.firehose.destinations.identity import guid
from kinesis_sim.firehose.destinations.opensearch.domain import domain_endpoint
from kinesis_sim.firehose.destinations.opensearch.receiver import OpenSearchReceiver
from kinesis_sim.firehose.destinations.receiver import Receiver
from kinesis_sim.firehose.destinations.splunk.receiver import SplunkReceiver
from kinesis_sim.signatures import faced

Made = TypeVar("Made", bound=Receiver)


@faced
class Receivers:
    """Makes receivers and holds them. hosts: by host, as ``Transport`` takes them.

    Addresses: OpenSearch as AWS forms them (without its random letters); the others under
    ``.example``, which belongs to nobody (RFC 2606).
    """

    def __init__(self, account: str = "123456789012", region: str = "us-east-1") -> None:
        self.account = account
        self.region = region
        self.hosts: dict[str, Receiver] = {}

    def opensearch(
        self,
        name: str,
        *,
        types: bool = False,
        fields: dict[str, str] | None = None,
        took_ms: int = 0,
    ) -> OpenSearchReceiver:
        """A domain; its ``arn`` is for ``DomainARN``, its ``url`` for ``ClusterEndpoint``.

        Raises UsageError for a name that no domain may have, or that is taken.
        """
        arn = f"arn:aws:es:{self.region}:{self.account}:domain/{name}"
        url = domain_endpoint(arn)
        if not url:
            raise UsageError(
                f"{name!r} is no name of a domain; write 3 to 28 lower-case letters, digits and "
                "hyphens, a letter first."
            )
        made = OpenSearchReceiver(name, url, arn, types=types, fields=fields, took_ms=took_ms)
        return self.add(made)

    def serverless(self, name: str, *, took_ms: int = 0) -> OpenSearchReceiver:
        """A collection of OpenSearch Serverless; its ``url`` is for ``CollectionEndpoint``."""
        url = f"https://{name}.{self.region}.aoss.amazonaws.com"
        return self.add(OpenSearchReceiver(name, url, took_ms=took_ms))

    def splunk(
        self, name: str, token: str = "", *, indexing_ms: int = 0, took_ms: int = 0
    ) -> SplunkReceiver:
        """An HTTP Event Collector; ``url`` and ``token`` are for ``HECEndpoint`` and ``HECToken``.

        token: follows from the name unless given.
        """
        url = f"https://{name}.splunk.example:8088"
        token = token or guid(f"token of {name}")
        made = SplunkReceiver(name, url, token, indexing_ms=indexing_ms, took_ms=took_ms)
        return self.add(made)

    def http(
        self, name: str, access_key: str = "", *, deduplicate: bool = False, took_ms: int = 0
    ) -> HttpReceiver:
        """An HTTP endpoint; its ``url`` is for ``EndpointConfiguration``."""
        url = f"https://{name}.endpoint.example/firehose"
        made = HttpReceiver(name, url, access_key, deduplicate=deduplicate, took_ms=took_ms)
        return self.add(made)

    def add(self, receiver: Made) -> Made:
        """Register a receiver under its host.

        Raises UsageError when the host is taken, when the address has none, and for no receiver.
        """
        if not isinstance(receiver, Receiver):
            raise UsageError(f"receiver={said(receiver)}: give a receiver, which has a host.")
        host = receiver.host
        if not host or any(letter in host for letter in "/ ?#@"):
            raise UsageError(f"{receiver.url!r} names no host; give a name of letters and digits.")
        if host in self.hosts:
            raise UsageError(f"{host} has a receiver already; take another name, or use that one.")
        self.hosts[host] = receiver
        return receiver

    def __getitem__(self, name: str) -> Receiver:
        """The receiver of a name. Raises UsageError when there is none."""
        for receiver in self:
            if receiver.name == name:
                return receiver
        known = ", ".join(receiver.name for receiver in self) or "none yet"
        raise UsageError(f"There is no receiver {name!r}; there are: {known}.")

    def __iter__(self) -> Iterator[Receiver]:
        return iter(self.hosts.values())
