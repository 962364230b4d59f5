"""Small languages: patterns, durations, queries, expressions; and what Firehose opens."""

from __future__ import annotations

import gzip
import json
from hashlib import md5

from kinesis_sim.account.aggregation import UserRecord, aggregate, user_records
from kinesis_sim.account.metric_math import Grid, evaluate
from kinesis_sim.account.why import why
from kinesis_sim.aws.jq_process import Child
from kinesis_sim.firehose.conversion import timestamps
from kinesis_sim.firehose.naming.date_patterns import date_pattern
from kinesis_sim.firehose.naming.prefixes import template
from kinesis_sim.firehose.processing.decompression import decompressed
from kinesis_sim.firehose.processing.partition_query import is_slow, names_of
from kinesis_sim.firehose.processing.partitioning import Query
from kinesis_sim.instants import MINUTE, duration_ms, to_ms
from kinesis_sim.mappings.filters import compile_patterns, passes
from tests.fuzz.target import Target, text

MAGIC = b"\xf3\x89\x9a\xc2"
_LOGS = {"messageType": "DATA_MESSAGE", "logEvents": [{"id": "1", "timestamp": 1, "message": "m"}]}
KPLS = [
    aggregate([UserRecord("k", b"x"), UserRecord("l", b"y" * 50, 7)]),
    aggregate([UserRecord(f"k{n % 3}", b"z" * n) for n in range(30)]),
    MAGIC,
]
GZIPS = [gzip.compress(json.dumps(_LOGS).encode(), mtime=0), gzip.compress(b"", mtime=0)]
JQS = [b"{a:.b}", b'{a:"\\(.x)"}', b'"\\(' * 1_500, b"{a:(.x|gsub(\"a\";\"b\"))}",
       b'{"a\x13":.b}', b'{"\\q":.b}']  # fmt: skip
RUNS = [
    query + b"\x00" + record
    for query in (b"{a:.b}", b'{a:"\\(.x)", c:(.y|tostring)}', b"{a:.b.c[0], d:(.e // 1 | length)}",
                  b"{a:(.t|strftime(\"%Y\"))}", b"{a:(.n|floor|tostring), b:(.n|log2|tojson)}")
    for record in (b'{"b":1,"x":"y","y":[1],"e":{},"t":1767225600,"n":1.5}', b'{"b":"\\ud800"}',
                   b'{"n":1e999,"t":-1e18,"b":{"c":[null]}}')
]  # fmt: skip
MOMENTS = [b"2026-01-01T00:00:00Z", b"1767225600", b"1767225600123", b"2026-01-01 00:00:00.5",
           b"9" * 400 + b".5"]  # fmt: skip
JODAS = [b"yyyy-MM-dd'T'HH:mm:ss|2026-01-01T00:00:00", b"yyyyMMdd HHmmss.SSS Z|20260101 010203.5 "
         b"+0100", b"d MMM yy h:mm a|1 Jan 26 1:00 PM", b"''|'", b"yyyy|0000"]  # fmt: skip
DURATIONS = [b"1h30m", b"500ms", b"7d 1.5h", b"1" * 20_000 + b"x", b"9" * 400 + b"d"]
TIMES = [b"yyyy-MM-dd'T'HH:mm:ss|2026-01-01T00:00:00", b"1h30m", b"1" * 20_000 + b"x",
         b"2026-01-01T00:00:00Z", b"9" * 400 + b"d", b"''", b"yyyy|0000"]  # fmt: skip
PATTERNS = [b'{"data":{"a":[{"numeric":[">",1]}]}}', b'{"$or":[]}', b'{"a":[{"prefix":1}]}',
            b'{"data":{"a":[{"anything-but":["x"]},{"exists":false},null,1e308]}}']  # fmt: skip
MATHS = [
    b"SUM(METRICS())/2", b"CEIL(1/0)", b"FLOOR(1e999)", b"-m1^2^m2", b"FILL([m1,m2],REPEAT)",
    b"RATE(m1)+DIFF(m2)*PERIOD(m1)", b"AVG([m1, 3, m2*1e308])", b"2^1024", b"(-8)^0.5", b"((((m1",
]  # fmt: skip
SERIES = {0: 1.0, MINUTE: -2.5, 3 * MINUTE: 1e308}


def _joda(data: bytes) -> object:
    pattern, _, value = text(data).partition("|")
    return timestamps.joda(pattern)(value)


def resealed(data: bytes) -> bytes:
    """A KPL aggregate with the digest that its bytes ask for."""
    body = data.removeprefix(MAGIC)[:-16]
    return MAGIC + body + md5(body, usedforsecurity=False).digest()


def _value(name: str) -> object:
    if name == "METRICS":
        return [SERIES, {}]
    return {"m1": SERIES, "m2": {MINUTE: 0.0}, "m3": {}}.get(name, 2.0)


def _math(data: bytes) -> object:
    return evaluate(text(data), _value, Grid(0, 5 * MINUTE, MINUTE))  # type: ignore[arg-type]


JQ = Child()


def _partitioned(data: bytes) -> object:
    query, _, record = data.partition(b"\x00")
    return Query(text(query), JQ.evaluate).keys(record)


def _filtered(data: bytes) -> object:
    patterns = compile_patterns({"Filters": [{"Pattern": text(data)}]})
    return passes(patterns, {"Data": data, "PartitionKey": "k", "SequenceNumber": "1"})


TARGETS: dict[str, Target] = {
    "kpl": Target(user_records, KPLS),
    "kpl, digest right": Target(user_records, KPLS, mend=resealed),
    "decompression": Target(decompressed, GZIPS),
    "extraction": Target(lambda data: decompressed(data, extract=True), GZIPS),
    "jq names": Target(lambda data: names_of(text(data)), JQS),
    "jq cost": Target(lambda data: is_slow(text(data)), JQS),
    "jq runs": Target(_partitioned, RUNS),
    "prefix": Target(
        lambda data: template(text(data), "Prefix"),
        [b"d/!{timestamp:yyyy/MM/dd}/!{partitionKeyFromQuery:a}/", b"!{", b"!{firehose:}"],
    ),
    "date pattern": Target(lambda data: date_pattern(text(data)), TIMES),
    "duration": Target(lambda data: duration_ms(text(data)), DURATIONS),
    "instant": Target(lambda data: to_ms(text(data)), MOMENTS),
    "event pattern": Target(_filtered, PATTERNS),
    "metric math": Target(_math, MATHS),
    "why": Target(lambda data: why(text(data[:300])), [b"streams.put_records", b"facts/firehose"]),
    # Both say ValueError for a value that is no time: whoever calls them makes a row of it.
    "openx time": Target(lambda data: timestamps.openx(text(data)), MOMENTS, also=(ValueError,)),
    "joda time": Target(_joda, JODAS, also=(ValueError,)),
}
