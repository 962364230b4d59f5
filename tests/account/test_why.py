"""``sim.why`` and ``python -m kinesis_sim why``: rows, pages and days behind a name."""

from __future__ import annotations

import pytest

from kinesis_sim import Simulator
from kinesis_sim.__main__ import main
from kinesis_sim.account.prices import price_list
from kinesis_sim.account.quotas import TABLE
from kinesis_sim.errors import UsageError
from kinesis_sim.rooms import ROOMS


@pytest.fixture
def sim() -> Simulator:
    return Simulator()


def test_an_operation_shows_its_row_its_page_and_the_day(sim: Simulator) -> None:
    answer = sim.why("streams.put_records")
    assert [row.name for row in answer.rows] == ["data-streams/1.3/put-records"]
    shown = repr(answer)
    assert "API_PutRecords.html" in shown
    assert f"read {answer.rows[0].checked}" in shown


@pytest.mark.parametrize("name", ["PutRecords", "kinesis.put_records", "putrecords"])
def test_an_operation_goes_by_several_names(sim: Simulator, name: str) -> None:
    assert sim.why(name).rows == sim.why("streams.put_records").rows


def test_an_operation_with_a_rate_tells_it(sim: Simulator) -> None:
    leads = sim.why("streams.list_shards").leads
    assert leads == ("Operation ListShards",
                     "Quota streams.calls.ListShards: 1,000 calls/s per stream")  # fmt: skip


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("cloudwatch.tag_resource", "around/1/tag-resource"),
        ("lambda.tag_resource", "around/2/tag-resource"),
        ("mappings.update_event_source_mapping", "around/2/update-event-source-mapping"),
        ("lambda.invoke", "around/2/invoke"),
        ("fis.StartExperiment", "around/3/start-experiment"),
        ("kinesisanalytics.stop_application", "analytics/8.1/stop-application"),
        ("kinesis-video-media.get_media", "video/4/get-media"),
        ("put_metric_data", "around/1/put-metric-data"),
    ],
)
def test_an_operation_of_any_service_has_its_row(sim: Simulator, name: str, row: str) -> None:
    assert sim.why(name).rows[0].name == row


@pytest.mark.parametrize("service", ROOMS)
def test_every_operation_can_be_opened(sim: Simulator, service: str) -> None:
    """By a row of its own that says something, with a page: not by a search for its name."""
    names = [f"{service}.{operation}" for operation in sim.services[service].operations]
    answers = {name: sim.why(name) for name in names}
    bare = [
        name
        for name, answer in answers.items()
        if not answer.leads
        or not all(row.value and any(cite.page for cite in row.citations) for row in answer.rows)
    ]
    assert bare == []


def test_two_services_have_an_operation_of_one_name(sim: Simulator) -> None:
    assert sim.why("firehose.put_record").rows[0].name == "firehose/1.1/put-record"
    assert sim.why("streams.put_record").rows[0].name == "data-streams/1.3/put-record"


def test_a_quota_is_told_as_it_is_here() -> None:
    """A changed one with its default; the model's choice in it is said."""
    changed = Simulator(limits={"streams.channels": 3}).why("streams.channels")
    assert changed.leads == ("Quota streams.channels: 3 channels; 100 unless changed",)
    assert "stackd" in changed.rows[0].citations[0].page
    chosen = Simulator().why("streams.on_demand_split_minutes")
    assert "the model's choice" in chosen.leads[0]


def test_a_price_says_of_which_region_and_how_sure(sim: Simulator) -> None:
    lead, = sim.why("advantage.data_in").leads  # fmt: skip
    assert lead.startswith("Price advantage.data_in in us-east-1: USD 0.032 per GB in")
    assert "(unverified)" in lead


@pytest.mark.parametrize("name", [*TABLE, *price_list("us-east-1").prices])
def test_every_quota_and_price_can_be_opened(sim: Simulator, name: str) -> None:
    answer = sim.why(name)
    assert answer.leads
    assert answer.rows
    assert all(row.name in repr(answer) for row in answer.rows)


def test_a_row_and_a_section_go_by_the_names_that_answers_print(sim: Simulator) -> None:
    assert [row.name for row in sim.why("data-streams/4.1/write").rows] == [
        "data-streams/4.1/write"
    ]
    assert len(sim.why("firehose §1.5").rows) > 5


def test_a_section_of_a_rows_own_document_is_told_as_it_can_be_asked_for(sim: Simulator) -> None:
    shown = repr(sim.why("analytics/12/9"))
    assert "(analytics §3, T1/T2)" in shown
    assert sim.why("analytics §3").rows


def test_words_are_looked_for_in_all_rows(sim: Simulator) -> None:
    found = sim.why("IteratorAge").rows
    assert found[0].name == "data-streams/7/get-records-iterator-age-milliseconds"
    assert len(found) <= 12


def test_an_unknown_name_gets_one_sentence_with_those_that_come_near(sim: Simulator) -> None:
    with pytest.raises(UsageError, match=r"near it are streams\.shard_write_bytes, ") as error:
        sim.why("streams.shard_writ_bytes")
    assert "\n" not in str(error.value)
    with pytest.raises(UsageError, match=r"near it are streams\.put_records"):
        sim.why("streams.put_recrods")
    with pytest.raises(UsageError, match="try a word"):
        sim.why("Qwxzyv")


def test_an_answer_in_a_notebook_has_links_and_no_raw_text_as_markup(sim: Simulator) -> None:
    html = sim.why("streams.shard_write_bytes")._repr_html_()
    assert '<a href="https://docs.aws.amazon.com/kinesis/latest/APIReference/' in html
    assert "(MB)" in html
    assert "<x" not in sim.why("video/1/refresh")._repr_html_()


def test_the_command_line_answers_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["why", "streams.put_records"]) == 0
    assert "API_PutRecords.html" in capsys.readouterr().out
    assert main(["why", "IteratorAge"]) == 0
    assert main(["why", "--old"]) == 0
    assert "data-streams/3.1/0: 0 [K db/index.js]" in capsys.readouterr().out
    assert main(["why"]) == 2
    assert capsys.readouterr().err.startswith("why what?")
    assert main(["why", "no", "such", "thing", "anywhere"]) == 2
    assert capsys.readouterr().err.startswith("Nothing is known by the name")
