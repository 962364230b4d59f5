"""Firehose's side of Redshift: what one COPY means for the records of a batch."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinesis_sim.errors import UsageError
from kinesis_sim.firehose.destinations.redshift.adapter import Redshift, manifest
from kinesis_sim.firehose.destinations.redshift.codes import MESSAGES
from kinesis_sim.firehose.destinations.redshift.warehouse import Warehouse
from kinesis_sim.firehose.outcome import Outcome
from tests.effort import examples
from tests.firehose.destinations.batches import NOW, records

HOST = "lab.abc123.us-east-1.redshift.amazonaws.com"
CONFIGURATION: dict[str, Any] = {
    "RoleARN": "arn:aws:iam::123456789012:role/firehose",
    "ClusterJDBCURL": f"jdbc:redshift://{HOST}:5439/dev",
    "CopyCommand": {"DataTableName": "clicks", "CopyOptions": "json 'auto'"},
    "Username": "loader",
    "Password": "Secret99",
    "S3Configuration": {"BucketARN": "arn:aws:s3:::staging", "RoleARN": "r"},
}


class Place:
    """A warehouse behind HOST, and the objects that were staged for it."""

    def __init__(self, rows: list[Any], **warehouse: Any) -> None:
        self.records = records(rows)
        body = b"".join(record.data for record in self.records)
        self.objects = {
            ("staging", "2026/01/x"): body,
            ("staging", "m"): json.dumps(manifest([("staging", "2026/01/x")])).encode(),
        }
        self.warehouse = Warehouse(lambda b, k: self.objects[b, k], lambda: NOW, **warehouse)
        self.warehouse.sql("create table clicks (id int, who varchar(8))")

    def deliver(self, secret: Any = None, **changed: Any) -> Outcome:
        adapter = Redshift(CONFIGURATION | changed, {HOST: self.warehouse}.__getitem__, secret)
        return adapter.copying("s3://staging/m").deliver(self.records, "r1", NOW)

    def rows(self) -> int:
        found = self.warehouse.sql("select count(*) as n from clicks")
        assert found is not None
        return int(found["n"][0])


ROWS = [{"id": 1, "who": "ana"}, {"id": 2, "who": "rui"}]


def test_a_batch_is_loaded_together() -> None:
    place = Place(ROWS, took_ms=1_500)
    assert place.deliver() == Outcome(2, (), 1_500, sum(len(r.data) for r in place.records))
    assert place.rows() == 2


def failed(place: Place, outcome: Outcome, code: str) -> None:
    assert outcome.delivered == 0
    assert [failure.record for failure in outcome.failures] == place.records
    assert {failure.code for failure in outcome.failures} == {f"Redshift.{code}"}
    assert all(failure.retry and not failure.lost for failure in outcome.failures)
    assert all(failure.message.startswith(MESSAGES[code]) for failure in outcome.failures)


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ("paused", "ConnectionFailed"),
        ("unreachable", "ConnectionFailed"),
        ("resizing", "Resize"),
        ("read-only", "ReadOnlyCluster"),
    ],
)
def test_a_cluster_that_is_away_comes_back(state: Any, code: str) -> None:
    place = Place(ROWS)
    place.warehouse.state = state
    failed(place, place.deliver(), code)
    place.warehouse.state = "available"
    assert place.deliver().delivered == 2


CONFIGURED = [
    (
        {"ClusterJDBCURL": CONFIGURATION["ClusterJDBCURL"].replace("lab", "other")},
        "ConnectionFailed",
    ),
    ({"ClusterJDBCURL": CONFIGURATION["ClusterJDBCURL"] + "x"}, "DatabaseNotFound"),
    ({"CopyCommand": {"DataTableName": "gone"}}, "TableNotFound"),
    ({"CopyCommand": {"DataTableName": "clicks", "CopyOptions": "frob"}}, "SyntaxError"),
    ({"CopyCommand": {"DataTableName": "clicks", "CopyOptions": "gzip"}}, "CompressionMismatch"),
    ({"CopyCommand": {"DataTableName": "clicks", "DataTableColumns": "z"}}, "ColumnNotFound"),
    ({"CopyCommand": {"DataTableName": "clicks", "CopyOptions": "csv"}}, "DataLoadFailed"),
    ({"Password": "wrong999"}, "AuthenticationFailed"),
    ({"Username": None}, "AuthenticationFailed"),
]


@pytest.mark.parametrize(("changed", "code"), CONFIGURED)
def test_what_is_configured_wrongly_has_its_documented_code(changed: Any, code: str) -> None:
    place = Place(ROWS, users={"loader": "Secret99"})
    failed(place, place.deliver(**changed), code)
    assert place.rows() == 0


def test_one_bad_row_holds_back_the_batch() -> None:
    place = Place([*ROWS, {"id": "three"}])
    failed(place, place.deliver(), "DataLoadFailed")
    assert place.rows() == 0


def test_maxerror_hides_bad_rows_from_firehose() -> None:
    place = Place([*ROWS, {"id": "three"}])
    command = {"DataTableName": "clicks", "CopyOptions": "json 'auto' maxerror 2"}
    assert place.deliver(CopyCommand=command).delivered == 3
    assert place.rows() == 2


def test_a_full_disk_takes_no_more() -> None:
    place = Place(ROWS, disk_bytes=60)
    assert place.deliver().delivered == 2
    failed(place, place.deliver(), "DiskFull")
    assert place.rows() == 2


def test_a_staged_object_that_went_away_is_missed() -> None:
    place = Place(ROWS)
    del place.objects["staging", "2026/01/x"]
    failed(place, place.deliver(), "MissingS3File")


def test_a_learner_can_backfill_from_the_manifest() -> None:
    place = Place(ROWS)
    place.warehouse.sql("copy clicks from 's3://staging/m' iam_role default manifest json 'auto'")
    assert place.rows() == 2


def test_the_secret_is_used_when_it_is_enabled() -> None:
    place = Place(ROWS, users={"loader": "Secret99"})
    enabled = {"Enabled": True, "SecretARN": "arn:secret"}
    secrets = {"arn:secret": {"username": "loader", "password": "Secret99"}}
    changed = {"Username": None, "Password": None, "SecretsManagerConfiguration": enabled}
    assert place.deliver(secrets.__getitem__, **changed).delivered == 2
    failed(place, place.deliver({}.__getitem__, **changed), "AuthenticationFailed")


def test_a_url_that_is_none_is_said() -> None:
    with pytest.raises(UsageError, match="is no JDBC URL"):
        Place(ROWS).deliver(ClusterJDBCURL="https://example.com")


@settings(max_examples=examples(20))
@given(
    st.lists(
        st.fixed_dictionaries({"id": st.integers(0, 9) | st.just("x")}), min_size=1, max_size=5
    ),
    st.sampled_from(["available", "paused"]),
    st.sampled_from(["", " maxerror 3"]),
)
def test_every_record_is_delivered_or_failed(rows: Any, state: Any, option: str) -> None:
    place = Place(rows)
    place.warehouse.state = state
    command = {"DataTableName": "clicks", "CopyOptions": f"json 'auto'{option}"}
    outcome = place.deliver(CopyCommand=command)
    assert outcome.delivered + len(outcome.failures) == len(rows)
    good = sum(row["id"] != "x" for row in rows)
    assert place.rows() == (good if outcome.delivered else 0)
