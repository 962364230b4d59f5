"""The pipeline's picture: its numbers add up in every frame, and its sentences are true."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from kinesis_sim import Simulator, UsageError
from kinesis_sim.firehose.events import DeliveryTried
from kinesis_sim.show.kit.words import LANGUAGES, tables_of
from kinesis_sim.workloads.scenes.breakage import Breakage
from kinesis_sim.workloads.scenes.click_flow import ClickFlow
from kinesis_sim.workloads.scenes.click_lake import ClickLake

ACCOUNT = "409409409409"


def simulator() -> Simulator:
    return Simulator(latency=None, delays="instant", account=ACCOUNT)


@pytest.fixture
def flow() -> ClickFlow:
    return ClickFlow(simulator())


def added(sentence: str) -> tuple[int, int]:
    """The two sides of a frame's sum."""
    numbers = [int(each.replace(",", "")) for each in re.findall(r"[\d,]+", sentence)]
    return numbers[0], sum(numbers[1:])


def test_every_frame_adds_up(flow: ClickFlow) -> None:
    desk = flow.sim.show.live_delivery(flow.stream)
    for *_, said in desk.page["frames"]:
        accepted, rest = added(said["lead"])
        assert accepted == rest
    assert accepted > 200
    assert len(json.dumps(desk.page)) < 160_000  # in two layouts


def test_a_broken_lake_loses_nothing_and_says_how_long_it_tries(flow: ClickFlow) -> None:
    said = repr(flow.sim.show.delivery(flow.stream))
    assert "Every try at S3 since" in said
    assert "for 24 h" in said
    assert " 0 lost" in said
    Breakage(flow.sim, flow.stream).toggle("destination")
    flow.sim.advance(minutes=15)
    assert "refuses" not in repr(flow.sim.show.delivery(flow.stream))


def test_after_a_day_without_s3_records_are_lost(flow: ClickFlow) -> None:
    flow.sim.advance(hours=26)
    said = repr(flow.sim.show.delivery(flow.stream))
    assert "are lost: no destination took them in time" in said
    assert flow.sim.firehose[flow.stream].tally.lost > 0


def test_an_earlier_instant_is_shown_as_it_was(flow: ClickFlow) -> None:
    before = flow.sim.clock.now - 3 * 60_000
    said = repr(flow.sim.show.delivery(flow.stream, at=before))
    assert "refuses" not in said
    with pytest.raises(UsageError, match="has been there from"):
        flow.sim.show.delivery(flow.stream, at=before - 3_600_000)


@pytest.mark.parametrize(
    ("lang", "said"),
    [("en", "Every try at S3 since"), ("pt-BR", "toda tentativa no S3 foi recusada")],
)
def test_the_figure_says_what_it_shows(flow: ClickFlow, lang: str, said: str) -> None:
    sheet = flow.sim.show.delivery(flow.stream, lang=lang)
    assert said in repr(sheet)
    assert sheet.png() == flow.sim.show.delivery(flow.stream, lang=lang).png()


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", "No try at OpenSearch since 00:02:00 was taken whole (400): 3 tries."),
        ("pt-BR", "nenhuma tentativa no OpenSearch foi aceita por inteiro (400): 3 tentativas."),
    ],
)
def test_a_bulk_request_refused_in_part_is_not_said_to_be_refused(lang: str, said: str) -> None:
    flow = ClickFlow(simulator(), to="opensearch")
    tries = flow.sim.events.of(DeliveryTried, stream=flow.stream)
    assert [each.delivered for each in tries if each.code == "400"] == [18, 0, 85]
    assert said in repr(flow.sim.show.delivery(flow.stream, lang=lang))


def test_a_stream_without_records_says_so() -> None:
    sim = simulator()
    ClickLake(sim).create("empty")
    assert "No record has come yet" in repr(sim.show.delivery("empty"))
    with pytest.raises(UsageError, match="no Firehose stream"):
        sim.show.delivery("nowhere")


