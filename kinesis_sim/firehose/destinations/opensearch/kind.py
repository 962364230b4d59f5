"""OpenSearch domains, by two names, and OpenSearch Serverless as kinds of destination."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from kinesis_sim.account.calls import Request
from kinesis_sim.firehose.destinations.opensearch.domain import Flavour, domain_endpoint
from kinesis_sim.firehose.kind import Kind, receiver
from kinesis_sim.units import MIB

if TYPE_CHECKING:
    from kinesis_sim.firehose.destinations.links import Links
    from kinesis_sim.firehose.outcome import Destination
    from kinesis_sim.firehose.settings import DestinationSettings


def _one_address(settings: DestinationSettings) -> Iterator[str]:
    """Where the domain is, said once (BC:*DestinationConfiguration)."""
    named = {"DomainARN", "ClusterEndpoint"} & settings.block.keys()
    if len(named) == 2:
        yield (
            "Cannot provide both Elasticsearch cluster endpoint and domain ARN. Provide either the "
            "cluster endpoint or domain arn. Must specify cluster endpoint for cross account "
            "elasticsearch cluster."
        )
    if not named:
        yield (
            "Provide either the Elasticsearch cluster endpoint or domain arn. Must specify cluster "
            "endpoint for cross account Elasticsearch cluster."
        )


def _collection(settings: DestinationSettings) -> Iterator[str]:
    if "CollectionEndpoint" not in settings.block:
        yield "Must specify collection endpoint for delivery to OpenSearch serverless."


def _address(block: Request) -> str:
    if "DomainARN" in block:
        return domain_endpoint(block["DomainARN"])
    return str(block.get("ClusterEndpoint") or block.get("CollectionEndpoint") or "")


def _adapter(flavour: Flavour) -> Callable[[DestinationSettings, Links], Destination]:
    def adapter(settings: DestinationSettings, links: Links) -> Destination:
        from kinesis_sim.firehose.destinations.opensearch.adapter import (
            OpenSearch,
            OpenSearchSettings,
        )

        wanted = OpenSearchSettings.read(flavour, settings.block)
        return links.at(wanted.endpoint, OpenSearch(wanted, links.arn, links.transport))

    return adapter


def _down() -> tuple[str, str]:
    from kinesis_sim.firehose.destinations.opensearch.answer import verdict_on_trouble
    from kinesis_sim.firehose.destinations.transport import Unreachable

    verdict = verdict_on_trouble(Unreachable("refused", ""), "down")
    return verdict.code, verdict.message


def _kind(flavour: Flavour, block: str, name: str = "OpenSearch", **more: Any) -> Kind:
    metric = "AmazonOpenSearchService" if name == "OpenSearch" else f"Amazon{name}"
    return Kind(
        name=name,
        block=block,
        metric=metric,
        title="OpenSearch",
        largest=100 * MIB,
        retry=300,
        steps=True,
        backup=("FailedDocumentsOnly", "AllDocuments"),
        backup_changes="never",
        copied="DeliveryToS3",
        one_by_one=True,
        apart=True,
        called=lambda found: str(found["IndexName"]),
        adapter=_adapter(flavour),
        down=_down,
        breaker=receiver(_address),
        **more,
    )


_DOMAIN: dict[str, Any] = {
    "failed": "opensearch",
    "first": _one_address,
    "own": {"IndexRotationPeriod": "OneDay"},
}
OPENSEARCH = _kind("opensearch", "Amazonopensearchservice", **_DOMAIN)
ELASTICSEARCH = _kind("elasticsearch", "Elasticsearch", **_DOMAIN)
SERVERLESS = _kind(
    "serverless",
    "AmazonOpenSearchServerless",
    "OpenSearchServerless",
    failed="opensearch-serverless",
    first=_collection,
)
KINDS = (OPENSEARCH, ELASTICSEARCH, SERVERLESS)
