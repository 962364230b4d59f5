"""Registering consumers and subscribing them to shards (facts/data-streams §1.3, §4.1, §4.4)."""

from __future__ import annotations

from kinesis_sim.account import tags
from kinesis_sim.account.calls import Request
from kinesis_sim.account.rates import Rate
from kinesis_sim.instants import SECOND
from kinesis_sim.streams import refusals
from kinesis_sim.streams.catalog import StreamCatalog
from kinesis_sim.streams.events import ConsumerChanged, SubscriptionChanged
from kinesis_sim.streams.fanout import Consumer, Subscription
from kinesis_sim.streams.lull import Lull
from kinesis_sim.streams.operations.records import check_key, start_position
from kinesis_sim.streams.shard import shard_id
from kinesis_sim.streams.states import ConsumerStatus
from kinesis_sim.streams.stream import Stream

_PAGE = 100


def register_stream_consumer(kinesis: StreamCatalog, request: Request) -> Request:
    """Register a consumer; it is ACTIVE after ``delays["streams.register_consumer"]``.

    Raises ResourceInUseException when the name is taken or the stream is not ACTIVE,
    LimitExceededException beyond the quota of consumers or of those CREATING.
    """
    stream = kinesis.active(kinesis.find(None, request["StreamARN"]))
    name = request["ConsumerName"]
    consumers = kinesis.consumers_of(stream)
    if any(consumer.name == name for consumer in consumers):
        raise refusals.in_use(
            f"Consumer {name} under stream {stream.name} already exists for account "
            f"{kinesis.account}."
        )
    _check_quota(kinesis, stream, consumers)
    created_at = kinesis.consumer_birth(stream, name)
    arn = f"{stream.arn}/consumer/{name}:{created_at // 1000}"
    consumer = Consumer(name, arn, stream, created_at)
    consumer.tags.update(
        tags.checked(
            request.get("Tags") or {},
            {},
            f"consumer {name}",
            kinesis.account,
            kinesis.limits["account.tags"],
        )
    )
    kinesis.consumers[arn] = consumer
    _changed(kinesis, consumer, "CREATING")
    answer = {"Consumer": _row(consumer)}

    def created() -> None:
        if consumer.status is ConsumerStatus.CREATING:
            consumer.life.step("created")
            _changed(kinesis, consumer, "ACTIVE")

    kinesis.clock.after(kinesis.delays["streams.register_consumer"], created)
    return answer


def _check_quota(kinesis: StreamCatalog, stream: Stream, consumers: list[Consumer]) -> None:
    kinesis.check_consumer_quota(stream)
    limits = kinesis.limits
    creating = sum(consumer.status is ConsumerStatus.CREATING for consumer in consumers)
    if creating >= limits["streams.consumers_creating"]:
        raise refusals.limit(
            f"At most {limits['streams.consumers_creating']} consumers can be in CREATING state "
            "at once."
        )


def _changed(kinesis: StreamCatalog, consumer: Consumer, became: str | None) -> None:
    kinesis.events.append(
        ConsumerChanged(
            at=kinesis.clock.now,
            stream=consumer.stream.name,
            consumer=consumer.name,
            became=became,
        )
    )


def _row(consumer: Consumer) -> Request:
    return {
        "ConsumerName": consumer.name,
        "ConsumerARN": consumer.arn,
        "ConsumerStatus": consumer.life.name,
        "ConsumerCreationTimestamp": consumer.created_at // 1000 * 1000,
    }


def _consumer(kinesis: StreamCatalog, request: Request) -> Consumer:
    """The consumer a request names by ConsumerARN, or by StreamARN and ConsumerName."""
    arn, stream_arn = request.get("ConsumerARN"), request.get("StreamARN")
    name = request.get("ConsumerName")
    if arn is not None:
        consumer = kinesis.consumers.get(kinesis.at_home(arn))
        if consumer is None:
            born = arn.rpartition(":")[2]
            raise refusals.no_consumer(*named_consumer(arn), kinesis.account, born)
        return consumer
    if stream_arn is None or name is None:
        raise refusals.invalid(
            "Either ConsumerARN, or StreamARN and ConsumerName, must be specified."
        )
    stream = kinesis.find(None, stream_arn)
    for consumer in kinesis.consumers_of(stream):
        if consumer.name == name:
            return consumer
    raise refusals.no_consumer(name, stream.name, kinesis.account)


def _by_arn(kinesis: StreamCatalog, arn: str) -> Consumer:
    consumer = kinesis.consumers.get(kinesis.at_home(arn))
    if consumer is None:
        raise refusals.no_consumer(*named_consumer(arn), kinesis.account)
    return consumer


def named_consumer(arn: str) -> tuple[str, str]:
    """The names of the consumer and of its stream in a consumer's ARN."""
    parts = arn.split("/")
    return parts[-1].partition(":")[0], parts[1] if len(parts) > 1 else ""


def deregister_stream_consumer(kinesis: StreamCatalog, request: Request) -> Request:
    """Deregister a consumer.

    It is gone after ``delays["streams.deregister_consumer"]``. Its subscriptions go on to their own
    end, as recorded (facts/data-streams §9 "Events of a subscription"); the stream's ends them too.
    """
    consumer = _consumer(kinesis, request)
    if consumer.status is ConsumerStatus.DELETING:
        return {}
    consumer.life.step("DeregisterStreamConsumer")
    _changed(kinesis, consumer, "DELETING")

    def gone() -> None:
        kinesis.policies.pop(consumer.arn, None)
        if kinesis.consumers.pop(consumer.arn, None) is not None:
            consumer.life.step("deleted")
            if consumer.is_subscribed:
                kinesis.former.append(consumer)
            _changed(kinesis, consumer, None)

    kinesis.clock.after(kinesis.delays["streams.deregister_consumer"], gone)
    return {}


