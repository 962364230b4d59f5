"""Records into a Snowflake table: mappings, what is refused and what is tried again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinesis_sim.errors import UsageError
from kinesis_sim.firehose.destinations.snowflake.account import SnowflakeAccount
from kinesis_sim.firehose.destinations.snowflake.adapter import (
    COMMIT_MS,
    CONTENT,
    CONTENT_AND_METADATA,
    Snowflake,
)
from kinesis_sim.firehose.outcome import Outcome, Waiting
from kinesis_sim.firehose.record import Origin
from tests.effort import examples
from tests.firehose.destinations.batches import NOW, record, records

HOST = "xy12345.us-east-1.aws.snowflakecomputing.com"
CONFIGURATION: dict[str, Any] = {
    "AccountUrl": f"https://{HOST}:443",
    "User": "loader",
    "Database": "lab",
    "Schema": "public",
    "Table": "CLICKS",
    "RoleARN": "r",
    "S3Configuration": {},
}
TABLE = "create table clicks (id int not null, who varchar(5), extra variant)"


class Place:
    """An account behind HOST, with a table of clicks."""

    def __init__(self, table: str = TABLE, **account: Any) -> None:
        self.account = SnowflakeAccount(lambda: NOW, **account)
        self.account.sql(table)

    def adapter(self, **changed: Any) -> Snowflake:
        connect = {HOST: self.account}.__getitem__
        return Snowflake(CONFIGURATION | changed, connect, stream="to-snow", source="clicks")

    def deliver(self, sent: Any, request_id: str = "r", **changed: Any) -> Outcome:
        found = self.adapter(**changed).deliver(sent, request_id, NOW + 300)
        if isinstance(found, Waiting):
            assert found.at == NOW + COMMIT_MS
            answer = found.look(found.at)
            assert isinstance(answer, Outcome)
            return answer
        return found

    def rows(self, sql: str = "select * from clicks") -> list[tuple[Any, ...]]:
        found = self.account.sql(sql)
        assert found is not None
        found = found.astype(object).where(found.notna(), None)
        return [tuple(row) for row in found.itertuples(index=False)]


def test_members_become_columns() -> None:
    place = Place()
    sent = records([{"id": 1, "who": "ana", "extra": {"page": "/"}}, {"id": "2"}])
    outcome = place.deliver(sent)
    assert outcome == Outcome(2, [], bytes=sum(len(r.data) for r in sent))
    assert place.rows("select id, who, extra:page::string from clicks") == [
        (1, "ana", "/"),
        (2, None, None),
    ]


def test_rows_are_visible_from_the_commit_on() -> None:
    place = Place()
    waiting = place.adapter().deliver(records([{"id": 1}]), "r", NOW)
    assert isinstance(waiting, Waiting)
    assert (waiting.at, place.rows()) == (NOW + COMMIT_MS, [])
    waiting.look(waiting.at)
    assert len(place.rows()) == 1


def test_the_whole_record_can_be_one_column() -> None:
    place = Place("create table clicks (body variant, other int)")
    place.deliver(records([{"a": [1]}]), DataLoadingOption=CONTENT, ContentColumnName="body")
    assert place.rows("select body:a[0]::int, other from clicks") == [(1, None)]


def test_metadata_says_where_a_record_came_from() -> None:
    place = Place("create table clicks (body variant, meta variant)")
    option = {
        "DataLoadingOption": CONTENT_AND_METADATA,
        "ContentColumnName": "body",
        "MetaDataColumnName": "meta",
    }
    origin = Origin("shardId-000000000000", "key", "4957", 2, NOW)
    place.deliver([record({"a": 1}), record({"a": 2}, origin=origin)], **option)
    direct, streamed = (json.loads(meta) for (meta,) in place.rows("select meta from clicks"))
    assert direct == {"firehoseDeliveryStreamName": "to-snow", "IngestionTime": str(NOW)}
    assert streamed == {
        "kinesisStreamName": "clicks",
        "kinesisShardId": "shardId-000000000000",
        "kinesisPartitionKey": "key",
        "kinesisSequenceNumber": "4957",
        "subsequenceNumber": "2",
        "IngestionTime": str(NOW),
    }


@pytest.mark.parametrize("option", [CONTENT, CONTENT_AND_METADATA])
def test_a_mapping_names_its_columns(option: str) -> None:
    with pytest.raises(UsageError, match=f"{option} needs ContentColumnName"):
        Place().adapter(DataLoadingOption=option)
    if option == CONTENT_AND_METADATA:
        with pytest.raises(UsageError, match="needs MetaDataColumnName"):
            Place().adapter(DataLoadingOption=option, ContentColumnName="body")


BAD: list[tuple[Any, str]] = [
    (b"not json", "InvalidInput"),
    (b'{"id":1}{"id":2}', "InvalidInput"),
    ([{"id": 1}], "InvalidInput"),
    ({"id": 1, "more": 2}, "ExtraColumns"),
    ({"ID": 1}, "ExtraColumns"),
    ({"who": "ana"}, "MissingColumns"),
    ({"id": None}, "MissingColumns"),
    ({"id": "x"}, "IncorrectValue"),
    ({"id": 1, "who": {"a": 1}}, "IncorrectValue"),
    ({"id": 1, "who": "longer"}, "IncorrectValue"),
]


@pytest.mark.parametrize(("data", "code"), BAD)
def test_a_record_that_does_not_fit_fails_alone_and_for_good(data: Any, code: str) -> None:
    place = Place()
    bad, good = record(data), record({"id": 9}, 1)
    outcome = place.deliver([bad, good])
    assert outcome.delivered == 1
    assert [(f.record, f.code, f.retry) for f in outcome.failures] == [
        (bad, f"Snowflake.{code}", False)
    ]
    assert [row[0] for row in place.rows()] == [9]


CONFIGURED = [
    ({"AccountUrl": "gone.snowflakecomputing.com"}, "InvalidUrl"),
    ({"User": "nobody"}, "InvalidUser"),
    ({"User": "roleless"}, "DefaultRoleMissing"),
    ({"SnowflakeRoleConfiguration": {"Enabled": True, "SnowflakeRole": "X"}}, "InvalidRole"),
    ({"Database": "gone"}, "InvalidDatabase"),
    ({"Schema": "gone"}, "InvalidSchema"),
    ({"Table": "gone"}, "InvalidTable"),
]


@pytest.mark.parametrize(("changed", "code"), CONFIGURED)
def test_what_is_configured_wrongly_is_not_retried(changed: Any, code: str) -> None:
    place = Place(users={"loader": ["LOADER"], "roleless": []})
    outcome = place.deliver(records([{"id": 1}]), **changed)
    assert [(f.code, f.retry) for f in outcome.failures] == [(f"Snowflake.{code}", False)]
    role = {"Enabled": True, "SnowflakeRole": "LOADER"}
    assert place.deliver(records([{"id": 1}]), SnowflakeRoleConfiguration=role).delivered == 1


def test_the_secret_names_the_user_when_it_is_enabled() -> None:
    place = Place(users={"loader": ["LOADER"]})
    enabled = {"Enabled": True, "SecretARN": "arn"}
    configuration = CONFIGURATION | {"User": None, "SecretsManagerConfiguration": enabled}
    for secrets, expected in (({"arn": {"user": "loader"}}, Waiting), ({}, Outcome)):
        adapter = Snowflake(configuration, lambda _: place.account, secret=secrets.__getitem__)
        assert isinstance(adapter.deliver(records([{"id": 1}]), "r", NOW), expected)


@pytest.mark.parametrize(
    "column",
    [
        "id int autoincrement",
        "id int identity(1,1)",
        "id int default 3",
        "id varchar collate 'en'",
        "id geography",
    ],
)
def test_some_columns_cannot_be_streamed_into(column: str) -> None:
    outcome = Place(f"create table clicks ({column})").deliver(records([{"id": 1}]))
    assert [f.code for f in outcome.failures] == ["Snowflake.InvalidColumns"]


def test_an_outage_is_tried_again_and_a_lost_reply_adds_nothing_twice() -> None:
    place, sent = Place(), records([{"id": 1}, {"who": "x"}])
    waiting = place.adapter().deliver(sent, "r", NOW)
    place.account.available = False
    assert isinstance(waiting, Waiting)
    late = waiting.look(waiting.at)
    assert isinstance(late, Outcome)
    for outcome in (late, place.deliver(sent)):
        assert ("InternalError", True) in [(f.code, f.retry) for f in outcome.failures]
    place.account.available, place.account.lost_replies = True, 1
    assert place.deliver(sent[:1]).failures[0].retry
    assert place.deliver(sent[:1]).delivered == 1
    assert len(place.rows()) == 1
    assert place.deliver(sent[:1], "another").delivered == 1
    assert len(place.rows()) == 2


def test_sql_of_snowflake_runs_and_stays_inside() -> None:
    place = Place()
    place.account.sql(
        "create schema web; create table lab.web.t (a number(4,2), v array, o object)"
    )
    place.account.sql("insert into lab.public.clicks (id) values (1)")
    assert place.account.tables == ["clicks", "web.t"]
    assert place.rows("select count(*) from lab.public.clicks") == [(1,)]
    for sql in (
        "select * from read_csv('/etc/passwd')",
        "create stage s",
        "copy into clicks from @s",
        "set x = 1",
        "select * from other.public.clicks",
        "create table x as select * from read_text('/etc/passwd')",
    ):
        with pytest.raises(UsageError):
            place.account.sql(sql)


ROWS = st.fixed_dictionaries(
    {"id": st.none() | st.just("x") | st.integers(0, 99)},
    optional={"who": st.text("abc", max_size=7), "z": st.just(1)},
)


@settings(max_examples=examples(20))
@given(st.lists(ROWS, min_size=1, max_size=6), st.booleans())
def test_every_record_is_delivered_or_failed(rows: list[dict[str, Any]], up: bool) -> None:
    place = Place()
    place.account.available = up
    outcome = place.deliver(records(rows))
    assert outcome.delivered + len(outcome.failures) == len(rows)
    fits = [
        (row["id"], row.get("who"), None)
        for row in rows
        if row["id"] not in (None, "x") and "z" not in row and len(row.get("who", "")) <= 5
    ]
    assert place.rows() == (fits if up else [])
    place.account.close()
