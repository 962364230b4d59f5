"""The checks of the lessons on shaping and destinations: each mistake meets its reason."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from kinesis_sim import Simulator
from kinesis_sim.course.checks import Verdict
from kinesis_sim.course.exercises.firehose_destinations import SICK, repair
from kinesis_sim.course.exercises.firehose_shaping import QUESTION, STREAM, clicks_to_sql
from kinesis_sim.course.words import LANGUAGES, CourseWords, tables
from kinesis_sim.workloads.scenes.click_lake import (
    ClickLake,
    hasty_clicks,
    hints,
    jq,
    processing,
    processor,
)

ACCOUNT = "777788889999"
LESSON = {"clicks-to-sql": "firehose_shaping", "repair": "firehose_destinations"}
DYNAMIC = {"DynamicPartitioningConfiguration": {"Enabled": True}}
PREFIX = "clicks/platform=!{partitionKeyFromQuery:platform}/"


@pytest.fixture
def lake() -> ClickLake:
    sim = Simulator(account=ACCOUNT, delays="instant", latency=None)
    return ClickLake(sim, partition="platform")


def told(exercise: str, verdict: Verdict) -> str:
    for language in LANGUAGES:
        key = f"check.{exercise}.{verdict.reason}"
        assert CourseWords(LESSON[exercise], language).say(key, **verdict.values)
    return verdict.reason


def build(lake: ClickLake, steps: Any = None, **more: Any) -> None:
    """The exercise's stream; more: of its configuration, None for a member left out."""
    wanted = [lake.tidy, jq(platform=".platform")] if steps is None else steps
    settings = {
        "Prefix": PREFIX,
        "ErrorOutputPrefix": "errors/!{firehose:error-output-type}/",
        "DataFormatConversionConfiguration": lake.parquet,
        **DYNAMIC,
        **hints(64, 60),
        **(processing(*wanted) if wanted else {}),
        **more,
    }
    settings = {name: value for name, value in settings.items() if value is not None}
    lake.sim.client("firehose").create_delivery_stream(
        DeliveryStreamName=STREAM, ExtendedS3DestinationConfiguration=lake.settings(**settings)
    )


def play(lake: ClickLake, count: int = 200, minutes: int = 5) -> None:
    lake.sim.firehose[STREAM].put([row["Data"] for row in lake.entries(count)])
    lake.sim.advance(minutes=minutes)


def reason(lake: ClickLake, answer: Any = "none") -> str:
    return told("clicks-to-sql", clicks_to_sql(lake.sim, answer))


def test_the_solution_passes(lake: ClickLake) -> None:
    build(lake)
    play(lake)
    verdict = clicks_to_sql(lake.sim, lake.sim.query(QUESTION))
    assert told("clicks-to-sql", verdict) == "passed"
    assert verdict.values["answer"] == "android 17, ios 5"


def test_nothing_yet(lake: ClickLake) -> None:
    assert reason(lake) == "no-stream"
    build(lake)
    assert reason(lake) == "no-clicks"
    play(lake, minutes=1)
    assert reason(lake) == "held"
    lake.sim.advance(minutes=5)
    assert reason(lake) == "no-answer"
    assert reason(lake, lake.sim.query("select 1 as platform")) == "no-answer"


def test_not_active_yet() -> None:
    slow = ClickLake(Simulator(account=ACCOUNT, latency=None), partition="platform")
    build(slow)
    assert reason(slow) == "creating"


def test_too_few_clicks(lake: ClickLake) -> None:
    build(lake)
    play(lake, 100)
    assert reason(lake) == "few"


def test_the_lake_is_looked_at_before_there_is_an_answer(lake: ClickLake) -> None:
    """Whoever has no answer yet is told what is wrong with the stream, not that it is missing."""
    assert clicks_to_sql(lake.sim, None).reason == "untouched"
    with pytest.raises(ClientError):
        build(lake, [lake.tidy])  # no jq finds the key that the prefix names
    assert told("clicks-to-sql", clicks_to_sql(lake.sim, None)) == "no-stream"
    build(lake, [jq(platform=".platform")])
    assert told("clicks-to-sql", clicks_to_sql(lake.sim, None)) == "no-clicks"
    play(lake)
    assert told("clicks-to-sql", clicks_to_sql(lake.sim, None)) == "no-transform"


def test_a_wrong_answer_names_the_platform(lake: ClickLake) -> None:
    build(lake)
    play(lake)
    all_taps = "select platform, count(*) as unlocks from pedala.clicks group by platform"
    verdict = clicks_to_sql(lake.sim, lake.sim.query(all_taps))
    assert told("clicks-to-sql", verdict) == "wrong-answer"
    assert verdict.values["platform"] == "android"
    none = QUESTION.replace("'unlock'", "'lock'")
    assert reason(lake, lake.sim.query(none)) == "wrong-answer"


def test_without_the_transform(lake: ClickLake) -> None:
    build(lake, [jq(platform=".platform")])
    play(lake)
    assert reason(lake) == "no-transform"


def test_no_partition_in_the_prefix(lake: ClickLake) -> None:
    build(lake, [lake.tidy], Prefix="clicks/", DynamicPartitioningConfiguration=None)
    play(lake)
    assert reason(lake) == "no-folder"


def test_another_folder(lake: ClickLake) -> None:
    build(lake, Prefix=f"lake/{PREFIX}")
    play(lake)
    assert reason(lake) == "elsewhere"


