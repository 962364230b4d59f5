"""Keys of objects: documented examples, rules between prefixes, and keys that parse back."""

from __future__ import annotations

import string
from collections.abc import Callable
from datetime import UTC, datetime
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinesis_sim.account.storage import Undelivered
from kinesis_sim.errors import ServiceError
from kinesis_sim.firehose.naming.date_patterns import Overflow, WrongPattern, date_pattern
from kinesis_sim.firehose.naming.object_names import naming, random_string
from kinesis_sim.firehose.naming.prefixes import check_prefixes
from kinesis_sim.firehose.record import PartitionKeys
from kinesis_sim.instants import to_ms

AT = to_ms("2018-08-27T10:30:00Z")
UNIQUE = "a9fa96af-e4e4-409f-bac3-1f804714faaa"
SUFFIX = "clicks-1-2018-08-27-10-30-00-" + UNIQUE


def randoms() -> Callable[[], str]:
    rng = Random(0)
    return lambda: random_string(rng)


@pytest.mark.parametrize(
    ("prefix", "error_prefix", "key", "error_key"),
    [  # DG:s3-prefixes, examples; the hour that two of them leave out is a slip of the page
        (None, None, "2018/08/27/10/", "processing-failed/2018/08/27/10/"),
        (
            None,
            "myFirehoseFailures/!{firehose:error-output-type}/",
            "2018/08/27/10/",
            "myFirehoseFailures/processing-failed/",
        ),
        (
            "myPrefix/year=!{timestamp:yyyy}/month=!{timestamp:MM}/day=!{timestamp:dd}/hour=!{timestamp:HH}/",
            "myErrorPrefix/year=!{timestamp:yyyy}/month=!{timestamp:MM}/day=!{timestamp:dd}/hour=!{timestamp:HH}/!{firehose:error-output-type}",
            "myPrefix/year=2018/month=08/day=27/hour=10/",
            "myErrorPrefix/year=2018/month=08/day=27/hour=10/processing-failed",
        ),
        (
            "myFirehosePrefix/",
            None,
            "myFirehosePrefix/2018/08/27/10/",
            "myFirehosePrefix/processing-failed/2018/08/27/10/",
        ),
        ("raw", None, "raw2018/08/27/10/", "rawprocessing-failed/2018/08/27/10/"),
        (
            "myFirehose/DeliveredYear=!{timestamp:yyyy}/anyMonth/",
            "errors/!{firehose:error-output-type}/!{timestamp:yyyy}/anyMonth/!{timestamp:dd}",
            "myFirehose/DeliveredYear=2018/anyMonth/",
            "errors/processing-failed/2018/anyMonth/27",
        ),
    ],
)
def test_documented_examples(
    prefix: str | None, error_prefix: str | None, key: str, error_key: str
) -> None:
    check_prefixes(prefix, error_prefix)
    names = naming("clicks", 1, prefix=prefix, error_prefix=error_prefix)
    assert names.key(AT, UNIQUE, randoms()) == key + SUFFIX
    assert names.error_key("processing-failed", AT, UNIQUE, randoms()) == error_key + SUFFIX


def test_the_documented_partitioned_key() -> None:
    """DG:dynamic-partitioning-s3bucketprefix; no time is appended to partitioning keys."""
    prefix = (
        "customer_id=!{partitionKeyFromQuery:customer_id}/device=!{partitionKeyFromQuery:device}/"
    )
    error = "failed/!{firehose:error-output-type}/"
    check_prefixes(prefix, error, partitioned=True, query_keys={"customer_id", "device"})
    names = naming("my-delivery-stream", 1, prefix=prefix, error_prefix=error)
    keys = PartitionKeys((("customer_id", "1234567890"), ("device", "mobile")))
    key = names.key(to_ms("2019-08-09T23:55:09Z"), UNIQUE, randoms(), keys)
    assert key == (
        "customer_id=1234567890/device=mobile/my-delivery-stream-1-2019-08-09-23-55-09-" + UNIQUE
    )


def test_a_zone_moves_prefix_and_suffix() -> None:
    names = naming("clicks", 7, custom_time_zone="Asia/Tokyo", extension=".gz")
    key = names.key(to_ms("2018-08-27T20:30:00Z"), UNIQUE, randoms())
    assert key == f"2018/08/28/05/clicks-7-2018-08-28-05-30-00-{UNIQUE}.gz"


@pytest.mark.parametrize(
    "name", ["Mars/Olympus", "../etc", "America", "EST", "Asia/Kolkata", "Europe/Kyiv"]
)
def test_an_unknown_zone_is_refused(name: str) -> None:
    with pytest.raises(ServiceError, match="limited to UTC and non-3-letter IANA time zones"):
        naming("clicks", 1, custom_time_zone=name)


