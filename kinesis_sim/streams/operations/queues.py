"""The twelve queue operations (facts/data-streams §1.3; botocore 1.44.5).

Texts of errors are the model's: none of AWS's was found, the service is days old.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from kinesis_sim.account import tags
from kinesis_sim.account.calls import Answer, Request
from kinesis_sim.account.tips import Told
from kinesis_sim.errors import ServiceError
from kinesis_sim.streams import refusals
from kinesis_sim.streams.catalog import StreamCatalog
from kinesis_sim.streams.empty_queue import EmptyQueue
from kinesis_sim.streams.events import QueueUsed, SettingChanged
from kinesis_sim.streams.queues import (
    DEFAULT_WAIT_S,
    LongPoll,
    Queue,
    QueueDelivery,
    QueueSettings,
)
from kinesis_sim.streams.states import QueueStatus
from kinesis_sim.streams.stream import Stream

_PAGE = 100


# --- the queue itself -----------------------------------------------------------------------------


def create_queue(kinesis: StreamCatalog, request: Request) -> Answer:
    """Create a queue on one on-demand stream; it is ACTIVE after ``delays["streams.queue"]``.

    Raises ResourceInUseException for a taken name, ValidationException for anything but one
    on-demand stream or a wrong starting position, LimitExceededException beyond the stream's
    consumers or five queues CREATING or DELETING.
    """
    name = request["QueueName"]
    source = _one_stream(request["StreamConfigurationList"])
    stream = kinesis.active(kinesis.find(None, source["StreamARN"]))
    if not stream.on_demand:
        raise refusals.provisioned(stream.name, kinesis.account)
    if any(queue.name == name for queue in kinesis.queues.values()):
        raise refusals.in_use(f"Queue {name} under account {kinesis.account} already exists.")
    _check_quotas(kinesis, stream)
    starting, starts = _start(kinesis, stream, source.get("StartingPosition") or {"Type": "LATEST"})
    settings = _settings(QueueSettings(), request.get("QueueAttributes") or {})
    queue_id = kinesis.new_id("queue")
    arn = f"arn:aws:kinesis:{kinesis.region}:{kinesis.account}:queue/{queue_id}"
    most = kinesis.limits["streams.queue_in_flight"]
    queue = Queue(name, arn, queue_id, stream, kinesis.clock.now, starting, settings, starts, most)
    what = f"queue {name}"
    queue.tags.update(
        tags.checked(
            request.get("Tags") or {}, {}, what, kinesis.account, kinesis.limits["account.tags"]
        )
    )
    kinesis.queues[arn] = queue
    answer = {"QueueDescription": _row(queue)}
    kinesis.clock.after(kinesis.delays["streams.queue"], lambda: _settle(queue, "created"))
    return answer


def _one_stream(sources: list[Request]) -> Request:
    if len(sources) != 1:
        raise refusals.invalid_request("StreamConfigurationList must contain exactly one entry.")
    return sources[0]


def _check_quotas(kinesis: StreamCatalog, stream: Stream) -> None:
    kinesis.check_consumer_quota(stream)
    busy = (QueueStatus.CREATING, QueueStatus.DELETING)
    most = kinesis.limits["streams.queues_changing"]
    if sum(queue.status in busy for queue in kinesis.queues.values()) >= most:
        raise refusals.limit(
            f"At most {most} queues can be in CREATING or DELETING state at once for the account "
            f"{kinesis.account}."
        )


def _start(
    kinesis: StreamCatalog, stream: Stream, starting: Request
) -> tuple[Request, dict[int, int]]:
    """The position in each shard there is now; shards that open later start at their beginning."""
    kind, at = starting["Type"], starting.get("Timestamp")
    if (kind == "AT_TIMESTAMP") is not (at is not None):
        raise refusals.invalid_request(
            "StartingPosition needs a Timestamp if, and only if, its Type is AT_TIMESTAMP."
        )
    if kind == "TRIM_HORIZON":
        return {"Type": kind}, {}
    shards = stream.retained_shards(kinesis.clock.now)
    if kind == "LATEST":
        return {"Type": kind}, {shard.index: shard.log.end for shard in shards}
    instant = int(at or 0)
    return (
        {"Type": kind, "Timestamp": instant},
        {shard.index: shard.log.at_or_after(instant) for shard in shards},
    )


def _settings(now: QueueSettings, asked: Request) -> QueueSettings:
    """The settings after a request: what it leaves out stays as it is."""
    dead = asked.get("DeadLetterConfiguration")
    most = now.max_receives
    if dead is not None:
        most = dead.get("MaxReceiveCount")
        if dead["TargetType"] == "NONE":
            if most is not None:
                raise refusals.invalid_request(
                    "MaxReceiveCount cannot be specified when TargetType is NONE."
                )
        elif most is None:
            raise refusals.invalid_request(
                "MaxReceiveCount must be specified when TargetType is BUILT_IN."
            )
    visibility = asked.get("VisibilityTimeoutSeconds")
    return QueueSettings(now.visibility_s if visibility is None else visibility, most)


def _settle(queue: Queue, why: str) -> None:
    """Take the step back to ACTIVE, unless the queue was deleted meanwhile."""
    if queue.status in (QueueStatus.CREATING, QueueStatus.UPDATING):
        queue.life.step(why)


def update_queue(kinesis: StreamCatalog, request: Request) -> Answer:
    """Change visibility timeout or dead-letter handling; records in flight keep what they have."""
    queue = _queue(kinesis, request["QueueARN"])
    if queue.status is not QueueStatus.ACTIVE:
        raise refusals.in_use(
            f"Queue {queue.name} under account {kinesis.account} not ACTIVE, instead in state "
            f"{queue.life.name}"
        )
    settings = _settings(queue.settings, request["QueueAttributes"])
    queue.life.step("UpdateQueue")
    queue.settings = settings
    kinesis.events.append(
        SettingChanged(
            at=kinesis.clock.now,
            stream=queue.stream.name,
            setting=f"queue {queue.name}",
            value=f"visibility {settings.visibility_s} s, receives {settings.max_receives}",
        )
    )
    answer = {"QueueDescription": _row(queue)}
    kinesis.clock.after(kinesis.delays["streams.queue"], lambda: _settle(queue, "changed"))
    return answer


def delete_queue(kinesis: StreamCatalog, request: Request) -> Answer:
    """Delete a queue; its receipt handles die at once, the stream's records stay."""
    queue = _queue(kinesis, request["QueueARN"])
    if queue.status is not QueueStatus.DELETING:
        queue.life.step("DeleteQueue")
        kinesis.policies.pop(queue.arn, None)
        kinesis.clock.after(kinesis.delays["streams.queue"], lambda: _gone(kinesis, queue))
    return {}


