"""ListShards, SplitShard, MergeShards, UpdateShardCount (facts/data-streams §2)."""

from __future__ import annotations

from kinesis_sim.account.calls import Request
from kinesis_sim.streams import refusals, resharding
from kinesis_sim.streams.answers import Listed
from kinesis_sim.streams.catalog import StreamCatalog
from kinesis_sim.streams.operations.rows import shard_row
from kinesis_sim.streams.shard import Shard, shard_id
from kinesis_sim.streams.stream import Stream

_PAGE = 1_000
_NOT_WITH_TOKEN = {
    "ExclusiveStartShardId": "ExclusiveStartShardId",
    "StreamCreationTimestamp": refusals.CREATION_TIME,
    "ShardFilter": "ShardFilter",
}
"""What a page token excludes, and the name AWS has for it: the last two as recorded 2026-09-19
(radkawar/stackd, topology and topology_raw), the first by botocore's text. A name or an ARN is
taken beside it, as recorded there; AWS still refused both in 2024 and 2025 (boto/botocore issue
2009, aws/aws-cli issue 9635)."""


def list_shards(kinesis: StreamCatalog, request: Request) -> Listed:
    """The shards that retention still covers, at most 1,000 a page, filtered as ShardFilter asks.

    Raises ResourceInUseException for a stream that is neither ACTIVE nor UPDATING,
    InvalidArgumentException when NextToken comes with what it excludes, or a filter lacks its
    member; ExpiredNextTokenException after 300 seconds.
    """
    now, token = kinesis.clock.now, request.get("NextToken")
    if token is not None:
        stream, shards = _continued(kinesis, request, token)
    else:
        stream = kinesis.find(request.get("StreamName"), request.get("StreamARN"))
        kinesis.listing(stream)
        _check_creation(kinesis, stream, request.get("StreamCreationTimestamp"))
        shards = _filtered(kinesis, stream, request.get("ShardFilter") or {})
        after = request.get("ExclusiveStartShardId")
        if after is not None:
            shards = _after(kinesis, stream, shards, after)
    most = min(request.get("MaxResults") or _PAGE, _PAGE)
    answer: Listed = {"Shards": [shard_row(shard) for shard in shards[:most]]}
    if len(shards) > most:
        place = {
            "stream": stream.name,
            "serial": stream.serial,
            "rest": [shard.index for shard in shards[most:]],
        }
        answer["NextToken"] = kinesis.pages.token("ListShards", now, place)
    return answer


def _continued(kinesis: StreamCatalog, request: Request, token: str) -> tuple[Stream, list[Shard]]:
    for member, told in _NOT_WITH_TOKEN.items():
        if request.get(member) is not None:
            raise refusals.not_with_token(told)
    place = kinesis.pages.place("ListShards", token, kinesis.clock.now)
    name, arn = request.get("StreamName"), request.get("StreamARN")
    if name is not None or arn is not None:
        named = kinesis.named(name, arn)
        if named != place["stream"]:
            raise refusals.other_token("StreamARN" if name is None else "StreamName")
    stream = kinesis.streams.get(place["stream"])
    if stream is None or stream.serial != place["serial"]:
        kinesis.no_stream(place["stream"])
    shards = [stream.shard(index, kinesis.clock.now) for index in place["rest"]]
    return stream, [shard for shard in shards if shard is not None]


def _check_creation(kinesis: StreamCatalog, stream: Stream, created: int | None) -> None:
    """Refuse a StreamCreationTimestamp of a deleted namesake: another time, no such stream."""
    if created is not None and created // 1000 != stream.created_at // 1000:
        kinesis.no_stream(stream.name)


def _after(kinesis: StreamCatalog, stream: Stream, shards: list[Shard], after: str) -> list[Shard]:
    index = kinesis.shard_index(after, refusals.no_shard, stream.name)
    return [shard for shard in shards if shard.index > index]