def test_random_strings_have_eleven_characters_and_are_new_each_time() -> None:
    names = naming(
        "clicks",
        1,
        prefix="!{firehose:random-string}/!{firehose:random-string}/!{timestamp:yyyy}/",
        error_prefix="!{firehose:error-output-type}/",
    )
    first, second, *_ = names.key(AT, UNIQUE, randoms()).split("/")
    assert len(first) == len(second) == 11
    assert (first + second).isalnum()
    assert first != second


def test_no_time_follows_a_prefix_that_has_an_expression() -> None:
    """Observed on AWS (floci-io/floci issue 1857), where the guide asks for a timestamp."""
    names = naming(
        "clicks",
        1,
        prefix="rand/!{firehose:random-string}/",
        error_prefix="!{firehose:error-output-type}/",
    )
    folder, _, name = names.key(AT, UNIQUE, randoms()).split("/")
    assert (folder, name.startswith("clicks-1-")) == ("rand", True)


NO_VALUE = "Invalid conversion character used in the value of the expression in Prefix"


@pytest.mark.parametrize(
    ("arguments", "rule"),
    [
        (
            {"prefix": "!{timestamp:yyyy/MM/dd}"},
            "ErrorOutputPrefix cannot be null or empty when Prefix contains expressions",
        ),
        (
            {"prefix": "a/!{firehose:error-output-type}/", "error_prefix": "b/"},
            "Prefix must not contain any occurrence of !{firehose:error-output-type}",
        ),
        (
            {"error_prefix": "b/!{timestamp:yyyy}/"},
            "ErrorOutputPrefix must contain at least one occurrence of !{firehose:error-output",
        ),
        (
            {"prefix": "!{"},
            "Invalid expression usage: !{.Must be of the form !{<namespace>",
        ),
        ({"prefix": "a!{timestamp:yyyy"}, "Invalid expression usage: a!{timestamp:yyyy.Must be"),
        ({"prefix": "!{s3:key}"}, "Namespace to the left of colon (s3) is an invalid keyword!"),
        ({"prefix": "!{firehose:uuid}"}, NO_VALUE),
        ({"error_prefix": "!{firehose:uuid}"}, f"{NO_VALUE[:-6]}ErrorOutputPrefix"),
        ({"prefix": "!{timestamp:yyyy-bb}"}, NO_VALUE),
        ({"prefix": "!{timestamp:ddd}"}, NO_VALUE),
        ({"prefix": "!{timestamp:yyyy]}"}, NO_VALUE),
        ({"prefix": "!{timestamp:yyyy#}"}, NO_VALUE),
        ({"prefix": "!{timestamp:yyyyp}"}, NO_VALUE),
        ({"prefix": "!{timestamp:p-}"}, NO_VALUE),
        ({"prefix": "x" * 513}, "Length of evaluated prefix cannot be greater than 512"),
        ({"error_prefix": "x" * 513}, "Length of evaluated ErrorOutputPrefix cannot be greater"),
        ({"prefix": "!{timestamp:V}"}, NO_VALUE),
        (
            {"prefix": "!{partitionKeyFromQuery:k}", "error_prefix": "e/"},
            "Dynamic Partitioning Namespaces can only be part of a prefix expression when Dynamic "
            "Partitioning is enabled.",
        ),
        ({"prefix": "!{partitionKeyFromQuery:}"}, NO_VALUE),
        (
            {"error_prefix": "!{partitionKeyFromLambda:k}/!{firehose:error-output-type}"},
            "Dynamic Partitioning Namespaces can't be part of an error prefix expression",
        ),
        ({"prefix": "!{firehose:random-string}", "redshift": True}, "currently not supported for"),
        ({"error_prefix": "e/", "redshift": True}, "Prefix Expressions or ErrorOutput"),
        ({"prefix": "a/", "error_prefix": "e/", "partitioned": True}, "should contain Dynamic"),
        (
            {
                "prefix": "!{partitionKeyFromQuery:a}",
                "error_prefix": "e/",
                "partitioned": True,
                "query_keys": {"a", "b"},
            },
            "MetaDataExtraction JQ Query can't contain keys that are not present in the S3 Prefix "
            "expression",
        ),
        (
            {"prefix": "!{partitionKeyFromQuery:a}", "error_prefix": "e/", "partitioned": True},
            "does not give: a",
        ),
        (
            {
                "prefix": "!{partitionKeyFromLambda:a}",
                "error_prefix": "e/",
                "partitioned": True,
            },
            "only with a Lambda processor",
        ),
    ],
)
def test_rules_between_prefixes(arguments: dict[str, object], rule: str) -> None:
    given_both = {"prefix": None, "error_prefix": None, **arguments}
    with pytest.raises(ServiceError) as refusal:
        check_prefixes(**given_both)  # type: ignore[arg-type]
    assert refusal.value.code == "InvalidArgumentException"
    assert rule in refusal.value.message
    opening = "The supplied prefix(es) do not satisfy the following constraint: "
    keys = any(word in rule for word in ("Dynamic", "JQ", "Lambda", "does not give"))
    assert refusal.value.message.startswith(opening) is not keys


