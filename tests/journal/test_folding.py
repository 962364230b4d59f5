"""What a long row of reads and writes comes to is what it came to, one after the other."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing, suppress
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from kinesis_sim import Simulator
from kinesis_sim.aws.exchange import Request
from kinesis_sim.aws.neighbours import Neighbours, _environ
from kinesis_sim.aws.restoring import keep
from kinesis_sim.errors import ServiceError, UsageError
from kinesis_sim.journal import columns, folder, saved
from kinesis_sim.journal.entry import Damaged, Entry, decoded, encoded
from kinesis_sim.journal.folding import FOLDED, GAP, IDLE, ITEMS, MINUTES, folded, weight
from tests.effort import examples
from tests.journal.scripts import portrait
from tests.journal.test_folder import Watched, kept_in

ACCOUNT = "515151515151"
"""Nobody else's: its tables are made anew for each example."""
SETTINGS = {"region": "us-east-1", "seed": 0, "account": ACCOUNT}
_FOLDERS = count()


# --- the arithmetic of it, without moto -----------------------------------------------------------


def read(n: int, row: int = 0, **more: Any) -> Entry:
    given = ["kinesis", "GetRecords", {"ShardIterator": f"i{n}"}, None]
    return Entry("call", 1_000 + 10 * n, 5, -1, n, n, given)._replace(**more)