def test_a_failing_function_is_said_to_fail_and_its_batch_ends_in_the_error_output() -> None:
    flow = ClickFlow(simulator(), broken=False)
    desk = flow.sim.show.live_delivery(flow.stream)
    desk.switch("transform")
    desk.advance(4)
    assert "The function fails as a whole (Lambda.FunctionError)" in desk.page["frames"][-1][2]
    keys = [key for _, key, _ in desk.page["shelf"]["items"]]
    desk.look_into(next(key for key in reversed(keys) if "processing-failed" in key))
    code, message, attempts, raw = desk.opened["rows"][0]
    assert (code, attempts) == ("Lambda.FunctionError", 4)
    assert message.startswith(
        "The Lambda function was successfully invoked but it returned an error"
    )
    assert json.loads(raw)["session_id"]


def test_a_manifest_opens_as_the_objects_it_names() -> None:
    sim = simulator()
    lake = ClickLake(sim)
    lake.warehouse("pedala-dw")
    Breakage(sim, "pedala-dw").toggle("destination")
    sim.firehose["pedala-dw"].put([row["Data"] for row in lake.entries(5)])
    sim.advance(hours=2)
    desk = sim.show.live_delivery("pedala-dw")
    assert "A manifest" in desk.opened["note"]
    assert f"s3://{lake.bucket}/" in desk.opened["note"]


def test_what_a_cell_breaks_a_button_mends(flow: ClickFlow) -> None:
    desk = flow.sim.show.live_delivery(flow.stream, lang="pt-BR")
    labels = [row["label"] for row in desk.page["controls"][2:]]
    assert labels == ["consertar o S3", "quebrar a função"]
    flow.sim.buckets.accept(flow.lake.bucket)
    flow.sim.functions.fail("tidy-clicks")
    desk.refresh()
    assert [row["pressed"] for row in desk.page["controls"][2:]] == [False, True]
    desk.switch("transform")
    assert not flow.sim.functions.failing("tidy-clicks")
    assert desk.reply


def test_only_what_is_there_can_be_broken() -> None:
    sim = simulator()
    lake = ClickLake(sim)
    sim.client("firehose").create_delivery_stream(
        DeliveryStreamName="plain", ExtendedS3DestinationConfiguration=lake.settings()
    )
    with pytest.raises(UsageError, match="plain has no transform"):
        Breakage(sim, "plain").toggle("transform")
    with pytest.raises(UsageError, match="There is no function nobody"):
        sim.functions.fail("nobody")


@pytest.mark.parametrize("to", ["splunk", "http"])
def test_endpoints_are_broken_at_their_address(to: str) -> None:
    sim = simulator()
    lake = ClickLake(sim)
    receiver: Any = getattr(sim.receivers, to)("ops")
    block: dict[str, Any] = {
        "splunk": {
            "SplunkDestinationConfiguration": {
                "HECEndpoint": receiver.url,
                "HECEndpointType": "Event",
                "HECToken": "x",
                "S3Configuration": lake.settings(),
            }
        },
        "http": {
            "HttpEndpointDestinationConfiguration": {
                "EndpointConfiguration": {"Url": receiver.url},
                "S3Configuration": lake.settings(),
            }
        },
    }[to]
    sim.client("firehose").create_delivery_stream(DeliveryStreamName=to, **block)
    faults = Breakage(sim, to)
    assert faults.toggle("destination")
    assert receiver.broken
    assert not faults.toggle("destination")
    assert not faults.broken("destination")


def test_texts_are_there_in_both_languages() -> None:
    def leaves(table: dict[str, Any]) -> Any:
        for entry in table.values():
            yield from [entry] if "en" in entry else leaves(entry)

    tables = tables_of("delivery")
    assert all(set(entry) == set(LANGUAGES) for entry in leaves(tables))


def test_large_counts_are_short_at_the_joints_and_whole_in_the_sum() -> None:
    sim = Simulator(latency=None, delays="instant", limits="off", account=ACCOUNT)
    sim.client("firehose").create_delivery_stream(
        DeliveryStreamName="much",
        S3DestinationConfiguration={
            "RoleARN": f"arn:aws:iam::{ACCOUNT}:role/f",
            "BucketARN": "arn:aws:s3:::nobody",
        },
    )
    for _ in range(13):
        sim.firehose["much"].put([b"a"] * 1_000)
    page = sim.show.live_delivery("much").page
    said = [more.get("said") for _, _, _, more in page["scenes"][0]["marks"]]
    assert "13 k" in said
    assert page["frames"][-1][3]["lead"].startswith("13,000 accepted")
