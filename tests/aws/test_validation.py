"""What a violated constraint is called: rows of (operation, input, what AWS said, where that was
seen).

Sources: K = the tests of mhart/kinesalite, which were also run against AWS; LS = AWS answers
recorded in localstack/localstack's snapshots; ST = those recorded in radkawar/stackd; KO = a
Firehose answer quoted in a public article; model's choice = AWS's words for this case were not
found.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import pytest
from botocore.model import ShapeResolver
from hypothesis import given, settings
from hypothesis import strategies as st

from kinesis_sim.aws import model, validation
from kinesis_sim.aws.constraints import constraints, java_pattern
from kinesis_sim.aws.mistypes import wrong_type
from kinesis_sim.errors import ServiceError
from tests.effort import examples

NULL = "Value null at '{}' failed to satisfy constraint: Member must not be null"
NAME = "Value '' at 'streamName' failed to satisfy constraint: Member must "
NAME_PATTERN = NAME + "satisfy regular expression pattern: [a-zA-Z0-9_.-]+"
NAME_SHORT = NAME + "have length greater than or equal to 1"
HASH_PATTERN = (
    r"^(0|([1-9]\d{0,38}))$"  # K saw 0|([1-9]\d{0,38}); the model's text has changed since
)
BUFFER = "java.nio.HeapByteBuffer[pos=0 lim={0} cap={0}]"
LONG = "a" * 129
STREAM = "arn:aws:kinesis:us-east-1:123456789012:stream/s"


def at_least(value: Any, path: str, bound: int, what: str = "length") -> str:
    return (
        f"Value '{value}' at '{path}' failed to satisfy constraint: "
        f"Member must have {what} greater than or equal to {bound}"
    )


def at_most(value: Any, path: str, bound: int, what: str = "length") -> str:
    return (
        f"Value '{value}' at '{path}' failed to satisfy constraint: "
        f"Member must have {what} less than or equal to {bound}"
    )


def matches(value: str, path: str, pattern: str) -> str:
    return (
        f"Value '{value}' at '{path}' failed to satisfy constraint: "
        f"Member must satisfy regular expression pattern: {pattern}"
    )


# (operation, input, violations, source)
WORDS: list[tuple[str, dict[str, Any], list[str], str]] = [
    ("PutRecords", {}, [NULL.format("records")], "K putRecords"),
    (
        "SplitShard",
        {},
        [NULL.format("shardToSplit"), NULL.format("newStartingHashKey")],
        "K splitShard",
    ),
    (
        "CreateStream",
        {"StreamName": None},
        [NULL.format("streamName")],
        "K createStream; null is absent",
    ),
    (
        "CreateStream",
        {"StreamName": "", "ShardCount": 0},
        [NAME_PATTERN, NAME_SHORT, at_least(0, "shardCount", 1, "value")],
        "K createStream",
    ),
    ("CreateStream", {"StreamName": LONG}, [at_most(LONG, "streamName", 128)], "K createStream"),
    (
        "PutRecords",
        {"StreamName": "", "Records": []},
        [at_least("[]", "records", 1), NAME_PATTERN, NAME_SHORT],
        "K putRecords",
    ),
    (
        "PutRecords",
        {"Records": [{"PartitionKey": "", "Data": b"", "ExplicitHashKey": ""}], "StreamName": "s"},
        [
            matches("", "records.1.member.explicitHashKey", HASH_PATTERN),
            at_least("", "records.1.member.partitionKey", 1),
        ],
        "K putRecords",
    ),
    (
        "PutRecords",
        {"Records": [{"PartitionKey": "k", "Data": b""}, {"PartitionKey": "k" * 257}]},
        [
            NULL.format("records.2.member.data"),
            at_most("k" * 257, "records.2.member.partitionKey", 256),
        ],
        "K putRecords",
    ),
    (
        "PutRecord",
        {"StreamName": "s", "PartitionKey": "k", "Data": bytes(10_485_761)},
        [at_most(BUFFER.format(10_485_761), "data", 10_485_760)],
        "K putRecord, with the bound of the model of today",
    ),
    (
        "ListStreams",
        {"ExclusiveStartStreamName": LONG, "Limit": 1_000_000},
        [at_most(1000000, "limit", 10000, "value"), at_most(LONG, "exclusiveStartStreamName", 128)],
        "K listStreams",
    ),
    (
        "GetShardIterator",
        {"StreamName": "s", "ShardId": "0", "ShardIteratorType": ""},
        [
            "Value '' at 'shardIteratorType' failed to satisfy constraint: "
            "Member must satisfy enum value set: "
            "[AFTER_SEQUENCE_NUMBER, LATEST, AT_TIMESTAMP, AT_SEQUENCE_NUMBER, TRIM_HORIZON]"
        ],
        "K getShardIterator",
    ),
    (
        "AddTagsToStream",
        {"StreamName": "s", "Tags": {}},
        [at_least("{}", "tags", 1)],
        "K addTagsToStream",
    ),
    (
        "AddTagsToStream",
        {"StreamName": "s", "Tags": {"a": "1", LONG: "3"}},
        [
            f"Value '{{a=1, {LONG}=3}}' at 'tags' failed to satisfy constraint: "
            "Map keys must satisfy constraint: [Member must have length less than or equal to 128, "
            "Member must have length greater than or equal to 1]"
        ],
        "K addTagsToStream",
    ),
    (
        "AddTagsToStream",
        {"StreamName": "s", "Tags": {"c": "v" * 257}},
        [
            f"Value '{{c={'v' * 257}}}' at 'tags' failed to satisfy constraint: "
            "Map value must satisfy constraint: "
            "[Member must have length less than or equal to 256, "
            "Member must have length greater than or equal to 0]"
        ],
        "K addTagsToStream",
    ),
    (
        "RemoveTagsFromStream",
        {"StreamName": "s", "TagKeys": ["a", LONG, "b"]},
        [
            f"Value '[a, {LONG}, b]' at 'tagKeys' failed to satisfy constraint: "
            "Member must satisfy constraint: [Member must have length less than or equal to 128, "
            "Member must have length greater than or equal to 1]"
        ],
        "K removeTagsFromStream",
    ),
    (
        "EnableEnhancedMonitoring",
        {"StreamName": "s", "ShardLevelMetrics": ["Incoming"]},
        [
            "Value '[Incoming]' at 'shardLevelMetrics' failed to satisfy constraint: "
            "Member must satisfy constraint: [Member must satisfy enum value set: "
            "[ALL, IteratorAgeMilliseconds, IncomingBytes, WriteProvisionedThroughputExceeded, "
            "OutgoingRecords, ReadProvisionedThroughputExceeded, IncomingRecords, OutgoingBytes]]"
        ],
        "ST controls, EnableEnhancedMonitoring",
    ),
    (
        "UpdateStreamMode",
        {"StreamARN": STREAM, "StreamModeDetails": {}},
        [NULL.format("streamModeDetails.streamMode")],
        "LS sns, messageAttributes.attr1.member.dataType",
    ),
    (
        "DescribeStream",
        {"StreamARN": "nope"},
        [matches("nope", "streamARN", r"arn:aws.*:kinesis:.*:\d{12}:stream/\S+")],
        "LS lambda, first letter of the member lowered",
    ),
    (
        "PutRecords",
        {"StreamName": "s", "Records": [None]},
        [NULL.format("records.1.member")],
        "model's choice",
    ),
    (
        "RemoveTagsFromStream",
        {"StreamName": "s", "TagKeys": [None]},
        [
            "Value '[null]' at 'tagKeys' failed to satisfy constraint: "
            "Member must satisfy constraint: [Member must have length less than or equal to 128, "
            "Member must have length greater than or equal to 1]"
        ],
        "model's choice",
    ),
]


def refusal(operation: str, params: dict[str, Any]) -> ServiceError:
    with pytest.raises(ServiceError) as caught:
        validation.check(model.operation("kinesis", operation), params)
    return caught.value


@pytest.mark.parametrize(("operation", "params", "violations", "source"), WORDS)
def test_words(operation: str, params: dict[str, Any], violations: list[str], source: str) -> None:
    error = refusal(operation, params)
    count = len(violations)
    plural = "error" if count == 1 else "errors"
    assert error.code == "ValidationException"
    assert error.status == 400
    assert error.message == f"{count} validation {plural} detected: {'; '.join(violations)}"


def test_a_structure_in_a_list_is_printed_like_recent_aws_answers() -> None:
    """KO: "Value '[Record(data=java.nio.HeapByteBuffer[pos=0 lim=15 cap=15]), …" for 501
    records."""
    params = {"DeliveryStreamName": "d", "Records": [{"Data": bytes(15)}] * 501}
    operation = model.operation("firehose", "PutRecordBatch")
    with pytest.raises(ServiceError) as caught:
        validation.refuse(operation.input_shape, params)
    record = f"Record(data={BUFFER.format(15)})"
    expected = at_most(f"[{', '.join([record] * 501)}]", "records", 500)
    assert caught.value.message == f"1 validation error detected: {expected}"
    with pytest.raises(ServiceError) as caught:  # and today without the value
        validation.check(operation, params)
    assert caught.value.message == (
        "1 validation error detected: Value at 'records' failed to satisfy constraint: Member must "
        "have length less than or equal to 500"
    )


def test_ten_violations_at_most_are_named() -> None:
    """K putRecords: 501 empty partition keys are answered with "10 validation errors detected"."""
    error = refusal("PutRecords", {"Records": [{"PartitionKey": "", "Data": b""}] * 501})
    assert error.message.startswith(
        "10 validation errors detected: Value '[PutRecordsRequestEntry("
    )
    assert error.message.count("records.9.member.partitionKey") == 1
    assert "records.10.member" not in error.message


def test_a_printed_value_is_cut() -> None:
    error = refusal("PutRecord", {"PartitionKey": "k" * 1_000_000, "Data": b"", "StreamName": "s"})
    assert len(error.message) < 101_000
    assert error.message.endswith("Member must have length less than or equal to 256")


def test_no_more_of_a_value_is_printed_than_is_told() -> None:
    """A hundred thousand tags were printed ten times over before they were cut."""
    looked = 0

    class Tag(dict[str, str]):
        def get(self, key: str, default: Any = None) -> Any:
            nonlocal looked
            looked += 1
            return super().get(key, default)

    def looks(count: int) -> int:
        nonlocal looked
        looked = 0
        shape = model.service_model("firehose").operation_model("TagDeliveryStream").input_shape
        assert shape is not None
        with pytest.raises(ServiceError):
            validation.refuse(
                shape, {"DeliveryStreamName": "d", "Tags": [Tag() for _ in range(count)]}
            )
        return looked

    few, many = looks(20_000), looks(40_000)
    assert many - few <= 2 * 20_000  # what tells a wrong type looks at each member once


def test_a_long_hostile_name_costs_no_backtracking() -> None:
    """Three ``.*`` in the pattern would take minutes over this text; only its length is
    reported."""
    error = refusal("DescribeStream", {"StreamARN": "arn:aws" + ":kinesis::" * 200_000})
    assert error.message.startswith("1 validation error detected")
    assert "less than or equal to 2048" in error.message


GOOD = {
    "CreateStream": {"StreamName": "s", "ShardCount": 1, "Tags": {"a": ""}},
    "PutRecords": {"StreamName": "s", "Records": [{"Data": b"", "PartitionKey": "é" * 256}]},
    "SubscribeToShard": {
        "ConsumerARN": f"{STREAM}/consumer/c:1",
        "ShardId": "shardId-000000000000",
        "StartingPosition": {"Type": "AT_TIMESTAMP", "Timestamp": 1_767_225_600_000},
    },
    "DescribeLimits": {},
    "ListStreams": {"Limit": None, "NextToken": None},
    "GetRecords": {"ShardIterator": "x", "MemberOfTomorrow": object()},
}


@pytest.mark.parametrize("operation", GOOD)
def test_good_requests_pass(operation: str) -> None:
    shape = model.operation("kinesis", operation)
    assert validation.tester(shape.input_shape)(GOOD[operation])
    validation.check(shape, GOOD[operation])


def test_other_mappings_and_sequences_pass_the_slow_way() -> None:
    params = OrderedDict(StreamName="s", TagKeys=("a", "b"))
    validation.check(model.operation("kinesis", "RemoveTagsFromStream"), params)
    assert refusal("RemoveTagsFromStream", OrderedDict(TagKeys=())).code == "ValidationException"


NUMBER = "com.amazon.coral.value.json.numbers.TruncatingBigNumber"

# (operation, input, message, source)
TYPES: list[tuple[str, dict[str, Any], str, str]] = [
    (
        "CreateStream",
        {"StreamName": 5},
        f"class {NUMBER} can not be converted to an String",
        "K",
    ),
    (
        "CreateStream",
        {"StreamName": True},
        "class java.lang.Boolean can not be converted to an String",
        "K",
    ),
    ("CreateStream", {"StreamName": []}, "Start of list found where not expected", "K"),
    (
        "CreateStream",
        {"StreamName": {}},
        "Start of structure or map found where not expected.",
        "K",
    ),
    (
        "CreateStream",
        {"StreamName": "s", "ShardCount": "1"},
        "class java.lang.String can not be converted to an Integer",
        "K",
    ),
    ("PutRecords", {"Records": "x"}, "Expected list or null", "K"),
    ("PutRecords", {"Records": {}}, "Start of structure or map found where not expected.", "K"),
    ("PutRecords", {"Records": ["x"]}, "Expected null", "K"),
    (
        "PutRecords",
        {"Records": [{"Data": 1}]},
        f"class {NUMBER} can not be converted to a Blob",
        "K",
    ),
    ("AddTagsToStream", {"Tags": 3}, "Expected map or null", "K"),
    ("AddTagsToStream", {"Tags": []}, "Start of list found where not expected", "K"),
    (
        "GetShardIterator",
        {"Timestamp": "soon"},
        "class java.lang.String can not be converted to milliseconds since epoch",
        "K",
    ),
    (
        "DeleteStream",
        {"EnforceConsumerDeletion": "hi"},
        "'HI' can not be converted to an Boolean",
        "K",
    ),
    (
        "DeleteStream",
        {"StreamName": b"s"},
        "class java.nio.HeapByteBuffer can not be converted to an String",
        "model's choice",
    ),
]


@pytest.mark.parametrize(("operation", "params", "message", "source"), TYPES)
def test_wrong_types_come_before_violations(
    operation: str, params: dict[str, Any], message: str, source: str
) -> None:
    error = refusal(operation, params)
    assert (error.code, error.message, error.status) == ("SerializationException", message, 400)


def test_a_scalar_where_a_list_is_wanted_is_named_like_kinesalite_saw() -> None:
    assert wrong_type("list", True) == "Expected list or null"


# (pattern, text, whether Java's matches() accepts it)
JAVA = [
    ("[a-zA-Z0-9_.-]+", "a\n", False),
    (r"^(0|([1-9]\d{0,38}))$", "0\n", False),
    (r"\d{12}", "\u0661" * 12, False),  # Java's \d is ASCII
    (r"[\w]+", "é", False),
    (".*", "a\u2028b", False),  # Java's dot stops at a line separator
    (".*", "a.b", True),
    (r"a\.b", "axb", False),
    (r"[.]", "x", False),
    (r"^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$", "Ação \u0661\u00a0Ⅷ_", True),
    (r"^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$", "a#", False),
    (r"^\S+$", "a\u00a0b", True),  # Java's \s is ASCII
]


@pytest.mark.parametrize(("pattern", "text", "accepted"), JAVA)
def test_patterns_mean_what_they_mean_in_java(pattern: str, text: str, accepted: bool) -> None:
    assert (java_pattern(pattern).fullmatch(text) is not None) is accepted


SERVICES = ["kinesis", "firehose", "kinesisanalytics", "kinesisanalyticsv2", "kinesisvideo",
            "kinesis-video-archived-media", "kinesis-video-media", "kinesis-video-signaling",
            "kinesis-video-webrtc-storage"]  # fmt: skip


@pytest.mark.parametrize("service", SERVICES)
def test_every_pattern_of_the_family_can_be_read(service: str) -> None:
    shapes = model.service_model(service)
    patterns = [rule for name in shapes.shape_names for rule in constraints(shapes.shape_for(name))]
    for pattern in (rule.bound for rule in patterns if rule.kind == "pattern"):
        java_pattern(pattern)
        if "\\p{" in pattern:
            assert "_" in pattern, "\\p{L} may be read as \\w only next to an underscore"
            assert r"\p{L}" in pattern
            assert r"\p{N}" in pattern


PROBE = ShapeResolver({
    "Probe": {"type": "structure", "required": ["Text"], "members": {
        name: {"shape": name}
        for name in ("Text", "Choice", "Count", "Blob", "Flag", "Items", "Names", "Tags")}},
    "Text": {"type": "string", "min": 1, "max": 3, "pattern": "[ab]+"},
    "Choice": {"type": "string", "enum": ["a", "b"]},
    "Count": {"type": "integer", "min": 1, "max": 2},
    "Blob": {"type": "blob", "max": 2},
    "Flag": {"type": "boolean"},
    "Items": {"type": "list", "min": 1, "max": 2, "member": {"shape": "Item"}},
    "Item": {"type": "structure", "members": {"Inner": {"shape": "Name"}}},
    "Name": {"type": "string", "min": 1, "max": 2},
    "Names": {"type": "list", "member": {"shape": "Name"}},
    "Tags": {"type": "map", "max": 2, "key": {"shape": "Name"}, "value": {"shape": "Name"}},
}).get_shape_by_name("Probe")  # fmt: skip
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(0, 3), st.text("abc", max_size=4), st.binary(max_size=3)
)
VALUES = st.one_of(
    SCALARS,
    st.lists(
        st.one_of(SCALARS, st.fixed_dictionaries({}, optional={"Inner": SCALARS})), max_size=3
    ),
    st.dictionaries(st.text("ab", max_size=1), SCALARS, max_size=3),
)


@settings(max_examples=examples(400), deadline=None)
@given(st.fixed_dictionaries({}, optional=dict.fromkeys(PROBE.members, VALUES)))
def test_the_fast_test_and_the_slow_words_agree(params: dict[str, Any]) -> None:
    try:
        validation.refuse(PROBE, params)
        slow = True
    except ServiceError:
        slow = False
    assert validation.tester(PROBE)(params) is slow


RECORDS = ShapeResolver({
    "Records": {"type": "list", "min": 1, "max": 12, "member": {"shape": "Record"}},
    "Record": {"type": "structure", "required": ["Data"], "members": {
        name: {"shape": name} for name in ("Data", "Key", "Hash")}},
    "Data": {"type": "blob", "max": 2},
    "Key": {"type": "string", "min": 1, "max": 2},
    "Hash": {"type": "string", "pattern": "[ab]+"},
}).get_shape_by_name("Records")  # fmt: skip
GOOD_RECORD = st.fixed_dictionaries({"Data": st.binary(max_size=2), "Key": st.sampled_from("aé")})
ANY_RECORD = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("Data", "Key", "Hash", "Other"), SCALARS | st.just("\ud800"))
)


@settings(max_examples=examples(400), deadline=None)
@given(
    st.lists(GOOD_RECORD, min_size=8, max_size=11),
    st.none() | ANY_RECORD,
    st.sampled_from(("Hash", "Other", None)),
    st.sampled_from(("ab", "c", b"", None)),
)
def test_many_records_are_screened_as_each_one_is(
    records: list[dict[str, Any]], odd: dict[str, Any] | None, name: str | None, value: Any
) -> None:
    if name is not None:
        records = [record | {name: value} for record in records]
    if odd is not None:
        records.insert(len(records) // 2, odd)
    each = validation.tester(RECORDS.member)
    assert validation.tester(RECORDS)(records) is all(map(each, records))