@pytest.mark.parametrize(
    ("pattern", "text"),
    [  # java.time.format.DateTimeFormatter of 2026-01-04T03:05:09.042Z, a Sunday, US locale
        ("yyyy/MM/dd/HH/", "2026/01/04/03/"),
        ("y u yy yyyyy", "2026 2026 26 02026"),
        ("M MM MMM MMMM MMMMM L LLLL", "1 01 Jan January J 1 January"),
        ("d D DDD", "4 4 004"),
        ("E EEEE EEEEE e ee c", "Sun Sunday S 1 01 1"),
        ("h hh H k K a", "3 03 3 3 3 AM"),
        ("m mm s ss S SSS SSSSSS", "5 05 9 09 0 042 042000"),
        ("Q QQ QQQ QQQQ", "1 01 Q1 1st quarter"),
        ("Y w ww W", "2026 2 02 2"),
        ("'year='yyyy'/o''clock'''", "year=2026/o'clock'"),
        ("''", "'"),
        ("G GGGG GGGGG F A n N g", "AD Anno Domini A 4 11109042 42000000 11109042000000 61044"),
        (
            "VV z zzzz X XX XXX x xxx Z ZZZZ ZZZZZ O OOOO v",
            "UTC UTC Coordinated Universal Time Z Z Z +00 +00:00 +0000 GMT Z GMT GMT UTC",
        ),
        ("yyyy[-MM['x']", "2026-01x"),
        ("ppppd", "   4"),
        ("B", "at night"),
    ],
)
def test_letters_of_patterns(pattern: str, text: str) -> None:
    read = date_pattern(pattern)
    assert read.format(datetime(2026, 1, 4, 3, 5, 9, 42_000, UTC)) == text


@pytest.mark.parametrize("letter", ["y", "A"])
def test_a_field_has_nineteen_letters_at_most(letter: str) -> None:
    date_pattern(letter * 19)
    with pytest.raises(WrongPattern):
        date_pattern(letter * 20)


def test_letters_are_refused_as_aws_refuses_them() -> None:
    """All 52, each alone (cdk-preflight, 2026-09-10)."""
    refused = set()
    for letter in string.ascii_letters:
        try:
            date_pattern(letter)
        except WrongPattern:
            refused.add(letter)
    assert refused == set("CIJPRTUVbfijloprt")


@pytest.mark.parametrize(
    ("pattern", "zone", "text"),
    [
        ("VV z XXX O", "Asia/Tokyo", "Asia/Tokyo JST +09:00 GMT+9"),
        ("x Z ZZZZ", "America/Sao_Paulo", "-03 -0300 GMT-03:00"),
        ("X O OOOO", "Asia/Calcutta", "+0530 GMT+5:30 GMT+05:30"),
    ],
)
def test_zones_of_patterns(pattern: str, zone: str, text: str) -> None:
    at = datetime(2026, 1, 4, 3, tzinfo=ZoneInfo(zone))
    assert date_pattern(pattern).format(at) == text


@pytest.mark.parametrize(
    ("hour", "minute", "text"),
    [
        (0, 0, "midnight"),
        (0, 1, "at night"),
        (6, 0, "in the morning"),
        (12, 0, "noon"),
        (12, 1, "in the afternoon"),
        (18, 0, "in the evening"),
        (21, 0, "at night"),
    ],
)
def test_parts_of_the_day(hour: int, minute: int, text: str) -> None:
    assert date_pattern("B").format(datetime(2026, 1, 4, hour, minute, tzinfo=UTC)) == text


def test_padding_that_is_too_narrow_fails_later() -> None:
    pattern = date_pattern("pd")
    assert pattern.format(datetime(2026, 1, 9, tzinfo=UTC)) == "9"
    with pytest.raises(Overflow):
        pattern.format(datetime(2026, 1, 10, tzinfo=UTC))


def test_a_week_year_begins_with_the_week_of_its_first_day() -> None:
    assert date_pattern("YYYY-ww").format(datetime(2024, 12, 29, tzinfo=UTC)) == "2025-01"


