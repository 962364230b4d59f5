"""The Firehose streams of one account in one Region."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kinesis_sim.account.delays import Delays
from kinesis_sim.account.quotas import Limits
from kinesis_sim.account.rates import Rates
from kinesis_sim.arguments import said
from kinesis_sim.errors import UsageError
from kinesis_sim.firehose import refusals
from kinesis_sim.firehose.delivery_stream import DeliverySource, DeliveryStream
from kinesis_sim.firehose.ports import FirehosePorts
from kinesis_sim.firehose.settings import DestinationSettings
from kinesis_sim.firehose.site import Site
from kinesis_sim.firehose.source import StreamSource
from kinesis_sim.firehose.states import DeliveryStreamStatus
from kinesis_sim.firehose.throughput import DirectPutMeter


class FirehoseCatalog:
    """Everything Firehose knows of one account.

    ``catalog["name"]`` is the stream, for native use.
    """

    def __init__(self, ports: FirehosePorts, limits: Limits, delays: Delays) -> None:
        self.ports = ports
        self.limits = limits
        self.delays = delays
        self.streams: dict[str, DeliveryStream] = {}
        self._calls = Rates()

    def __getitem__(self, name: str) -> DeliveryStream:
        stream = self.streams.get(name) if isinstance(name, str) else None
        if stream is None:
            known = ", ".join(sorted(self.streams)) or "none yet"
            raise UsageError(f"There is no Firehose stream {said(name)}; the streams are: {known}.")
        return stream

    def __iter__(self) -> Iterator[DeliveryStream]:
        return iter(list(self.streams.values()))

    def __len__(self) -> int:
        return len(self.streams)

    @property
    def now(self) -> int:
        """Epoch ms."""
        return self.ports.clock.now

    def arn(self, name: str) -> str:
        """The ARN of a Firehose stream of this account."""
        return f"arn:aws:firehose:{self.ports.region}:{self.ports.account}:deliverystream/{name}"

    def find(self, name: str) -> DeliveryStream:
        """The stream of a request. Raises ResourceNotFoundException."""
        stream = self.streams.get(name)
        if stream is None:
            raise refusals.not_found(name, self.ports.account)
        return stream

    def active(self, name: str) -> DeliveryStream:
        """The stream of a request that changes it. Raises ResourceInUseException unless ACTIVE."""
        stream = self.find(name)
        if stream.status is not DeliveryStreamStatus.ACTIVE:
            raise refusals.not_active(name, self.ports.account, stream.life.name)
        return stream

    def admit_call(self, operation: str, request: Mapping[str, Any]) -> None:
        """Count a control call against its rate of five a second (facts/firehose §1.1)."""
        if not self.limits.throttling or operation in ("PutRecord", "PutRecordBatch"):
            return
        most = self.limits["firehose.calls"]
        if not self._calls.admit(operation, most, self.now):
            raise refusals.rate_exceeded(most, self.ports.account)

    def make(
        self, name: str, source: DeliverySource, settings: DestinationSettings
    ) -> DeliveryStream:
        """Make a stream and have it become ACTIVE after a while."""
        site = Site(name, self.arn(name), self.ports)
        site.most_partitions = self.limits["firehose.active_partitions"]
        stream = DeliveryStream(site, source, settings, self._throughput(source))
        if source.kind == "KinesisStreamAsSource":
            reader = StreamSource(
                site,
                source.request["KinesisStreamARN"],
                stream.take,
                lambda: stream.settings.backup is not None,
            )
            source.reader, site.window = reader, reader.window
            reader.mark()
        site.key = lambda: stream.encryption.key_arn if stream.encryption.on else None
        self.streams[name] = stream
        stream.tell_status()
        return stream

    def _throughput(self, source: DeliverySource) -> DirectPutMeter | None:
        if not self.limits.throttling or source.kind != "DirectPut":
            return None
        return DirectPutMeter(
            self.limits.of_region("firehose.put_records"),
            self.limits.of_region("firehose.put_bytes"),
            self.limits.of_region("firehose.put_requests"),
        )