def _filtered(kinesis: StreamCatalog, stream: Stream, rule: Request) -> list[Shard]:
    """ShardFilter's six types (facts/data-streams §2.3).

    A time before the trim horizon is refused, as recorded 2026-09-19 (radkawar/stackd, topology);
    botocore's text says that FROM_TIMESTAMP is corrected to it.
    """
    now, kind = kinesis.clock.now, rule.get("Type", "FROM_TRIM_HORIZON")
    shards, horizon = stream.retained_shards(now), stream.horizon(now)
    if kind == "FROM_TRIM_HORIZON":
        return shards
    if kind == "AT_LATEST":
        latest = [shard for shard in shards if shard.latest]
        start = rule.get("ShardId")  # AWS starts after it (recorded 2026-09-19)
        return latest if start is None else _after(kinesis, stream, latest, start)
    if kind == "AT_TRIM_HORIZON":
        return _open_at(shards, max(horizon, stream.created_at))
    if kind == "AFTER_SHARD_ID":
        if rule.get("ShardId") is None:
            raise refusals.invalid(
                "ShardId must be provided when the ShardFilter Type is AFTER_SHARD_ID."
            )
        return _after(kinesis, stream, shards, rule["ShardId"])
    at = rule.get("Timestamp")
    if at is None:
        raise refusals.invalid(f"Timestamp must be provided when the ShardFilter Type is {kind}.")
    if at > now:
        raise refusals.invalid("ShardFilter Timestamp must not be greater than current time.")
    if at < horizon:
        raise refusals.invalid(
            "ShardFilter Timestamp cannot be older than TRIM_HORIZON of the stream."
        )
    if kind == "AT_TIMESTAMP":
        return _open_at(shards, at)
    return [shard for shard in shards if shard.ended_at is None or shard.ended_at >= at]


def _open_at(shards: list[Shard], at: int) -> list[Shard]:
    """Shards that took records at an instant; at the creation of the stream, its first ones.

    Right after a reshard those are the parents (recorded 2026-09-19, radkawar/stackd,
    topology_raw), and so they are at its very instant (the model's choice): who reads on from them
    finds their children at their end, once.
    """
    begun = [shard.taken_from for shard in shards if shard.taken_from is not None]
    at = max(at, min(begun, default=at))
    found = {shard.id: shard for shard in shards if shard.took(at)}
    later: set[str] = set()  # whose parents, or theirs, took records at the same instant
    for shard in shards:
        if any(parent in found or parent in later for parent in shard.parents):
            later.add(shard.id)
    return [shard for name, shard in found.items() if name not in later]


def split_shard(kinesis: StreamCatalog, request: Request) -> Request:
    """Split an open shard at a hash key; its children exist once the stream is ACTIVE again.

    Raises ResourceNotFoundException, ResourceInUseException, InvalidArgumentException for a key
    outside (start + 1, end) or a closed shard, LimitExceededException, ValidationException
    on-demand.
    """
    [index] = _indexes(kinesis, request, "ShardToSplit")
    stream = _provisioned(kinesis, request)
    shard = _open_shard(kinesis, stream, index)
    _check_shard_quota(kinesis, 1)
    key = int(request["NewStartingHashKey"])
    if not shard.hashes.start + 1 < key < shard.hashes.end:
        raise refusals.invalid(
            f"NewStartingHashKey {key} used in SplitShard() on shard {shard.id} in stream "
            f"{stream.name} under account {kinesis.account} is not both greater than one plus the "
            f"shard's StartingHashKey {shard.hashes.start} and less than the shard's EndingHashKey "
            f"{shard.hashes.end}."
        )

    def finish() -> None:
        resharding.split(stream, shard, key, kinesis.clock.now, kinesis.events)

    kinesis.change(stream, kinesis.delays["streams.reshard"], "SplitShard", finish)
    return {}


def merge_shards(kinesis: StreamCatalog, request: Request) -> Request:
    """Merge two open neighbours, the lower range named first; the child exists once ACTIVE again.

    Raises as split_shard does, InvalidArgumentException for shards that are not an adjacent pair.
    """
    low, high = _indexes(kinesis, request, "ShardToMerge", "AdjacentShardToMerge")
    stream = _provisioned(kinesis, request)
    lower = _open_shard(kinesis, stream, low)
    upper = _open_shard(kinesis, stream, high)
    if lower.hashes.end + 1 != upper.hashes.start:
        raise refusals.invalid(
            f"Shards {lower.id} and {upper.id} in stream {stream.name} under account "
            f"{kinesis.account} are not an adjacent pair of shards eligible for merging"
        )

    def finish() -> None:
        resharding.merge(stream, lower, upper, kinesis.clock.now, kinesis.events)

    kinesis.change(stream, kinesis.delays["streams.merge"], "MergeShards", finish)
    return {}


