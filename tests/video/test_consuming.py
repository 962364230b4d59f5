"""GetMedia: where it begins, what it sends, and that it stays open."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from kinesis_sim import Simulator
from kinesis_sim.errors import UsageError
from kinesis_sim.video import ebml, matroska
from kinesis_sim.video.events import MediaRead
from tests.video.media import NAME, cluster, connect, put, stream

START = 1_767_225_600


def reader(sim: Simulator) -> Any:
    endpoint = sim.client("kinesisvideo").get_data_endpoint(StreamName=NAME, APIName="GET_MEDIA")
    return sim.client("kinesis-video-media", endpoint_url=endpoint["DataEndpoint"])


def get(sim: Simulator, kind: str, **more: Any) -> bytes:
    selector = {"StartSelectorType": kind, **more}
    answer = reader(sim).get_media(StreamName=NAME, StartSelector=selector)
    assert answer["ContentType"] == "video/webm"
    data: bytes = answer["Payload"].read()
    return data


def chunks(data: bytes) -> list[tuple[list[str], bytes, dict[str, str]]]:
    """The fragments of an answer: names of elements, the cluster as it is, and all tags."""
    found: list[tuple[list[str], bytes, dict[str, str]]] = []
    names = {value: name for name, value in vars(ebml).items() if isinstance(value, int)}
    at = 0
    while at < len(data):
        head = ebml.head(data, at, len(data))
        assert head is not None
        end = head.begin if head.id == ebml.SEGMENT else head.end
        if head.id == ebml.EBML:
            found.append(([], b"", {}))
        found[-1][0].append(names[head.id])
        if head.id == ebml.TAGS:
            found[-1][2].update(matroska.tags_of(data, head))
        if head.id == ebml.CLUSTER:
            found[-1] = (found[-1][0], data[at:end], found[-1][2])
        at = end
    return found


def test_each_fragment_is_a_stream_of_its_own_with_awss_tags(sim: Simulator) -> None:
    put(sim, stream(2) + matroska.tags([("bikes", "3")]))
    first, second = chunks(get(sim, "EARLIEST"))
    assert first[0] == ["EBML", "SEGMENT", "INFO", "TRACKS", "TAGS", "CLUSTER", "TAGS"]
    assert second[0] == ["EBML", "SEGMENT", "INFO", "TRACKS", "TAGS", "CLUSTER", "TAGS", "TAGS"]
    assert [first[1], second[1]] == [cluster(0), cluster(2_000)]
    numbers = [each.number for each in sim.video[NAME].archive]
    assert first[2] == {
        "AWS_KINESISVIDEO_FRAGMENT_NUMBER": numbers[0],
        "AWS_KINESISVIDEO_SERVER_TIMESTAMP": "1767225610.000",
        "AWS_KINESISVIDEO_PRODUCER_TIMESTAMP": "1767225600.000",
        "AWS_KINESISVIDEO_MILLIS_BEHIND_NOW": "1000",
        "AWS_KINESISVIDEO_CONTINUATION_TOKEN": numbers[0],
    }
    assert second[2]["AWS_KINESISVIDEO_MILLIS_BEHIND_NOW"] == "0"
    assert second[2]["bikes"] == "3"


@pytest.mark.parametrize(
    ("kind", "more", "begin"),
    [
        ("EARLIEST", {}, 0),
        ("NOW", {}, 3),
        ("PRODUCER_TIMESTAMP", {"StartTimestamp": START + 2}, 1),
        ("PRODUCER_TIMESTAMP", {"StartTimestamp": START + 3.9}, 1),
        ("PRODUCER_TIMESTAMP", {"StartTimestamp": START - 9}, 0),
        ("PRODUCER_TIMESTAMP", {"StartTimestamp": START + 8}, 4),
        ("SERVER_TIMESTAMP", {"StartTimestamp": START + 10}, 0),
        ("SERVER_TIMESTAMP", {"StartTimestamp": START + 999}, 4),
    ],
)
def test_where_it_begins(sim: Simulator, kind: str, more: dict[str, Any], begin: int) -> None:
    put(sim, stream(4))
    numbers = [each.number for each in sim.video[NAME].archive]
    tags = [tags for _, _, tags in chunks(get(sim, kind, **more))]
    found = [each["AWS_KINESISVIDEO_FRAGMENT_NUMBER"] for each in tags]
    assert found == numbers[begin:]


@pytest.mark.parametrize(
    ("kind", "member"),
    [("FRAGMENT_NUMBER", "AfterFragmentNumber"), ("CONTINUATION_TOKEN", "ContinuationToken")],
)
def test_a_number_or_token_means_what_comes_after_it(
    sim: Simulator, kind: str, member: str
) -> None:
    put(sim, stream(4))
    numbers = [each.number for each in sim.video[NAME].archive]
    found = chunks(get(sim, kind, **{member: numbers[1]}))
    assert [tags["AWS_KINESISVIDEO_FRAGMENT_NUMBER"] for _, _, tags in found] == numbers[2:]
    again = chunks(get(sim, kind, **{member: f"000{numbers[1]}"}))
    assert [tags["AWS_KINESISVIDEO_FRAGMENT_NUMBER"] for _, _, tags in again] == numbers[2:]
    assert get(sim, kind, **{member: "1" * 50}) == b"", "larger than any"
    for bad in ({}, {member: "abc"}):
        with pytest.raises(ClientError, match=r"InvalidArgumentException|ValidationException"):
            get(sim, kind, **bad)


def test_it_stays_open_for_what_comes_later(sim: Simulator) -> None:
    put(sim, stream(1))
    selector = {"StartSelectorType": "EARLIEST"}
    body = reader(sim).get_media(StreamName=NAME, StartSelector=selector)["Payload"]
    first = body.read(100)
    producer = connect(sim)
    producer.take(stream(2, begin=10_000))
    producer.finish()
    rest = first + body.read()
    assert [raw for _, raw, _ in chunks(rest)] == [cluster(0), cluster(10_000), cluster(12_000)]


def test_it_ends_thirty_seconds_after_the_last_fragment(sim: Simulator) -> None:
    put(sim, stream(1))
    before = sim.clock.now
    get(sim, "EARLIEST")
    assert sim.clock.now - before == 30_000
    assert not sim.video[NAME].consumers


def test_a_connection_gets_five_fragments_a_second(sim: Simulator) -> None:
    put(sim, stream(12))
    get(sim, "EARLIEST")
    times = [event.at for event in sim.events.of(MediaRead)]
    assert [sum(begin <= at < begin + 1_000 for at in times) for begin in times[::5]] == [5, 5, 2]


def test_three_read_at_once_and_the_newest_of_four_is_refused(sim: Simulator) -> None:
    put(sim, stream(1))
    client, selector = reader(sim), {"StartSelectorType": "EARLIEST"}
    held = [client.get_media(StreamName=NAME, StartSelector=selector) for _ in range(3)]
    with pytest.raises(ClientError, match="ConnectionLimitExceededException"):
        client.get_media(StreamName=NAME, StartSelector=selector)
    held[0]["Payload"].read()
    sim.advance(seconds=1)
    client.get_media(StreamName=NAME, StartSelector=selector)


def test_a_client_may_use_the_endpoint_it_was_given_and_no_other(sim: Simulator) -> None:
    reader(sim)
    for url in ("http://127.0.0.1:4567", "https://s-1.kinesisvideo.example.com", "x"):
        with pytest.raises(UsageError, match="endpoint_url"):
            sim.client("kinesis-video-media", endpoint_url=url)
    endpoint = sim.client("kinesisvideo").get_data_endpoint(StreamName=NAME, APIName="GET_MEDIA")
    with pytest.raises(UsageError, match="endpoint_url"):
        sim.client("s3", endpoint_url=endpoint["DataEndpoint"])