def reads(entries: list[Entry]) -> dict[int, list[Any]]:
    return {
        n: [IDLE, "kinesis", "GetRecords", ["s", each.at // 10 % 2]]
        for n, each in enumerate(entries)
    }


def test_a_stretch_of_reads_is_one_entry() -> None:
    entries = [read(n) for n in range(5)]
    [entry] = folded(entries, reads(entries), 0)
    rows = [["s", 0, [40, 20, 0]], ["s", 1, [30, 10]]]
    assert entry == Entry(IDLE, 1_040, 5, -1, 4, 0, [5, "kinesis", rows])


@pytest.mark.parametrize(
    "breaks",
    [{"steps": 6}, {"place": "210987654321/sa-east-1"}, {"appended": 9}, {"slot": -3}],
)
def test_a_stretch_ends_where_something_else_happened(breaks: dict[str, Any]) -> None:
    entries = [read(0), read(1), read(2, **breaks), read(3, **breaks)]
    found = folded(entries, reads(entries), 0)
    assert weight(found[0]) == 2
    assert sum(map(weight, found)) == 4
    assert len(found) > 1


def test_what_nobody_spoke_for_stays_with_its_number() -> None:
    entries = [read(n) for n in range(6)]
    effects = reads(entries)
    del effects[3]
    found = folded(entries, effects, 0)
    assert [each.kind for each in found] == [IDLE, "call", IDLE]
    assert [weight(each) for each in found] == [3, 1, 2]
    assert found[1] == entries[3]


@pytest.mark.parametrize("given_", [[], ["1"], [-1], [None], [1.0]])
def test_an_entry_that_does_not_say_what_it_stands_for_is_damaged(given_: list[Any]) -> None:
    with pytest.raises(Damaged, match="stands for"):
        weight(Entry(GAP, 0, 0, -1, 0, 0, given_))


Writes = list[tuple[str, int, int | None]]
_writes: st.SearchStrategy[Writes] = st.lists(
    st.tuples(st.sampled_from("tu"), st.integers(0, 3), st.none() | st.integers(0, 9)),
    max_size=12,
)


def write(n: int, table: str, key: int, image: int | None) -> tuple[Entry, list[Any]]:
    """A write to a table without range keys, or to one with them (u)."""
    at_hash, at_range = (key, None) if table == "t" else (key // 2, key % 2)
    row = [table, f"{at_hash}/{at_range}", at_hash, at_range, image]
    return read(n, kind="neighbour"), [ITEMS, "a", "r", "c", n, [row]]


def put(tables: dict[str, Any], rows: list[Any], name: str, *, anew: bool) -> None:
    for at_hash, at_range, first, image in rows:
        place, key = tables[name], at_hash
        if at_range is not None:
            place, key = place.setdefault(at_hash, {}), at_range
        if (first and anew) or image is None:
            place.pop(key, None)
        if image is not None:
            place[key] = image


@given(_writes, _writes)
@example([("t", 0, 1), ("t", 1, 1)], [("t", 0, None), ("t", 0, 2)])
@example([], [("u", 0, 1), ("u", 2, 1), ("u", 0, None), ("u", 0, 2)])
def test_last_images_in_their_order_are_all_writes(before: Writes, after: Writes) -> None:
    tables = [{"t": {}, "u": {}}, {"t": {}, "u": {}}]
    for each in before:
        for one in tables:
            name, _, at_hash, at_range, image = write(0, *each)[1][5][0]
            put(one, [[at_hash, at_range, False, image]], name, anew=False)
    entries, effects = [], {}
    for n, each in enumerate(after):
        entry, effects[n] = write(n, *each)
        entries.append(entry)
        name, _, at_hash, at_range, image = effects[n][5][0]
        put(tables[0], [[at_hash, at_range, False, image]], name, anew=False)
    for entry in folded(entries, effects, 0):
        if entry.kind == ITEMS:
            for _, _, name, hashes, rows in entry.given[3]:
                for at_hash in hashes:
                    tables[1][name].setdefault(at_hash, {})
                put(tables[1], rows, name, anew=True)
    assert json.dumps(tables[1]) == json.dumps(tables[0])
    assert sum(map(weight, folded(entries, effects, 0))) == len(entries)


def test_images_wait_for_whoever_may_look_at_tables() -> None:
    entries, effects = [], {}
    for n in range(6):
        entry, effects[n] = write(n, "t", 0, n)
        entries.append(entry)
    entries[2] = read(2, given=["cloudwatch", "PutMetricData", {}, None])
    entries[4] = read(4, kind="neighbour")
    del effects[2], effects[4]
    found = folded(entries, effects, 0)
    assert [each.kind for each in found] == [
        GAP, "call", ITEMS, GAP, "neighbour", ITEMS, GAP,
    ]  # fmt: skip
    assert [weight(each) for each in found] == [2, 1, 0, 1, 1, 0, 1]
    assert [each.given[3][0][4][0][3] for each in found if each.kind == ITEMS] == [3, 5]


def publish(n: int, value: float, **more: Any) -> tuple[Entry, list[Any]]:
    """A write to one minute of a metric, which is ``value`` then."""
    image = [["own", "m", [], "None"], 0, value, value, value, n + 1.0]
    entry = read(n, given=["cloudwatch", "PutMetricData", {}, None], appended=0)
    return entry._replace(**more), [MINUTES, "cloudwatch", "PutMetricData", [image]]


def published(entries: list[Entry]) -> list[Any]:
    return [[each.place, each.given[2][0][5]] for each in entries if each.kind == MINUTES]


@pytest.mark.parametrize(
    ("between", "waits"),
    [
        ({}, True),
        ({"kind": "move", "given": []}, True),
        ({"given": ["firehose", "PutRecord", {}, None]}, True),
        ({"given": ["cloudwatch", "GetMetricData", {}, None]}, False),
        ({"kind": "neighbour"}, False),
        ({"steps": 6}, False),
    ],
)
def test_minutes_wait_for_whoever_may_look_at_metrics(between: dict[str, Any], waits: bool) -> None:
    """An action (an alarm's look) may, a stack may make an alarm, and CloudWatch is asked."""
    steps = between.get("steps", 5)
    rows = [publish(0, 1.0), publish(1, 2.0), (read(2, **between), None)]
    rows += [publish(3, 4.0, steps=steps), publish(4, 5.0, steps=steps)]
    entries = [entry for entry, _ in rows]
    found = folded(entries, {n: effect for n, (_, effect) in enumerate(rows) if effect}, 0)
    assert published(found) == ([["", [5.0]]] if waits else [["", [2.0]], ["", [5.0]]])
    assert sum(map(weight, found)) == 5
    seen = [entry for entry in found if entry.kind not in (MINUTES, GAP)]
    assert seen == [entries[2]]
    if not waits:
        assert [each.kind for each in found].index(MINUTES) < found.index(entries[2])


def test_minutes_of_other_places_are_put_back_there() -> None:
    rows = [publish(0, 1.0), publish(1, 2.0, place="210987654321/sa-east-1"), publish(2, 3.0)]
    effects = {n: effect for n, (_, effect) in enumerate(rows)}
    found = folded([entry for entry, _ in rows], effects, 0)
    assert published(found) == [["", [3.0]], ["210987654321/sa-east-1", [2.0]]]


def test_what_another_call_published_stays_whole() -> None:
    entry, effect = publish(0, 1.0, given=["lambda", "Invoke", {}, None])
    assert folded([entry], {0: effect}, 0) == [entry]


def test_folded_entries_that_are_damaged_are_refused_at_every_byte() -> None:
    entries = [read(0), read(1), write(2, "t", 0, 7)[0], publish(3, 0.1)[0]]
    effects = {**reads(entries), 2: write(2, "t", 0, 7)[1], 3: publish(3, 0.1)[1]}
    fewer = folded(entries, effects, 0)
    assert {each.kind for each in fewer} == {IDLE, ITEMS, MINUTES, GAP}
    whole = columns.packed(fewer, 5)
    assert columns.unpacked(whole, 5, 1 << 20) == fewer
    for place in range(len(whole)):
        for torn in (whole[:place], whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :]):
            with pytest.raises(Damaged):
                columns.unpacked(torn, 5, 1 << 20)


@pytest.mark.parametrize("kind", sorted(FOLDED))
def test_nobody_sends_what_is_folded(tmp_path: Path, kind: str) -> None:
    """Images would be put into tables of whatever account they name."""
    path = tmp_path / "x.lab"
    sim = Simulator()
    sim.save(path)
    found = saved.read(path)
    sent = [encoded(Entry(kind, 0, 0, -1, 0, 0, [0, 0, [], []]))]
    saved.write(path, found.settings, sent)
    with pytest.raises(UsageError, match="only a data folder"):
        list(saved.read(path).entries())  # which loading reads one by one


# --- a folder, with moto --------------------------------------------------------------------------

DDB = "DynamoDB_20120810."
KEYED: dict[str, Any] = {
    "BillingMode": "PAY_PER_REQUEST",
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
}
RANGED: dict[str, Any] = {
    "BillingMode": "PAY_PER_REQUEST",
    "KeySchema": [*KEYED["KeySchema"], {"AttributeName": "at", "KeyType": "RANGE"}],
    "AttributeDefinitions": [
        *KEYED["AttributeDefinitions"],
        {"AttributeName": "at", "AttributeType": "N"},
    ],
}
SHAPES = {"t": KEYED, "u": RANGED}
KINDS = (
    "put", "put", "add", "add", "add", "renew", "renew", "absent", "delete", "batch", "wrong",
    "drop", "make", "stream", "still", "read", "read", "read", "read", "record", "metric", "metric",
    "metric", "alarm", "calm", "move", "move", "flush", "flush", "transact",
)  # fmt: skip
Step = tuple[str, int, int]
_steps = st.lists(
    st.tuples(st.sampled_from(KINDS), st.integers(0, 5), st.integers(0, 60)), max_size=30
)
LEASES: list[Step] = [
    ("add", 0, 1), ("read", 0, 0), ("renew", 0, 1), ("read", 1, 0), ("renew", 0, 9),
    ("flush", 0, 0), ("delete", 0, 0), ("put", 1, 3), ("add", 0, 4), ("read", 0, 0),
    ("stream", 0, 0), ("add", 0, 2), ("put", 4, 2), ("still", 0, 0), ("add", 0, 2),
    ("flush", 0, 0), ("drop", 0, 0), ("put", 0, 1), ("make", 0, 0), ("put", 0, 7),
    ("flush", 0, 0), ("move", 5, 9), ("read", 0, 0), ("put", 2, 2),
]  # fmt: skip


METERED: list[Step] = [
    ("metric", 0, 7), ("metric", 0, 8), ("metric", 1, 60), ("move", 0, 9), ("metric", 4, 3),
    ("flush", 0, 0), ("metric", 5, 4), ("metric", 0, 7), ("alarm", 0, 1), ("metric", 0, 9),
    ("move", 0, 4), ("metric", 0, 50), ("metric", 0, 1), ("read", 0, 2), ("move", 2, 0),
    ("metric", 0, 2), ("metric", 0, 3), ("flush", 0, 0), ("metric", 0, 5), ("calm", 0, 0),
    ("metric", 2, 2), ("move", 0, 60), ("metric", 3, 2), ("metric", 3, 33), ("move", 1, 1),
]  # fmt: skip


class Worker:
    """Someone who reads at the tip of shards and writes to tables."""

    def __init__(self, sim: Simulator) -> None:
        self.sim = sim
        self._neighbours = Neighbours()

    def prepare(self) -> None:
        call = self.sim.gate.call
        call("kinesis", "CreateStream", {"StreamName": "s", "ShardCount": 2})
        on_demand = {"StreamModeDetails": {"StreamMode": "ON_DEMAND"}}
        call("kinesis", "CreateStream", {"StreamName": "d", **on_demand})
        self.sim.advance(minutes=1)
        every = {"StreamName": "s", "ShardLevelMetrics": ["ALL"]}
        call("kinesis", "EnableEnhancedMonitoring", every)
        for name in SHAPES:
            self.ask("CreateTable", {"TableName": name, **SHAPES[name]})
        self.turn()

    def turn(self) -> None:
        """Begin to read at the tip."""
        self.iterators = [self.iterator(*place) for place in (("s", 0), ("s", 1), ("d", 0))]

    def iterator(self, stream: str, shard: int) -> str:
        asked = {"StreamName": stream, "ShardId": f"shardId-{shard:012d}"}
        return str(
            self.sim.gate.call(
                "kinesis", "GetShardIterator", {**asked, "ShardIteratorType": "LATEST"}
            )["ShardIterator"]
        )

    def ask(self, operation: str, body: dict[str, Any]) -> None:
        scope = "AK/20260101/us-east-1/dynamodb/aws4_request"
        headers = {
            "host": "localhost:1",
            "authorization": f"AWS4-HMAC-SHA256 Credential={scope}, Signature=0",
            "x-amz-target": f"{DDB}{operation}",
            "content-type": "application/x-amz-json-1.0",
        }
        request = Request("POST", "/", "", headers, body=json.dumps(body).encode())
        with suppress(KeyError):  # moto's, for a write after a stream was turned off
            self._neighbours._kept(self.sim, request, _environ(request, ACCOUNT), None)

    def do(self, step: Step) -> None:
        kind, which, much = step
        getattr(self, f"_{kind}")("tu"[which // 4], which % 4, much)

    def _key(self, name: str, which: int) -> dict[str, Any]:
        if name == "t":
            return {"id": {"S": f"k{which}"}}
        return {"id": {"S": f"k{which // 2}"}, "at": {"N": ("1", "1.0", "2", "3")[which % 4]}}

    def _put(self, name: str, which: int, much: int, **more: Any) -> None:
        odd = {"L": [{"M": {"b": {"B": "AAE="}, "n": {"NULL": True}}}, {"SS": ["z", "a"]}]}
        item = {**self._key(name, which), "n": {"N": str(much)}, "odd": odd}
        self.ask("PutItem", {"TableName": name, "Item": item, **more})

    def _absent(self, name: str, which: int, much: int) -> None:
        self._put(name, which, much, ConditionExpression="attribute_not_exists(id)")

    def _update(self, name: str, which: int, how: str, **more: Any) -> None:
        asked = {"TableName": name, "Key": self._key(name, which), "UpdateExpression": how}
        self.ask("UpdateItem", {**asked, **more})

    def _add(self, name: str, which: int, much: int) -> None:
        values = {":n": {"N": str(much)}, ":o": {"S": "o"}}
        how = ("ADD n :n SET o = :o", "SET o = :o, n = :n")[much % 2]
        self._update(name, which, how, ExpressionAttributeValues=values)

    def _renew(self, name: str, which: int, much: int) -> None:
        values = {":n": {"N": str(much % 5)}, ":one": {"N": "1"}}
        more = {"ExpressionAttributeValues": values, "ConditionExpression": "n = :n"}
        self._update(name, which, "SET n = n + :one", **more)

    def _wrong(self, name: str, which: int, much: int) -> None:
        self._update(name, which, "SET = 1")

    def _delete(self, name: str, which: int, much: int) -> None:
        self.ask("DeleteItem", {"TableName": name, "Key": self._key(name, which)})

    def _batch(self, name: str, which: int, much: int) -> None:
        puts = [{"PutRequest": {"Item": self._key("t", n)}} for n in range(which)]
        gone = [{"DeleteRequest": {"Key": self._key("t", 3)}}]
        self.ask("BatchWriteItem", {"RequestItems": {"t": puts + gone}})

    def _transact(self, name: str, which: int, much: int) -> None:
        put = {"TableName": "t", "Item": self._key("t", which)}
        self.ask("TransactWriteItems", {"TransactItems": [{"Put": put}]})

    def _drop(self, name: str, which: int, much: int) -> None:
        self.ask("DeleteTable", {"TableName": name})

    def _make(self, name: str, which: int, much: int) -> None:
        self.ask("CreateTable", {"TableName": name, **SHAPES[name]})

    def _stream(self, name: str, which: int, much: int) -> None:
        how = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
        self.ask("UpdateTable", {"TableName": name, "StreamSpecification": how})

    def _still(self, name: str, which: int, much: int) -> None:
        how = {"StreamEnabled": False}
        self.ask("UpdateTable", {"TableName": name, "StreamSpecification": how})

    def _read(self, name: str, which: int, much: int) -> None:
        shard = which % 3
        for _ in range(1 + much % 3):
            self.sim.advance(milliseconds=210)
            asked = {"ShardIterator": self.iterators[shard]}
            found = self.sim.gate.call("kinesis", "GetRecords", asked)
            self.iterators[shard] = found["NextShardIterator"]

    def _record(self, name: str, which: int, much: int) -> None:
        asked = {"StreamName": "s", "PartitionKey": f"k{which}", "Data": b"x"}
        self.sim.gate.call("kinesis", "PutRecord", asked)

    def _metric(self, name: str, which: int, much: int) -> None:
        row: dict[str, Any] = {"MetricName": f"m{which % 2}", "Value": much / 7}
        if which > 1:
            row["Dimensions"] = [{"Name": n, "Value": str(much % 2)} for n in ("z", "a")]
        if name == "u":
            row["Timestamp"] = self.sim.clock.now - 60_000 * (much - 30)
        values = {"MetricName": "m0", "Values": [0.1, 0.7], "Counts": [much % 3, 1.0]}
        asked = {"Namespace": "Own", "MetricData": [row, {**values, "Unit": "Bytes"}]}
        with suppress(ServiceError):
            self.sim.gate.call("cloudwatch", "PutMetricData", asked)

    def _alarm(self, name: str, which: int, much: int) -> None:
        alarm: dict[str, Any] = {
            "AlarmName": f"a{which % 2}", "Namespace": "Own", "MetricName": f"m{which % 2}",
            "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1, "Threshold": float(much),
            "ComparisonOperator": "GreaterThanThreshold",
        }  # fmt: skip
        self.sim.gate.call("cloudwatch", "PutMetricAlarm", alarm)

    def _calm(self, name: str, which: int, much: int) -> None:
        with suppress(ServiceError):
            self.sim.gate.call("cloudwatch", "DeleteAlarms", {"AlarmNames": [f"a{which % 2}"]})

    def _move(self, name: str, which: int, much: int) -> None:
        self.sim.advance(seconds=much, minutes=which)
        self.turn()

    def _flush(self, name: str, which: int, much: int) -> None:
        assert self.sim.folder is not None
        self.sim.folder.flush()


def tables() -> list[Any]:
    """All of an account's tables, items and keys in moto's order, and who heard of changes."""
    from moto.dynamodb.models import dynamodb_backends

    found = []
    for table in dynamodb_backends[ACCOUNT]["us-east-1"].tables.values():
        heard = None if table.stream_shard is None else [
            each.to_json()["dynamodb"]["Keys"] for each in table.stream_shard.items
        ]  # fmt: skip
        items = [
            [repr(key), [[repr(at), shown(each)] for at, each in item.items()]]
            if isinstance(item, dict)
            else [repr(key), shown(item)]
            for key, item in table.items.items()
        ]
        found.append([table.name, heard, items])
    return found


def shown(item: Any) -> list[Any]:
    attributes = [[name, typed(value)] for name, value in item.attrs.items()]
    return [type(item.attrs).__name__, repr(item.hash_key), repr(item.range_key), attributes]


def typed(value: Any) -> list[Any]:
    inner = value.value
    if isinstance(inner, dict):
        return [type(value).__name__, value.type, [[k, typed(v)] for k, v in inner.items()]]
    if value.type == "L":
        return [type(value).__name__, value.type, [typed(each) for each in inner]]
    return [type(value).__name__, value.type, type(inner).__name__, inner]


def forget() -> None:
    """moto as a new process has it, for this account."""
    from moto.dynamodb.models import dynamodb_backends

    dynamodb_backends.pop(ACCOUNT, None)


def opened(path: Path) -> tuple[Simulator, int]:
    forget()
    sim = Simulator(remember=0, account=ACCOUNT)
    return sim, keep(sim, path, SETTINGS).entries


def closed(sim: Simulator) -> Any:
    """End a simulator; all that can be seen of it."""
    sim.inputs.note("move")
    assert sim.folder is not None
    sim.folder.close()
    sim.inputs.write = None
    return tables(), portrait(sim)


def kinds(path: Path) -> list[str]:
    with closing(sqlite3.connect(path / folder.FILE)) as base:
        rows = base.execute("SELECT entries, checksum FROM rows").fetchall()
    assert rows
    held = folder.Folder(path, SETTINGS)
    try:
        return [entry.kind for entry in held.entries()]
    finally:
        held.close()


def did(path: Path, script: list[Step]) -> tuple[Any, int]:
    """A folder with a script in it: how its simulator looks, and how many inputs it had."""
    sim, _ = opened(path)
    worker = Worker(sim)
    worker.prepare()
    for step in script:
        worker.do(step)
    inputs = sim.inputs.count
    return closed(sim), inputs + 1


@settings(max_examples=examples(40), suppress_health_check=list(HealthCheck))
@given(script=_steps, size=st.sampled_from([1, 3_000, 9_000]))
@example(script=METERED, size=1)
@example(script=METERED, size=9_000)
@example(script=METERED, size=1 << 22)
@example(script=LEASES, size=1)
@example(script=LEASES, size=9_000)
@example(script=LEASES, size=1 << 22)
def test_a_folded_folder_comes_back_as_it_was(
    script: list[Step], size: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / f"folded-{next(_FOLDERS)}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(folder, "PACK_BYTES", size)
        before, inputs = did(path, script)
        sim, found = opened(path)
        assert closed(sim) == before
        assert found == inputs
        sim, found = opened(path)  # what was plain then is folded now, with one entry more
        assert found == inputs + 1
        assert closed(sim) == before


def test_a_folder_that_was_packed_unfolded_is_folded_at_its_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "PACK_BYTES", 8_000)
    with monkeypatch.context() as patch:
        patch.setattr(folder, "folded", lambda entries, effects, first: list(entries))
        before, _ = did(tmp_path, [*LEASES[:3], *[("add", 0, 1), ("read", 0, 0)] * 20])
    assert ITEMS not in kinds(tmp_path)
    sim, found = opened(tmp_path)
    assert closed(sim) == before
    assert {ITEMS, IDLE} <= set(kinds(tmp_path))
    sim, again = opened(tmp_path)
    assert again == found + 1
    assert closed(sim) == before


def test_what_is_published_in_weeks_is_aged_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Minutes that are too old for their width are folded by the metric itself."""
    from kinesis_sim.account import series

    monkeypatch.setattr(series, "TIERS", ((60_000, 900_000), *series.TIERS[1:]))
    monkeypatch.setattr(folder, "PACK_BYTES", 6_000)
    before, _ = did(tmp_path, [("metric", 0, 7), ("metric", 0, 8), ("move", 1, 1)] * 50)
    assert MINUTES in kinds(tmp_path)
    sim, _ = opened(tmp_path)
    assert closed(sim) == before


def test_a_fault_that_struck_a_read_keeps_it_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "PACK_BYTES", 1)
    sim, _ = opened(tmp_path)
    worker = Worker(sim)
    worker.prepare()
    sim.faults.add("slow", "s", share=0.5, lasts="5m")
    for _ in range(4):
        worker.do(("read", 0, 2))
    before = closed(sim)
    assert IDLE not in kinds(tmp_path)
    again, _ = opened(tmp_path)
    assert closed(again) == before


def test_a_crash_between_any_two_steps_of_folding_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "PACK_BYTES", 1_500)
    held = folder.Folder(tmp_path / "kept", {})
    assert list(held.entries()) == []
    watched = Watched(held._base, tmp_path / "kept", tmp_path / "copies")
    held._base = watched  # type: ignore[assignment]
    entries, effects = [], {}
    for n in range(24):
        if n % 3:
            entries.append(read(n))
            effects[n] = [IDLE, "kinesis", "GetRecords", ["s", n % 2]]
        else:
            entry, effects[n] = write(n, "t", n % 2, n)
            entries.append(entry)
        held.found(held.write(encoded(entries[n]), safe=False), effects[n])
        held.flush()
    held._base = watched._base
    held.close()
    fewest = 0
    for number in range(watched.made):
        found = list(map(decoded, kept_in(tmp_path / "copies" / f"{number:04d}")))
        stands_for = sum(map(weight, found))
        assert stands_for >= fewest
        fewest = stands_for
        assert images(found) == images(folded(entries[:stands_for], effects, 0))
    assert fewest >= 23
    assert any(each.kind == IDLE for each in found)


def images(entries: list[Entry]) -> dict[str, Any]:
    """The items that entries leave, those that are not folded as their effects say."""
    left: dict[str, Any] = {}
    number = 0
    for entry in entries:
        if entry.kind == ITEMS:
            for *_, rows in entry.given[3]:
                left.update({str(row[0]): row[3] for row in rows})
        if entry.kind == "neighbour":
            left[str(number % 2)] = number
        number += weight(entry)
    return left