@pytest.mark.parametrize("delimiter", [False, True])
def test_json_instead_of_columns(lake: ClickLake, delimiter: bool) -> None:
    more = [processor("AppendDelimiterToRecord")] if delimiter else []
    steps = [lake.tidy, jq(platform=".platform"), *more]
    build(lake, steps, DataFormatConversionConfiguration=None)
    play(lake)
    assert reason(lake) == ("no-parquet" if delimiter else "glued")


def test_wrong_ids_are_told_by_their_code(lake: ClickLake) -> None:
    hasty = lake.sim.functions.register("mine", hasty_clicks)
    build(lake, [processor("Lambda", LambdaArn=hasty), jq(platform=".platform")])
    play(lake)
    verdict = clicks_to_sql(lake.sim, "none")
    assert told("clicks-to-sql", verdict) == "errors"
    assert verdict.values["code"] == "Lambda.MissingRecordId"


def test_a_schema_that_does_not_fit_is_told_by_its_code(lake: ClickLake) -> None:
    table = lake.parquet
    glue = lake.sim.client("glue")
    storage = {"Columns": [{"Name": "session_id", "Type": "int"}], "Location": "s3://x/"}
    glue.create_table(
        DatabaseName="pedala", TableInput={"Name": "numbers", "StorageDescriptor": storage}
    )
    table["SchemaConfiguration"]["TableName"] = "numbers"
    build(lake, DataFormatConversionConfiguration=table)
    play(lake)
    verdict = clicks_to_sql(lake.sim, "none")
    assert told("clicks-to-sql", verdict) == "errors"
    assert verdict.values["code"] == "DataFormatConversion.MalformedData"


# --- repair ---------------------------------------------------------------------------------------


@pytest.fixture
def sick(lake: ClickLake) -> ClickLake:
    lake.create_broken(SICK)
    send(lake, 0)
    return lake


def send(lake: ClickLake, first: int, minutes: int = 5) -> None:
    lake.sim.firehose[SICK].put([row["Data"] for row in lake.entries(100, first)])
    lake.sim.advance(minutes=minutes)


def mend(lake: ClickLake, *steps: Any, version: int = 1) -> None:
    lake.sim.client("firehose").update_destination(
        DeliveryStreamName=SICK,
        CurrentDeliveryStreamVersionId=str(version),
        DestinationId="destinationId-000000000001",
        ExtendedS3DestinationUpdate=processing(*steps),
    )
    lake.sim.advance(minutes=5)


def why(lake: ClickLake) -> tuple[str, object]:
    verdict = repair(lake.sim)
    return told("repair", verdict), verdict.values.get("code")


def test_the_repair_passes(sick: ClickLake) -> None:
    assert why(sick) == ("unchanged", "Lambda.MissingRecordId")
    mend(sick, sick.tidy, jq(platform=".platform"))
    assert why(sick)[0] == "not-sent"
    send(sick, 100, minutes=0)
    assert why(sick)[0] == "held"
    sick.sim.advance(minutes=5)
    assert why(sick)[0] == "passed"


def test_one_fault_hides_the_other(sick: ClickLake) -> None:
    mend(sick, sick.tidy, jq(platform=".os"))
    send(sick, 100)
    assert why(sick) == ("still", "DynamicPartitioning.MetadataExtractionFailed")
    mend(sick, sick.tidy, jq(platform=".platform"), version=2)
    send(sick, 200)
    assert why(sick)[0] == "passed"


def test_the_function_is_still_the_hasty_one(sick: ClickLake) -> None:
    hasty = processor("Lambda", LambdaArn=sick.sim.functions.arn("hasty-clicks"))
    mend(sick, hasty, jq(platform=".platform"))
    send(sick, 100)
    assert why(sick) == ("still", "Lambda.MissingRecordId")


def test_the_next_hundred_went_in_before_the_stream_was_mended(sick: ClickLake) -> None:
    send(sick, 100)
    mend(sick, sick.tidy, jq(platform=".platform"))
    sick.sim.firehose[SICK].put([row["Data"] for row in sick.entries(10, 200)])
    sick.sim.advance(minutes=5)
    assert why(sick)[0] == "half"


def test_the_first_hundred_sent_again_are_not_the_next(sick: ClickLake) -> None:
    mend(sick, sick.tidy, jq(platform=".platform"))
    send(sick, 0)
    assert why(sick)[0] == "again"
    send(sick, 100)
    assert why(sick)[0] == "passed"


def test_the_function_was_taken_out_instead_of_mended(sick: ClickLake) -> None:
    mend(sick, jq(platform=".platform"))
    send(sick, 100)
    assert why(sick)[0] == "no-function"


def test_no_stream_to_mend(lake: ClickLake) -> None:
    assert why(lake)[0] == "no-stream"


@pytest.mark.parametrize("lesson", LESSON.values())
def test_checks_speak_every_language(lesson: str) -> None:
    for exercise, texts in tables(lesson)["check"].items():
        for word, text in texts.items():
            for each in text if word == "hints" else [text]:
                assert set(each) == set(LANGUAGES), (exercise, word)


@pytest.mark.parametrize("query", [".action", ".session_id", '"ios"', ".rider_id"])
def test_a_folder_of_another_field_is_no_platform(lake: ClickLake, query: str) -> None:
    """The lesson above partitions by action: copied, it makes folders, and no platforms."""
    build(lake, [lake.tidy, jq(platform=query)])
    play(lake)
    assert reason(lake, lake.sim.query(QUESTION)) in ("other-key", "errors")


@pytest.mark.parametrize("query", [".action", ".session_id", '"ios"'])
def test_a_mended_stream_has_the_platforms_folders(sick: ClickLake, query: str) -> None:
    mend(sick, sick.tidy, jq(platform=query))
    send(sick, 100)
    assert told("repair", repair(sick.sim)) == "other-key"