def test_a_prefix_can_fail_later_in_the_year() -> None:
    """Java refuses day 100 in two digits; Firehose logs S3.InvalidPrefixConfigurationException."""
    pattern = date_pattern("DD")
    assert pattern.format(datetime(2026, 1, 9, tzinfo=UTC)) == "09"
    with pytest.raises(Overflow):
        pattern.format(datetime(2026, 4, 10, tzinfo=UTC))
    names = naming("clicks", 1, prefix="!{timestamp:DD}/", error_prefix="e/")
    with pytest.raises(Undelivered) as failure:
        names.key(AT, UNIQUE, randoms())
    assert failure.value.code == "S3.InvalidPrefixConfigurationException"


def test_an_evaluated_prefix_has_512_characters_at_most() -> None:
    """The time that is appended does not count (recorded)."""
    names = naming("clicks", 1, prefix="x" * 512)
    assert len(names.key(AT, UNIQUE, randoms()).removesuffix(SUFFIX)) == 512 + 14
    assert names.error_key("processing-failed", AT, UNIQUE, randoms())
    long = naming("clicks", 1, prefix="x" * 512 + "!{timestamp:yyyy}", error_prefix="e/")
    with pytest.raises(Undelivered):
        long.key(AT, UNIQUE, randoms())


def test_keys_have_whole_seconds() -> None:
    names = naming("clicks", 1, prefix="!{timestamp:HHmmssSSSSSSSSS}/", error_prefix="e/")
    assert names.key(AT + 42, UNIQUE, randoms()).startswith("103000000000000/")


def test_partition_keys_that_cannot_be_a_prefix() -> None:
    names = naming("c", 1, prefix="a=!{partitionKeyFromLambda:a}/", error_prefix="e/")
    assert names.refused(PartitionKeys((), (("a", "1"),))) == ""
    assert "do not give: a" in names.refused(PartitionKeys()).replace("does", "do")
    assert "do not give: a" in names.refused(PartitionKeys((), (("a", ""),))).replace("does", "do")
    assert "513 characters" in names.refused(PartitionKeys((), (("a", "x" * 510),)))


PIECES = {
    "literal": st.sampled_from(["raw/", "x=", "/", "é", "-", "a b/", "v1."]),
    "moment": st.sampled_from(
        ["yyyy", "MM", "dd/HH", "EEEE", "'day='D", "MMM-d", "hh a", "SSS", "QQQQ", "YYYY-'W'ww"]
    ).map(lambda pattern: f"!{{timestamp:{pattern}}}"),
    "random": st.just("!{firehose:random-string}"),
    "query": st.sampled_from(["a", "b"]).map(lambda name: f"!{{partitionKeyFromQuery:{name}}}/"),
    "lambda": st.sampled_from(["a", "c"]).map(lambda name: f"!{{partitionKeyFromLambda:{name}}}/"),
}
VALUES = st.text("abcdefghij0123456789_=", min_size=1, max_size=12)


@given(
    prefix=st.lists(st.one_of(*PIECES.values()), max_size=8).map("/".join),
    stream=st.from_regex(r"[a-zA-Z0-9_.-]{1,20}", fullmatch=True),
    version=st.integers(1, 999),
    at=st.integers(0, 4_102_444_800_000),
    unique=st.uuids(version=4),
    extension=st.sampled_from(["", ".gz", ".json.gz", ".parquet"]),
    zone=st.sampled_from([None, "America/Sao_Paulo", "Asia/Katmandu"]),
    values=st.tuples(VALUES, VALUES, VALUES, VALUES),
)
def test_keys_parse_back(
    prefix: str,
    stream: str,
    version: int,
    at: int,
    unique: UUID,
    extension: str,
    zone: str | None,
    values: tuple[str, str, str, str],
) -> None:
    names = naming(
        *(stream, version),
        prefix=prefix,
        error_prefix="e/!{firehose:error-output-type}/",
        custom_time_zone=zone,
        extension=extension,
    )
    keys = PartitionKeys((("a", values[0]), ("b", values[1])), (("a", values[2]), ("c", values[3])))
    key = names.key(at, str(unique), randoms(), keys)
    read = names.read(key)
    assert read is not None
    assert (read.stream, read.version, read.unique) == (stream, str(version), str(unique))
    assert read.extension == extension
    assert set(read.keys.query) <= set(keys.query)
    assert set(read.keys.function) <= set(keys.function)
    asked = {source for source in ("Query", "Lambda") if f"partitionKeyFrom{source}" in prefix}
    assert bool(read.keys.query) is ("Query" in asked)
    assert bool(read.keys.function) is ("Lambda" in asked)
    assert key.startswith(read.prefix + f"{stream}-{version}-{read.at}")


def test_keys_of_others_do_not_parse() -> None:
    assert naming("clicks", 1).read("2018/08/27/10/" + SUFFIX) is not None
    assert naming("clicks", 1).read("somewhere/else/" + SUFFIX) is None
    assert naming("sales", 1).read("2018/08/27/10/" + SUFFIX) is None
