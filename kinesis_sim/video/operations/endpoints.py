"""GetDataEndpoint: where a stream's media is put and read (facts/video §1)."""

from __future__ import annotations

from kinesis_sim.account.calls import Answer, Request
from kinesis_sim.video.catalog import VideoCatalog
from kinesis_sim.video.hosts import data_endpoint


def get_data_endpoint(catalog: VideoCatalog, request: Request) -> Answer:
    """The endpoint for one API of a stream; the caller adds its path.

    Raises ResourceNotFoundException.
    """
    stream = catalog.find(request)
    return {"DataEndpoint": data_endpoint(catalog, stream, request["APIName"])}
