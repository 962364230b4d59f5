"""Proofs about names: what AWS's service descriptions say, read through clients."""

import re
from typing import Any

from kinesis_sim import Simulator

RENAMED = re.compile(r"Amazon ([^<>.]*?) was previously known as Amazon ([^<>.]*)")
OLD = {
    "kdf": "Kinesis Data Firehose",
    "kda": "Kinesis Data Analytics for Apache Flink",
    "es": "Elasticsearch",
}
NEW = {
    "firehose": "Data Firehose",
    "flink": "Managed Service for Apache Flink",
    "opensearch": "OpenSearch Service",
}


def new_names() -> dict[str, str]:
    """A01: each old name's new one, as option ids."""
    sim = Simulator()
    found = {
        old: new
        for service in ("firehose", "kinesisanalyticsv2")
        for new, old in _renamed(sim, service)
    }
    found[OLD["es"]] = _destination(sim)
    by_name = {name: option for option, name in NEW.items()}
    return {prompt: by_name[found[name]] for prompt, name in OLD.items()}


def _renamed(sim: Simulator, service: str) -> list[Any]:
    return RENAMED.findall(sim.client(service).meta.service_model.documentation)


def _destination(sim: Simulator) -> str:
    """What Firehose's Elasticsearch destination is called in the words of its description."""
    create = sim.client("firehose").meta.service_model.operation_model("CreateDeliveryStream")
    text = create.input_shape.members["ElasticsearchDestinationConfiguration"].documentation
    [name] = re.findall(r"destination in Amazon ([\w ]+)\.", text)
    return str(name)
