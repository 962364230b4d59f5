"""PutRecord, PutRecords, GetShardIterator, GetRecords (facts/data-streams §1.3, §3, §4)."""

from __future__ import annotations

from kinesis_sim.account.calls import Request
from kinesis_sim.account.hashing import HASH_SPACE
from kinesis_sim.errors import ServiceError
from kinesis_sim.journal.folding import IDLE
from kinesis_sim.streams import refusals, sequence
from kinesis_sim.streams.answers import IteratorMade, Put, PutRow, Puts, Read
from kinesis_sim.streams.catalog import StreamCatalog
from kinesis_sim.streams.events import ReadThrottled, RecordsRead
from kinesis_sim.streams.iterator import ShardIterator
from kinesis_sim.streams.reading import ReadBatch, child_rows, read
from kinesis_sim.streams.shard import Shard, shard_id
from kinesis_sim.streams.stream import Entry, Placed, Stream


def put_record(kinesis: StreamCatalog, request: Request) -> Put:
    """Store one record.

    Raises ResourceNotFoundException (also while the stream is CREATING), InvalidArgumentException
    for a hash key, ordering number or size out of range, KMS… for an encrypted stream's key.
    """
    stream, shard, number = store_one(kinesis, request)
    answer: Put = {"ShardId": shard.id, "SequenceNumber": number}
    if stream.settings.encryption == "KMS":
        answer["EncryptionType"] = "KMS"
    return answer


def store_one(kinesis: StreamCatalog, request: Request) -> tuple[Stream, Shard, str]:
    """What put_record does: where the record went, and its sequence number."""
    stream = _writable(kinesis, request)
    data, key, explicit = entry = _entry(stream, request)
    _check_size(stream, entry, "data")
    if "SequenceNumberForOrdering" in request:
        _check_ordering(kinesis, stream, request["SequenceNumberForOrdering"])
    check_key(kinesis, stream, "GenerateDataKey")
    if request.get("DryRun"):
        raise refusals.dry_run("PutRecord")
    shard, number = stream.store(data, key, explicit, kinesis.clock.now, "PutRecord")
    if number is None:
        raise refusals.throttled(shard.id, stream.name, kinesis.account)
    return stream, shard, number


def put_records(kinesis: StreamCatalog, request: Request) -> Puts:
    """Store up to 500 records.

    Each is stored or refused by itself, and the call succeeds either way.

    Raises as put_record does, and InvalidArgumentException above 10 MiB in all.
    """
    stream, placed = store_many(kinesis, request)
    rows: list[PutRow] = [
        {"SequenceNumber": number, "ShardId": shard.id}
        if number is not None
        else _refused(shard, stream, kinesis.account)
        for shard, number in placed
    ]
    failed = sum([number is None for _, number in placed])
    answer: Puts = {"FailedRecordCount": failed, "Records": rows}
    if stream.settings.encryption == "KMS":
        answer["EncryptionType"] = "KMS"
    return answer


def store_many(kinesis: StreamCatalog, request: Request) -> tuple[Stream, list[Placed]]:
    """What put_records does: where each record went."""
    stream = _writable(kinesis, request)
    entries = [_entry(stream, record) for record in request["Records"]]
    _check_sizes(stream, entries, kinesis.limits["streams.put_call_bytes"])
    check_key(kinesis, stream, "GenerateDataKey")
    if request.get("DryRun"):
        raise refusals.dry_run("PutRecords")
    return stream, stream.put(entries, kinesis.clock.now)


def _refused(shard: Shard, stream: Stream, account: str) -> PutRow:
    error = refusals.throttled(shard.id, stream.name, account)
    return {"ErrorCode": error.code, "ErrorMessage": error.message}


def _writable(kinesis: StreamCatalog, request: Request) -> Stream:
    stream = kinesis.find(request.get("StreamName"), request.get("StreamARN"))
    if not stream.usable:
        kinesis.no_stream(stream.name)
    return stream


def _entry(stream: Stream, record: Request) -> Entry:
    key, explicit = record.get("PartitionKey"), record.get("ExplicitHashKey")
    if key is None and stream.settings.distribution != "AUTO":
        raise refusals.invalid(
            "PartitionKey must be specified unless the stream's RecordDistributionStrategy is AUTO."
        )
    if explicit is None:
        return record["Data"], key, None
    if int(explicit) >= HASH_SPACE:
        raise refusals.bad_hash_key(explicit)
    return record["Data"], key, int(explicit)