def _gone(kinesis: StreamCatalog, queue: Queue) -> None:
    queue.life.step("deleted")
    kinesis.queues.pop(queue.arn, None)


def describe_queue(kinesis: StreamCatalog, request: Request) -> Answer:
    """One queue."""
    return {"QueueDescription": _row(_queue(kinesis, request["QueueARN"]))}


def list_queues(kinesis: StreamCatalog, request: Request) -> Answer:
    """The account's queues by name, at most 100 a page, or those of the streams in StreamFilter.

    Raises InvalidArgumentException for a token that another filter's list gave.
    """
    now, filters = kinesis.clock.now, request.get("StreamFilter") or []
    wanted = [kinesis.filtered(row) for row in filters]
    after = kinesis.pages.after("ListQueues", request.get("NextToken"), now, filters)
    queues = sorted(
        (
            q
            for q in kinesis.queues.values()
            if q.name > after and (not wanted or q.stream in wanted)
        ),
        key=lambda queue: queue.name,
    )
    most = min(request.get("MaxResults") or _PAGE, _PAGE)
    answer: Answer = {"QueueSummaries": [_summary(queue) for queue in queues[:most]]}
    if len(queues) > most:
        place = {"after": queues[most - 1].name, "filter": filters}
        answer["NextToken"] = kinesis.pages.token("ListQueues", now, place)
    return answer


def _queue(kinesis: StreamCatalog, arn: str) -> Queue:
    queue = kinesis.queues.get(kinesis.at_home(arn))
    if queue is None:
        raise refusals.not_found(f"Queue {arn} under account {kinesis.account} not found.")
    return queue


def _row(queue: Queue) -> Answer:
    most = queue.settings.max_receives
    dead = {"TargetType": "NONE"} if most is None else {"TargetType": "BUILT_IN"}
    return {
        "QueueName": queue.name,
        "QueueARN": queue.arn,
        "QueueStatus": queue.life.name,
        "QueueCreationTimestamp": queue.created_at,
        "StreamConfigurationList": [
            {"StreamARN": queue.stream.arn, "StartingPosition": dict(queue.starting)}
        ],
        "QueueAttributes": {
            "VisibilityTimeoutSeconds": queue.settings.visibility_s,
            "DeadLetterConfiguration": dead if most is None else {**dead, "MaxReceiveCount": most},
        },
    }


def _summary(queue: Queue) -> Answer:
    stream = queue.stream
    return {
        "QueueName": queue.name,
        "QueueARN": queue.arn,
        "QueueStatus": queue.life.name,
        "QueueCreationTimestamp": queue.created_at,
        "Streams": [
            {
                "StreamARN": stream.arn,
                "StreamCreationTimestamp": stream.created_at // 1000 * 1000,
            }
        ],
    }


# --- receiving ------------------------------------------------------------------------------------


def receive_queue_records(kinesis: StreamCatalog, request: Request) -> LongPoll:
    """Up to ten records; waits up to WaitTimeSeconds (9) for the first to become visible.

    Raises ResourceNotFoundException, InvalidArgumentException while the queue is not ACTIVE
    (CREATING,
    DELETING), KMS… when the stream's key may not be used, ThrottlingException at 120,000 in flight.
    """
    queue = _receivable(kinesis, request)
    if queue.in_flight(kinesis.clock.now) >= queue.most_in_flight:
        raise ServiceError(
            "ThrottlingException",
            f"Queue {queue.name} has {queue.most_in_flight} records in flight; acknowledge some "
            "first.",
        )
    rest = partial(EmptyQueue, kinesis, queue)
    return _poll(kinesis, queue, request, queue.receive, "received", rest)