def describe_stream_consumer(kinesis: StreamCatalog, request: Request) -> Request:
    """One registered consumer."""
    consumer = _consumer(kinesis, request)
    return {"ConsumerDescription": {**_row(consumer), "StreamARN": consumer.stream.arn}}


def list_stream_consumers(kinesis: StreamCatalog, request: Request) -> Request:
    """A stream's registered consumers, at most 100 a page.

    A token of another stream's list is refused as ListShards was recorded refusing one.
    """
    now, token = kinesis.clock.now, request.get("NextToken")
    stream = kinesis.find(None, request["StreamARN"])
    created = request.get("StreamCreationTimestamp")
    if created is not None and created // 1000 != stream.created_at // 1000:
        kinesis.no_stream(stream.name)
    consumers = kinesis.consumers_of(stream)
    if token is not None:
        if created is not None:
            raise refusals.not_with_token(refusals.CREATION_TIME)
        place = kinesis.pages.place("ListStreamConsumers", token, now)
        if (place["stream"], place["serial"]) != (stream.name, stream.serial):
            raise refusals.other_token("StreamARN")
        consumers = [consumer for consumer in consumers if consumer.arn in place["rest"]]
    most = min(request.get("MaxResults") or _PAGE, _PAGE)
    answer: Request = {"Consumers": [_row(consumer) for consumer in consumers[:most]]}
    if len(consumers) > most:
        place = {
            "stream": stream.name,
            "serial": stream.serial,
            "rest": [consumer.arn for consumer in consumers[most:]],
        }
        answer["NextToken"] = kinesis.pages.token("ListStreamConsumers", now, place)
    return answer


def subscribe_to_shard(kinesis: StreamCatalog, request: Request) -> Request:
    """Open a subscription: the shard's records are pushed for up to five minutes.

    Raises ResourceInUseException when the consumer is not ACTIVE or called less than five seconds
    after a success; later, the call takes the subscription over and the old one ends with that
    error.
    """
    consumer = _by_arn(kinesis, request["ConsumerARN"])
    stream, now = consumer.stream, kinesis.clock.now
    index = kinesis.shard_index(request["ShardId"], refusals.no_shard_to_reshard, stream.name)
    shard = stream.shard(index, now)
    if shard is None:
        raise refusals.no_shard_to_reshard(shard_id(index), stream.name, kinesis.account)
    if consumer.status is not ConsumerStatus.ACTIVE:
        raise refusals.in_use(
            f"Consumer {consumer.name} with creation timestamp {consumer.created_at // 1000} under "
            f"stream: {stream.name} , account {kinesis.account} is not in ACTIVE status."
        )
    starting = request["StartingPosition"]
    place = {
        "StartingSequenceNumber": starting.get("SequenceNumber"),
        "Timestamp": starting.get("Timestamp"),
    }
    position = start_position(kinesis, stream, shard, starting["Type"], place)
    if request.get("DryRun"):
        raise refusals.dry_run("SubscribeToShard")
    if (current := consumer.subscriptions.get(index)) is not None:
        current.settle()
    _count_call(kinesis, consumer, shard.index)
    _take_over(kinesis, consumer, shard.index, shard.id)
    limits = kinesis.limits
    subscription = Subscription(
        consumer,
        shard,
        position,
        lambda: kinesis.clock.now,
        kinesis.events,
        bytes_per_second=limits["streams.fan_out_bytes"] if limits.throttling else 0,
        lasts_ms=limits["streams.subscription_seconds"] * SECOND,
    )
    consumer.subscriptions[shard.index] = subscription
    consumer.listen(kinesis.events)
    _subscription_changed(kinesis, consumer, shard.index, "opened")
    subscription.rests = lambda told: Lull(kinesis, subscription, told)
    subscription.guard(lambda: check_key(kinesis, stream, "Decrypt"))
    return {"EventStream": subscription}


def _count_call(kinesis: StreamCatalog, consumer: Consumer, index: int) -> None:
    """One SubscribeToShard call a second per consumer and shard, else LimitExceededException."""
    if kinesis.shard_limits is None:
        return
    meter = consumer.calls.setdefault(index, Rate(kinesis.shard_limits.subscribe_calls))
    if not meter.admit(kinesis.clock.now):
        _subscription_changed(kinesis, consumer, index, "refused")
        raise refusals.rate_exceeded(consumer.stream.name, kinesis.account)


def _take_over(kinesis: StreamCatalog, consumer: Consumer, index: int, name: str) -> None:
    current = consumer.subscriptions.get(index)
    if current is None:
        return
    busy = refusals.in_use(
        f"Another active subscription exists for this consumer: {kinesis.account}:"
        f"{consumer.stream.name}:{name}:{consumer.name}"
    )
    wait = kinesis.limits["streams.take_over_seconds"] * SECOND
    if kinesis.clock.now - current.opened_at < wait:
        _subscription_changed(kinesis, consumer, index, "refused")
        raise busy
    if not current.ended:
        current.fail(busy)


def _subscription_changed(
    kinesis: StreamCatalog, consumer: Consumer, shard: int, became: str
) -> None:
    kinesis.events.append(
        SubscriptionChanged(
            at=kinesis.clock.now,
            stream=consumer.stream.name,
            consumer=consumer.name,
            shard=shard,
            became=became,
        )
    )
