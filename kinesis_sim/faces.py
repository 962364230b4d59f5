"""What an account holds and what is measured in it, typed, as learners reach it from a simulator.

Everything is made on first use, so that ``import kinesis_sim`` stays light.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from kinesis_sim.signatures import faced

if TYPE_CHECKING:
    import threading
    from collections.abc import Mapping

    import pandas

    from kinesis_sim.account.bill import Bill
    from kinesis_sim.account.cloudwatch.room import CloudWatch
    from kinesis_sim.account.delays import Delays
    from kinesis_sim.account.encryption import Keys
    from kinesis_sim.account.follower import Follower
    from kinesis_sim.account.functions import Functions
    from kinesis_sim.account.metrics import Metrics
    from kinesis_sim.account.quotas import Limits
    from kinesis_sim.account.service import Services
    from kinesis_sim.account.why import Explanation
    from kinesis_sim.analytics.room import StreamingSql
    from kinesis_sim.clock import Clock
    from kinesis_sim.events import EventLog
    from kinesis_sim.firehose.catalog import FirehoseCatalog
    from kinesis_sim.journal.inputs import Inputs
    from kinesis_sim.mappings.catalog import MappingCatalog
    from kinesis_sim.streams.catalog import StreamCatalog
    from kinesis_sim.video.catalog import VideoCatalog


@faced
class Faces:
    """The typed faces of a simulator's account: its rules, its services, what they measured."""

    clock: Clock
    events: EventLog
    inputs: Inputs
    lock: threading.RLock
    account: str
    region: str
    rooms: Mapping[str, str]
    _delays: str | dict[str, int] | Delays
    _limits: dict[str, float] | str

    if TYPE_CHECKING:

        @cached_property
        def services(self) -> Services:
            """The services that are simulated, by botocore's names (``Simulator`` builds them)."""

    # --- rules --------------------------------------------------------------------------------

    @cached_property
    def delays(self) -> Delays:
        """How long state changes take."""
        from kinesis_sim.account.delays import Delays

        return Delays.of(self._delays, self.rooms)

    @cached_property
    def limits(self) -> Limits:
        """The quotas in force."""
        from kinesis_sim.account.quotas import Limits

        return Limits(self._limits, self.region, self.rooms)

    @cached_property
    def keys(self) -> Keys:
        """The account's KMS keys as Kinesis sees them; ``set_state`` makes one unusable."""
        from kinesis_sim.account.encryption import Keys
        from kinesis_sim.aws.neighbour_keys import moto_keys

        lookup = moto_keys(self.account, self.region)
        keys = Keys(account=self.account, region=self.region, lookup=lookup)
        keys.inputs = self.inputs
        return keys

    # --- services -----------------------------------------------------------------------------

    @cached_property
    def streams(self) -> StreamCatalog:
        """Kinesis Data Streams: ``sim.streams["meu-stream"]`` is the Stream, for native use."""
        catalog: StreamCatalog = self.services["kinesis"].state
        return catalog

    @cached_property
    def firehose(self) -> FirehoseCatalog:
        """Amazon Data Firehose: ``sim.firehose["meu-firehose"]`` is a stream, for native use."""
        catalog: FirehoseCatalog = self.services["firehose"].state
        return catalog

    @cached_property
    def cloudwatch(self) -> CloudWatch:
        """CloudWatch's metrics and alarms, for native use."""
        watch: CloudWatch = self.services["cloudwatch"].state
        return watch

    @cached_property
    def mappings(self) -> MappingCatalog:
        """Lambda's event source mappings: ``sim.mappings.create(FunctionName=…, …)``."""
        catalog: MappingCatalog = self.services["lambda"].state
        return catalog

    @cached_property
    def video(self) -> VideoCatalog:
        """Kinesis Video Streams: ``sim.video["dock-camera"]`` is a stream, for native use."""
        catalog: VideoCatalog = self.services["kinesisvideo"].state
        return catalog

    @cached_property
    def analytics(self) -> StreamingSql:
        """Streaming SQL: ``sql(text, feed)``, ``start(text)`` on the clock, ``applications``."""
        room: StreamingSql = self.services["kinesisanalyticsv2"].state.room
        return room

    # --- what is measured ---------------------------------------------------------------------

    @cached_property
    def _follower(self) -> Follower:
        from kinesis_sim.account.follower import Follower

        return Follower(self.events)

    @cached_property
    def _metrics(self) -> Metrics:
        from kinesis_sim.account.metrics import Metrics

        metrics = Metrics(lambda: self.clock.now)
        metrics.before_reading(self.settle)
        return metrics

    def settle(self) -> None:
        """Have those who rest say what they would have done, and folds know all that happened."""
        with self.inputs.taken("settle", safe=False):
            self._follower.catch_up()

    def bill(self) -> Bill:
        """What the services have cost up to now, line by line, with the source of each price.

        ``.rows``, ``.total`` (Decimal), ``.to_frame()``; prices without a trustworthy source are
        marked.
        """
        from kinesis_sim.account.bill import Bill
        from kinesis_sim.account.prices import price_list

        with self.lock:
            services = [self.services[name] for name in self.services.names]
            self.settle()
            prices, now = price_list(self.region), self.clock.now
            parts = [(service.title, service.lines(prices, now)) for service in services]
            return Bill(parts, prices, self.region)

    def why(self, name: str) -> Explanation:
        """What is behind a quota, a price, an operation or a word: rows of facts, page and day.

        ``sim.why("streams.put_records")``, ``sim.why("streams.shard_write_bytes")``,
        ``sim.why("IteratorAge")``; an answer shows itself. Raises UsageError, with the names that
        come near, when nothing is known by that name.
        """
        from kinesis_sim.account.prices import price_list
        from kinesis_sim.account.why import why

        return why(name, self.limits, price_list(self.region))

    @cached_property
    def functions(self) -> Functions:
        """Lambda functions as Python callables: ``sim.functions.register("scale", scale)``."""
        from kinesis_sim.account.functions import Functions

        return Functions(self.account, self.region, self.inputs)

    def metrics(
        self,
        namespace: str | None = "AWS/Kinesis",
        *,
        metric: str | None = None,
        period: int = 60,
        **dimensions: str,
    ) -> pandas.DataFrame:
        """CloudWatch's metrics as a DataFrame, one row per metric and period with samples.

        namespace: None for all. period: seconds, a multiple of 60; CloudWatch has 60 for 15 days,
        300 for 63 and 3,600 for 455. dimensions: ``StreamName="meu-stream"`` narrows it down.
        Columns: time, namespace, metric, the dimensions, Minimum, Maximum, Average, Sum,
        SampleCount, Unit. Raises MissingPackage without pandas.
        """
        from kinesis_sim.account.metrics import frame

        with self.lock:
            return frame(
                self._metrics, namespace, metric=metric, period=period, dimensions=dimensions
            )