def receive_dead_letter_queue_records(kinesis: StreamCatalog, request: Request) -> LongPoll:
    """Up to ten dead-letter records; waits as receive_queue_records does and raises the same."""
    queue = _receivable(kinesis, request)
    return _poll(kinesis, queue, request, queue.receive_dead, "received dead")


def _receivable(kinesis: StreamCatalog, request: Request) -> Queue:
    queue = _deliverer(kinesis, request)
    settings = queue.stream.settings
    if settings.encryption == "KMS" and settings.key_id is not None:
        kinesis.check_key(settings.key_id, "Decrypt")
    return queue


def _poll(
    kinesis: StreamCatalog,
    queue: Queue,
    request: Request,
    take: Callable[[int, int, int | None], list[Answer]],
    what: str,
    rest: Callable[[Told], EmptyQueue] | None = None,
) -> LongPoll:
    most = request.get("Limit") or 10
    visibility = request.get("VisibilityTimeoutSeconds")
    wait = request.get("WaitTimeSeconds") or DEFAULT_WAIT_S
    until = kinesis.clock.now + 1000 * wait

    def receive(over: bool) -> Answer | None:
        if queue.arn not in kinesis.queues:
            return {"QueueRecords": []}
        rows = take(most, kinesis.clock.now, visibility)
        if rows or over:  # a long poll is one receive, however often it looks
            _used(kinesis, queue, what, len(rows))
        return {"QueueRecords": rows} if rows else None

    return LongPoll(receive, queue, until, rest)


def _used(kinesis: StreamCatalog, queue: Queue, what: str, records: int) -> None:
    kinesis.events.append(
        QueueUsed(
            at=kinesis.clock.now,
            stream=queue.stream.name,
            queue=queue.name,
            queue_id=queue.id,
            what=what,
            records=records,
        )
    )


# --- after receiving ------------------------------------------------------------------------------


def acknowledge_queue_records(kinesis: StreamCatalog, request: Request) -> Answer:
    """Done with up to ten records; each entry succeeds or fails by itself."""
    return _each(kinesis, request, False, "acknowledged", _acknowledge)


def acknowledge_dead_letter_queue_records(kinesis: StreamCatalog, request: Request) -> Answer:
    """Done with up to ten dead-letter records; each entry succeeds or fails by itself."""
    return _each(kinesis, request, True, "acknowledged dead", _acknowledge)


def update_queue_records_visibility(kinesis: StreamCatalog, request: Request) -> Answer:
    """Keep up to ten records in flight for longer or shorter, counted from now."""
    return _each(kinesis, request, False, "delayed", _delay)


def update_dead_letter_queue_records_visibility(kinesis: StreamCatalog, request: Request) -> Answer:
    """The same for dead-letter records."""
    return _each(kinesis, request, True, "delayed dead", _delay)


def restore_dead_letter_queue_records(kinesis: StreamCatalog, request: Request) -> Answer:
    """Give up to ten dead-letter records a new life, their receive counts at zero."""
    return _each(
        kinesis, request, True, "restored", lambda queue, found, _, __: queue.restore(found)
    )


def _acknowledge(queue: Queue, delivery: QueueDelivery, entry: Request, now: int) -> None:
    queue.acknowledge(delivery)


def _delay(queue: Queue, delivery: QueueDelivery, entry: Request, now: int) -> None:
    queue.delay(delivery, entry["VisibilityTimeoutSeconds"], now)


def _each(
    kinesis: StreamCatalog,
    request: Request,
    dead: bool,
    what: str,
    act: Callable[[Queue, QueueDelivery, Request, int], None],
) -> Answer:
    queue, now = _deliverer(kinesis, request), kinesis.clock.now
    done: list[Answer] = []
    failed: list[Answer] = []
    for entry in request["Entries"]:
        handle = entry["ReceiptHandle"]
        found = queue.find(handle, dead=dead, now=now)
        if found is None:
            failed.append(_stale(handle))
        else:
            act(queue, found, entry, now)
            done.append({"ReceiptHandle": handle})
    _used(kinesis, queue, what, len(done))
    return {"Successful": done, "Failed": failed}


def _deliverer(kinesis: StreamCatalog, request: Request) -> Queue:
    """The queue, if it is in a state in which it delivers."""
    queue = _queue(kinesis, request["QueueARN"])
    if queue.status not in (QueueStatus.ACTIVE, QueueStatus.UPDATING):
        raise refusals.invalid(
            f"Queue {queue.name} under account {kinesis.account} does not deliver records in state "
            f"{queue.life.name}."
        )
    return queue


def _stale(handle: str) -> Answer:
    return {
        "ReceiptHandle": handle,
        "ErrorCode": "ResourceNotFoundException",
        "ErrorMessage": "The receipt handle is not the newest one of a record of this queue: the "
        "record was acknowledged, received again, moved, or left the stream's retention.",
    }
