"""The data streams of one account in one Region, and how callers find them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from hashlib import blake2b
from itertools import count
from typing import Any, NoReturn

from kinesis_sim.account.rates import Rates
from kinesis_sim.account.service import Surroundings
from kinesis_sim.account.tips import Settles, Told
from kinesis_sim.arguments import said
from kinesis_sim.errors import ServiceError, UsageError
from kinesis_sim.streams import refusals
from kinesis_sim.streams.channels import Channel
from kinesis_sim.streams.commitment import Commitment
from kinesis_sim.streams.events import ShardEnded, StatusChanged
from kinesis_sim.streams.fanout import Consumer
from kinesis_sim.streams.iterator import IteratorMint
from kinesis_sim.streams.limits import ShardLimits
from kinesis_sim.streams.ondemand import Scaler
from kinesis_sim.streams.paging import PageTokens
from kinesis_sim.streams.queues import Queue
from kinesis_sim.streams.states import StreamStatus
from kinesis_sim.streams.stream import Stream
from kinesis_sim.streams.tip import Tip

_STREAM_ARN = re.compile(r"arn:[\w-]+:kinesis:[^:]*:\d{12}:stream/([^/]+)")
_SHARD_INDEX = re.compile(r"(?:[^-]*-)?(\d+)", re.ASCII)


_LIMIT_ROWS = {
    "write_records": "streams.shard_write_records",
    "write_bytes": "streams.shard_write_bytes",
    "burst_bytes": "streams.shard_burst_bytes",
    "read_calls": "streams.shard_read_calls",
    "read_bytes": "streams.shard_read_bytes",
    "iterator_calls": "streams.shard_iterator_calls",
    "subscribe_calls": "streams.subscribe_calls",
}


class StreamCatalog:
    """Everything Data Streams knows of one account in one Region.

    ``catalog["name"]`` is the Stream, for native use.
    """

    def __init__(self, around: Surroundings) -> None:
        self.clock, self.events = around.clock, around.events
        self.account, self.region = around.account, around.region
        self.delays, self.limits = around.delays, around.limits
        self.store, self.keys = around.store, around.keys
        limits, secret = around.limits, around.chance.secret("tokens")
        self.iterators = IteratorMint(
            b"iterator" + secret, limits["streams.iterator_seconds"] * 1_000
        )
        self.pages = PageTokens(b"page" + secret, limits["streams.page_token_seconds"] * 1_000)
        self.commitment = Commitment(self.clock, self.events)
        self.streams: dict[str, Stream] = {}
        self.consumers: dict[str, Consumer] = {}
        self.former: list[Consumer] = []
        self.queues: dict[str, Queue] = {}
        self.channels: dict[str, Channel] = {}
        self.tips: dict[Settles, None] = {}
        self.policies: dict[str, str] = {}
        self._secret = secret
        self._ids = count()
        self._streams_made = 0
        self._births: dict[str, int] = {}
        self.scaler = Scaler(self.clock, self.events, limits)
        self._calls = Rates()

    def __getitem__(self, name: str) -> Stream:
        stream = self.streams.get(name) if isinstance(name, str) else None
        if stream is None:
            known = ", ".join(sorted(self.streams)) or "none yet"
            raise UsageError(f"There is no stream {said(name)}; the streams are: {known}.")
        return stream

    def __iter__(self) -> Iterator[Stream]:
        return iter(list(self.streams.values()))

    def __len__(self) -> int:
        return len(self.streams)

    @property
    def shard_limits(self) -> ShardLimits | None:
        """What each shard takes and gives per second; None while throttling is off."""
        if not self.limits.throttling:
            return None
        return ShardLimits(**{name: self.limits[row] for name, row in _LIMIT_ROWS.items()})

    def admit_call(self, operation: str, request: Mapping[str, Any]) -> None:
        """Count a control call against its published rate; LimitExceededException beyond."""
        rate = self.limits.call_rate("streams", operation)
        if rate is None:
            return
        stream = _stream_named(request)
        most, scope = rate
        where = "" if scope == "account" else stream or ""
        if not self._calls.admit((operation, where), most, self.clock.now):
            raise refusals.rate_exceeded(stream, self.account)

    def check_key(self, key_id: str, action: str) -> None:
        """Raise the KMS… ServiceError with which a call fails that needs the key for an action.

        action: GenerateDataKey or Decrypt. Does nothing when the key may be used.
        """
        self.keys.check(key_id, action=action)

    def key_works(self, stream: Stream) -> bool:
        """Whether a stream's key, if it has one, may be used to read."""
        settings = stream.settings
        if settings.encryption != "KMS" or settings.key_id is None:
            return True
        try:
            self.check_key(settings.key_id, "Decrypt")
        except ServiceError:
            return False
        return True

    # --- finding ------------------------------------------------------------------------------

    def arn(self, name: str) -> str:
        """The ARN of a stream of this account."""
        return f"arn:aws:kinesis:{self.region}:{self.account}:stream/{name}"

    def find(self, name: str | None, arn: str | None) -> Stream:
        """The stream a request names by StreamName, StreamARN or both.

        Raises ResourceNotFoundException, and what ``named`` raises.
        """
        name = self.named(name, arn)
        stream = self.streams.get(name)
        if stream is None:
            self.no_stream(name)
        return stream

    def named(self, name: str | None, arn: str | None) -> str:
        """The name of the stream that a request means, whether or not there is one.

        Raises InvalidArgumentException when neither is given or the two disagree, and what
        ``name_in`` raises.
        """
        if arn is not None:
            inferred = self.name_in(arn)
            if name is not None and name != inferred:
                raise refusals.other_name(name, inferred)
            return inferred
        if name is None:
            raise refusals.invalid("Stream arn and stream name can't be empty at the same time")
        return name

    def stream_of_iterator(self, request: Mapping[str, Any]) -> str | None:
        """The ARN of the stream that a GetRecords request reads; None for an iterator of none."""
        try:
            return self.arn(self.iterators.place(request["ShardIterator"], 0).stream)
        except (KeyError, ServiceError, AttributeError, TypeError):
            return None

    def name_in(self, arn: str) -> str:
        """The stream name in an ARN.

        Raises InvalidArgumentException for another Region and UnrecognizedClientException for
        another account: nobody else's streams are known here.
        """
        match = _STREAM_ARN.fullmatch(arn)
        if match is None:
            raise refusals.invalid(f"StreamARN {arn} is not the ARN of a data stream.")
        self.at_home(arn)
        return match[1]

    def at_home(self, arn: str) -> str:
        """The ARN of a stream, consumer, queue or channel of this Region and account.

        Recorded of streams' ARNs; those of the others are held to the same (inferred). Raises
        InvalidArgumentException and UnrecognizedClientException as ``name_in`` does.
        """
        _, _, _, region, account, *_ = f"{arn}:::::".split(":")
        if region != self.region:
            raise refusals.wrong_region(arn)
        if account != self.account:
            raise refusals.no_account()
        return arn

    def no_stream(self, name: str) -> NoReturn:
        """Raise ResourceNotFoundException for a stream that is not there."""
        raise refusals.no_stream(name, self.account)

    def active(self, stream: Stream) -> Stream:
        """The stream, ACTIVE, as control calls need it.

        Raises ResourceInUseException when it is not ACTIVE.
        """
        if stream.status is not StreamStatus.ACTIVE:
            raise refusals.not_active(stream.name, self.account, stream.life.name)
        return stream

    def listing(self, stream: Stream) -> Stream:
        """The stream, ACTIVE or UPDATING, as ListShards needs it.

        Raises ResourceInUseException when it is neither.
        """
        if stream.status not in (StreamStatus.ACTIVE, StreamStatus.UPDATING):
            raise refusals.not_listing(stream.name, self.account, stream.life.name)
        return stream

    def shard_index(
        self, text: str, refuse: Callable[[str, str, str], ServiceError], stream: str
    ) -> int:
        """The index in a shard id; a bare index is taken too (facts/data-streams §2.1).

        Raises what ``refuse`` makes.
        """
        match = _SHARD_INDEX.fullmatch(text)
        if match is None or int(match[1]) > 0x7FFF_FFFF:
            raise refuse(text, stream, self.account)
        return int(match[1])

    def open_shard_count(self) -> int:
        """Open shards of the account's provisioned streams, those being created included.

        AWS does not count those of on-demand streams (recorded 2026-09-19, radkawar/stackd).
        """
        provisioned = [stream for stream in self if not stream.on_demand]
        return sum(len(stream.open_shards) or stream.planned_shards for stream in provisioned)

    # --- readers at the tip -------------------------------------------------------------------

    def tip(self, iterator: str, every: int, told: Told | None = None) -> Tip:
        """A reader that found nothing with its last call and polls again every so many ms.

        iterator: what that call gave; told: who hears of its polls that were skipped, in stretches.
        """
        place = self.iterators.place(iterator, self.clock.now)
        return Tip(self, place, every, told).rest()

    def settle(self) -> None:
        """Have readers that rest report what they would have read by now."""
        for tip in tuple(self.tips):
            tip.settle()

    # --- changing -----------------------------------------------------------------------------

    def step(self, stream: Stream, why: str, reason: str) -> None:
        """Move a stream along its table of statuses and say so in the event log."""
        was = stream.life.name
        became = stream.life.step(why)
        self.events.append(
            StatusChanged(
                at=self.clock.now,
                stream=stream.name,
                was=was,
                became=None if became is None else became.value,
                why=reason,
            )
        )

    def change(self, stream: Stream, ms: int, reason: str, finish: Callable[[], None]) -> None:
        """Have a change of an ACTIVE stream take ``ms``: UPDATING, then ``finish``, then ACTIVE."""
        self.step(stream, "change", reason)

        def done() -> None:
            if stream.status is StreamStatus.UPDATING:
                finish()
                self.step(stream, "changed", reason)

        self.clock.after(ms, done)

    def _resharded(self, stream: Stream, merged: bool) -> None:
        """Have a split or merge settle: puts go to the children, readers find the parents' ends."""

        def settle() -> None:
            for shard in stream.settle(self.clock.now):
                self.events.append(
                    ShardEnded(at=self.clock.now, stream=stream.name, shard=shard.index)
                )

        name = "streams.merge_settles" if merged else "streams.reshard_settles"
        due = self.clock.now + self.delays[name]
        if due > max(self.clock.now, stream.settles_at):
            stream.settles_at = due
            self.clock.schedule(due, settle)
        elif due == self.clock.now:
            settle()

    def number(self, stream: Stream) -> None:
        """Give a new stream its serial number, and have its reshards settle."""
        stream.on_reshard = lambda merged: self._resharded(stream, merged)
        self._streams_made += 1
        stream.serial = self._streams_made

    def consumer_birth(self, stream: Stream, name: str) -> int:
        """When a consumer that registers now is created (epoch ms).

        Its ARN tells the second, and a later consumer of the same name has a later one
        (facts/data-streams §10.58).
        """
        key = f"{stream.arn}/consumer/{name}"
        birth = max(self.clock.now, self._births.get(key, 0))
        self._births[key] = (birth // 1000 + 1) * 1000
        return birth

    def new_id(self, what: str) -> str:
        """An identifier that the service makes up, such as a queue's."""
        number = f"{what} {next(self._ids)}".encode()
        return blake2b(number, key=self._secret[:64], digest_size=10).hexdigest()

    def channels_of(self, stream: Stream) -> list[Channel]:
        """The channels that deliver a stream."""
        return [channel for channel in self.channels.values() if channel.stream is stream]

    def filtered(self, row: Mapping[str, Any]) -> Stream | None:
        """The stream that a StreamFilter row names; None when there is none of that creation."""
        stream = self.streams.get(self.name_in(row["StreamARN"]))
        created = row.get("StreamCreationTimestamp")
        if stream is None or (created is not None and created // 1000 != stream.created_at // 1000):
            return None
        return stream

    def queues_of(self, stream: Stream) -> list[Queue]:
        """The queues on a stream."""
        return [queue for queue in self.queues.values() if queue.stream is stream]

    def check_consumer_quota(self, stream: Stream) -> None:
        """Refuse one more consumer or queue beyond the stream's quota of both together."""
        advantage = self.commitment.active and stream.on_demand
        most = self.limits["streams.consumers_advantage" if advantage else "streams.consumers"]
        if len(self.consumers_of(stream)) + len(self.queues_of(stream)) >= most:
            raise refusals.limit(f"A stream can have at most {most} registered consumers.")

    def consumers_of(self, stream: Stream) -> list[Consumer]:
        """The registered consumers of a stream, in the order of their registration."""
        return [consumer for consumer in self.consumers.values() if consumer.stream is stream]

    def former_of(self, stream: Stream) -> list[Consumer]:
        """The deregistered consumers of a stream that still have a subscription open."""
        self.former = [each for each in self.former if each.is_subscribed]
        return [consumer for consumer in self.former if consumer.stream is stream]


def _stream_named(request: Mapping[str, Any]) -> str | None:
    """The stream a request is about, by name or by the ARN of the stream or of a consumer."""
    name = request.get("StreamName")
    if name is not None:
        return str(name)
    for member in ("StreamARN", "ConsumerARN", "ResourceARN"):
        if request.get(member) is not None:
            return str(request[member]).partition("/")[2].partition("/")[0]
    return None