def update_shard_count(kinesis: StreamCatalog, request: Request) -> Request:
    """Scale to a number of equal shards by splits, then merges, that make short-lived shards.

    The splits were recorded after a fifth of the time, the merges after a half; where there are
    merges only, they come one after the other for each final shard, the first after three tenths
    and the second of two after three fifths (2026-09-19, radkawar/stackd, topology, topology_raw
    and control_audit); more of them share that time (the model's choice). The number there is
    already is no change, and is not counted; half is rounded down.

    Raises InvalidArgumentException above double or below half, LimitExceededException beyond 10,000
    or the account's quota, or for the eleventh call in 24 hours; ResourceInUseException;
    ValidationException on-demand.
    """
    stream = _provisioned(kinesis, request)
    current, target = len(stream.open_shards), request["TargetShardCount"]
    answer = {
        "StreamName": stream.name,
        "CurrentShardCount": current,
        "TargetShardCount": target,
        "StreamARN": stream.arn,
    }
    if target == current:
        return answer
    _check_scaling(kinesis, current, target)
    splits_needed = resharding.splits_for(stream, target)
    _check_shard_quota(kinesis, splits_needed)
    quota = kinesis.limits["streams.scalings_per_day"]
    stream.count_change("UpdateShardCount", kinesis.clock.now, quota, kinesis.account)
    rounds = resharding.rounds_for(stream, target)
    if splits_needed:
        delay = kinesis.delays["streams.update_shard_count"]
        begun, over = delay // 5, delay // 2
    else:
        delay = kinesis.delays["streams.scale_by_merging"]
        begun, over = 0, 3 * min(rounds, 2) * delay // 10

    def splits() -> None:
        if stream.usable:
            resharding.split_for(stream, target, kinesis.clock.now, kinesis.events)

    def merges() -> None:
        if stream.usable:
            resharding.merge_for(stream, target, kinesis.clock.now, kinesis.events)

    if splits_needed:
        kinesis.clock.after(begun, splits)
    for done in range(1, rounds + 1):
        kinesis.clock.after(begun + (over - begun) * done // rounds, merges)
    kinesis.change(stream, delay, "UpdateShardCount", lambda: None)
    return answer


def _check_scaling(kinesis: StreamCatalog, current: int, target: int) -> None:
    """More than double was recorded as InvalidArgumentException (2026-09-19, topology_raw).

    Less than half is inferred to be the same.
    """
    counts = f"Current open shard count: {current} Target shard count: {target}"
    if target > 2 * current:
        raise refusals.invalid(
            f"UpdateShardCount cannot scale up over double your current open shard count. {counts}"
        )
    if target < current // 2:
        raise refusals.invalid(
            f"UpdateShardCount cannot scale down below half your current open shard count. {counts}"
        )
    most = kinesis.limits["streams.shards_per_stream"]
    if target > most:
        raise refusals.limit(
            f"UpdateShardCount cannot scale a stream to more than {most} shards. {counts}"
        )


def _check_shard_quota(kinesis: StreamCatalog, more: int) -> None:
    current, quota = (
        kinesis.open_shard_count(),
        kinesis.limits.of_region("streams.shards_per_account"),
    )
    if more > 0 and current + more > quota:
        raise refusals.shard_quota(kinesis.account, kinesis.region, current, quota, more)


def _provisioned(kinesis: StreamCatalog, request: Request) -> Stream:
    stream = kinesis.find(request.get("StreamName"), request.get("StreamARN"))
    if stream.on_demand:
        raise refusals.on_demand(stream.name, kinesis.account)
    return kinesis.active(stream)


def _indexes(kinesis: StreamCatalog, request: Request, *members: str) -> list[int]:
    """The shards that a request names, read before the stream is looked up, as AWS does."""
    name = kinesis.named(request.get("StreamName"), request.get("StreamARN"))
    return [
        kinesis.shard_index(request[member], refusals.no_shard_to_reshard, name)
        for member in members
    ]


def _open_shard(kinesis: StreamCatalog, stream: Stream, index: int) -> Shard:
    shard = stream.shard(index, kinesis.clock.now)
    if shard is None:
        raise refusals.no_shard_to_reshard(shard_id(index), stream.name, kinesis.account)
    if shard.closed_at is not None:
        raise refusals.invalid(
            f"Shard {shard.id} in stream {stream.name} under account {kinesis.account} has already "
            "been merged or split, and thus is not eligible for merging or splitting."
        )
    return shard