def _size(entry: Entry) -> int:
    return len(entry[0]) + len((entry[1] or "").encode())


def _check_size(stream: Stream, entry: Entry, place: str) -> None:
    """Data and key together against the stream's record size (facts/data-streams §4.4)."""
    largest = stream.settings.max_record_kib * 1024
    if len(entry[0]) + 1024 > largest and _size(entry) > largest:
        raise refusals.too_large(place, largest)


def _check_sizes(stream: Stream, entries: list[Entry], most: int) -> None:
    sizes = [len(entry[0]) for entry in entries]
    if max(sizes) > stream.settings.max_record_kib * 1024 - 1024:
        for number, entry in enumerate(entries, 1):
            _check_size(stream, entry, f"records.{number}.member.data")
    if sum(sizes) + 1024 * len(entries) <= most:
        return
    if sum(map(_size, entries)) > most:
        raise refusals.invalid("Records size exceeds 10 MB limit")


def _check_ordering(kinesis: StreamCatalog, stream: Stream, number: str | None) -> None:
    """SequenceNumberForOrdering must be one that this service could have given out by now.

    Or 0: AWS takes it (recorded 2026-09-19).
    """
    if number is None or int(number) == 0:
        return
    # Shards that were split in quick succession are born a few seconds ahead of the clock.
    latest = max(kinesis.clock.now // 1000 + 1, *(shard.born for shard in stream.open_shards))
    second = sequence.ordering_time(number)
    if second is None or second > latest:
        raise refusals.invalid(
            f"ExclusiveMinimumSequenceNumber {number} used in PutRecord on stream {stream.name} "
            f"under account {kinesis.account} is invalid."
        )


def check_key(kinesis: StreamCatalog, stream: Stream, action: str) -> None:
    """Raise KMS… when the stream is encrypted with a key that may not be used for the action."""
    settings = stream.settings
    if settings.encryption != "KMS" or settings.key_id is None:
        return
    try:
        kinesis.check_key(settings.key_id, action)
    except ServiceError as error:
        if (error.code, action) != ("KMSAccessDeniedException", "Decrypt"):
            raise
        caller = f"arn:aws:iam::{kinesis.account}:root"
        raise refusals.unreadable(caller, stream.name) from None


def get_shard_iterator(kinesis: StreamCatalog, request: Request) -> IteratorMade:
    """A token for a place in a shard; it lives five minutes.

    Raises ResourceNotFoundException, and InvalidArgumentException for a type and a position that do
    not go together, a sequence number of another shard, a time in the future.
    """
    name = kinesis.named(request.get("StreamName"), request.get("StreamARN"))
    index = kinesis.shard_index(request["ShardId"], refusals.no_shard_to_reshard, name)
    stream = kinesis.find(name, None)
    shard = _shard(kinesis, stream, index)
    position = start_position(kinesis, stream, shard, request["ShardIteratorType"], request)
    if request.get("DryRun"):
        raise refusals.dry_run("GetShardIterator")
    if shard.reads is not None and not shard.reads.admit_iterator(kinesis.clock.now):
        raise refusals.read_throttled(shard.id, stream.name, kinesis.account)
    return {"ShardIterator": _token(kinesis, stream, shard, position)}


def _shard(kinesis: StreamCatalog, stream: Stream, index: int) -> Shard:
    shard = stream.shard(index, kinesis.clock.now)
    if shard is None or not stream.usable:
        raise refusals.no_shard(shard_id(index), stream.name, kinesis.account)
    return shard


def _token(kinesis: StreamCatalog, stream: Stream, shard: Shard, position: int) -> str:
    now = kinesis.clock.now
    place = ShardIterator(now, stream.name, stream.serial, shard.index, position)
    return kinesis.iterators.token(place)


def start_position(
    kinesis: StreamCatalog, stream: Stream, shard: Shard, kind: str, request: Request
) -> int:
    """The position that a type with its StartingSequenceNumber or Timestamp names."""
    number = request.get("StartingSequenceNumber")
    if kind in ("AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER"):
        if number is None:
            raise _wrong_combination(kind, "no")
        return _position_of(kinesis, stream, shard, number, kind)
    if kind == "AT_TIMESTAMP":
        return _position_at(kinesis, stream, shard, request.get("Timestamp"))
    if number is not None:
        raise _wrong_combination(kind, "also a")
    if kind == "LATEST":
        return shard.log.end
    shard.log.trim(stream.horizon(kinesis.clock.now))
    return shard.log.first


def _wrong_combination(kind: str, what: str) -> ServiceError:
    return refusals.invalid(
        "Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and "
        "StartingSequenceNumber or (2) TRIM_HORIZON or LATEST and no StartingSequenceNumber. "
        f"Request specified {kind} and {what} StartingSequenceNumber."
    )


def _position_of(
    kinesis: StreamCatalog, stream: Stream, shard: Shard, number: str, kind: str
) -> int:
    shown = int(number) if int(number) >= sequence.OLDEST else int(number) + sequence.OLDEST
    where = (
        f"StartingSequenceNumber {shown} used in GetShardIterator on shard {shard.id} in stream "
        f"{stream.name} under account {kinesis.account} is invalid"
    )
    encoded = sequence.encoded_shard(number)
    if encoded is not None and encoded != shard.index:
        raise refusals.invalid(
            f"Invalid StartingSequenceNumber. It encodes {shard_id(encoded)}, while it was used in "
            f"a call to a shard with {shard.id}"
        )
    if int(number) < sequence.OLDEST:
        raise refusals.invalid(f"{where} because it did not come from this stream.")
    try:
        found = sequence.parse(number)
    except ValueError:
        raise refusals.invalid(f"{where}.") from None
    if found.born != shard.born:
        raise refusals.invalid(f"{where} because it did not come from this stream.")
    position = max(0, found.index - 1)
    after = kind == "AFTER_SEQUENCE_NUMBER" and found.index > 0
    return min(position + after, shard.log.end)


def _position_at(kinesis: StreamCatalog, stream: Stream, shard: Shard, at: int | None) -> int:
    now = kinesis.clock.now
    if at is None:
        raise refusals.invalid(
            "Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP. Current "
            "request has no timestamp parameter."
        )
    if at > now:
        raise refusals.invalid(
            "The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. "
            f"timestampInMillis: {at}, currentTimestampInMillis: {now}"
        )
    shard.log.trim(stream.horizon(now))
    return shard.log.at_or_after(at)


def get_records(kinesis: StreamCatalog, request: Request) -> Read:
    """Read from an iterator on: up to Limit records (10,000) and 10 MiB, and the next iterator.

    Raises ExpiredIteratorException, InvalidArgumentException, ResourceNotFoundException, KMS… when
    the key may not be used. At the end of a closed shard NextShardIterator is missing and
    ChildShards come.
    """
    stream, shard, batch = take(kinesis, request)
    answer: Read = {"Records": batch.records, "MillisBehindLatest": batch.behind}
    if batch.position is None:
        answer["ChildShards"] = child_rows(stream, shard)
    else:
        answer["NextShardIterator"] = _token(kinesis, stream, shard, batch.position)
    return answer


def take(
    kinesis: StreamCatalog, request: Request, *, bare: bool = False
) -> tuple[Stream, Shard, ReadBatch]:
    """What get_records does: what was read of which shard. bare: without the records' rows."""
    now = kinesis.clock.now
    most = kinesis.limits["streams.read_call_records"]
    limit = min(request.get("Limit") or most, most)
    place = kinesis.iterators.place(request["ShardIterator"], now)
    stream = kinesis.streams.get(place.stream)
    if stream is None or stream.serial != place.serial:
        kinesis.no_stream(place.stream)
    arn = request.get("StreamARN")
    if arn is not None and arn != stream.arn:
        raise refusals.other_name(stream.name, kinesis.name_in(arn))
    shard = _shard(kinesis, stream, place.shard)
    check_key(kinesis, stream, "Decrypt")
    if request.get("DryRun"):
        raise refusals.dry_run("GetRecords")
    shard.hear_out(now)
    if shard.reads is not None and not shard.reads.admit(now):
        kinesis.events.append(ReadThrottled(at=now, stream=stream.name, shard=shard.index))
        raise refusals.read_throttled(shard.id, stream.name, kinesis.account)
    most_bytes = kinesis.limits["streams.read_call_bytes"]
    batch = read(stream, shard, place.position, limit, now, most_bytes, bare=bare)
    if shard.reads is not None:
        shard.reads.took(now, batch.bytes)
    kinesis.events.append(
        RecordsRead(
            at=now,
            stream=stream.name,
            shard=shard.index,
            records=batch.count,
            bytes=batch.bytes,
            behind=batch.behind,
            age=batch.age,
        )
    )
    if not (batch.count or batch.behind or shard.tips or stream.settings.encryption == "KMS"):
        kinesis.events.found([IDLE, "kinesis", "GetRecords", [stream.name, shard.index]])
    return stream, shard, batch
