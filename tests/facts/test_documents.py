"""The documents of facts: whole, named once, and with a page or a doubt for every row."""

from __future__ import annotations

import re
from datetime import date
from difflib import get_close_matches

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinesis_sim import facts
from kinesis_sim.errors import UsageError
from kinesis_sim.facts import Row

DOUBTS = {"choice", "conflict", "derived", "old", "unverified"}
ROWS = [row for name in facts.DOCUMENTS for row in facts.document(name).rows]


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("data-streams", 298),
        ("firehose", 225),
        ("analytics", 220),
        ("video", 165),
        ("around", 37),
        ("exams", 230),
    ],
)
def test_no_row_is_lost(name: str, least: int) -> None:
    """As many rows as the notes had that they were made from; rows are mended, not dropped."""
    assert len(list(facts.document(name).rows)) >= least


@pytest.mark.parametrize("name", facts.DOCUMENTS)
def test_a_row_has_a_name_of_its_own_in_its_section(name: str) -> None:
    document = facts.document(name)
    assert len(document.by_name) == len(list(document.rows))
    for section in document.sections.values():
        assert all(row.name.startswith(f"{name}/{section.number}/") for row in section.rows)
        assert section.title


def test_every_row_says_something() -> None:
    assert [row.name for row in ROWS if not row.claim.strip()] == []


def test_every_row_has_a_page_that_opens_or_says_what_is_wrong_with_it() -> None:
    def founded(row: Row) -> bool:
        return any(cite.page for cite in row.citations) or bool(facts.cited(row.source))

    assert [row.name for row in ROWS if not founded(row) and not row.doubt] == []


def test_every_address_is_a_public_one() -> None:
    pages = {cite.page for row in ROWS for cite in row.citations if cite.page}
    assert [
        page for page in pages if not re.fullmatch(r"https://[\w.-]+(/[^\s{}…*]*)?", page)
    ] == []


def test_a_row_names_what_it_points_to() -> None:
    wrong = [(row.name, mark.name) for row in ROWS for mark in facts.marks(row.source)
             if not mark.resolves]  # fmt: skip
    assert wrong == []


def test_what_a_row_says_names_no_source_by_its_key() -> None:
    """Learners read it; keys belong into ``source``, where they are told in full."""
    key = re.compile(r"\b(DG23|DG22|DG|BC|BK|KS|AW|GS|REF|WEB):\w|\((bc|lim|wlim|LAB|PX|XG)\)|FH§")
    assert [row.name for row in ROWS if key.search(row.words)] == []


def test_a_row_that_rests_on_old_sources_alone_says_so() -> None:
    """More than a year old when it was read: the page that counts today may say something else."""
    old = facts.old_rows(date(2026, 11, 29))
    assert len(old) > 100
    assert [row.name for row in old if "old" not in row.doubt] == []


def test_what_is_old_depends_on_the_day() -> None:
    row = facts.row_named("data-streams/3.1/0")
    assert row is not None
    assert row in facts.old_rows(date(2026, 11, 29))
    assert row not in facts.old_rows(date(2020, 12, 31))
    young = facts.row_named("data-streams/4.1/write")
    assert young not in facts.old_rows(date(2036, 1, 1))


def test_days_and_doubts_are_known_ones() -> None:
    assert {doubt for row in ROWS for doubt in row.doubt} <= DOUBTS
    assert {row.name for row in ROWS if not date(2026, 11, 1) <= row.checked} == set()


def test_pages_of_the_api_reference_are_of_operations_that_exist() -> None:
    """The address is made from a name's look; botocore says whether there is such an operation."""
    from botocore.session import get_session

    rooms = {
        **{name: name for name in ("kinesis", "firehose", "lambda", "fis")},
        "AmazonCloudWatch": "cloudwatch",
        "managed-flink": "kinesisanalyticsv2",
    }
    names = {
        room: set(get_session().get_service_model(service).operation_names)
        for room, service in rooms.items()
    }
    found = {
        match.groups()
        for row in ROWS
        for cite in row.citations
        if (
            match := re.search(
                r"aws\.amazon\.com/([\w-]+)/.*/API_(?!Operations\b)(\w+)\.html", cite.page
            )
        )
    }
    known = {(room, name) for room, name in found if room in rooms}
    assert len(known) >= 40
    assert {(room, name) for room, name in known if name not in names[room]} == set()


def test_a_citation_without_a_key_goes_on_with_the_one_before_it() -> None:
    row = facts.row_named("data-streams/1.3/delete-stream")
    assert row is not None
    assert [cite.page.rpartition("/")[2] for cite in row.citations] == [
        "API_DeleteStream.html", "API_DeleteQueue.html", "API_DeleteChannel.html",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("mark", "names"),
    [
        ("data-streams §2.4", "data-streams/2.4/shards-per-account"),
        ("facts/data-streams §10.58", "data-streams/10/58"),
        ("facts/firehose/1.5/active-partitions", None),
        ("data-streams §4", "data-streams/4.1/write"),
        ("data-streams §99", ""),
        ("nothing §1", ""),
    ],
)
def test_a_mark_leads_to_rows(mark: str, names: str | None) -> None:
    found = [row.name for row in facts.rows_of(mark)]
    first = mark.removeprefix("facts/") if names is None else names
    assert found[:1] == ([first] if first else [])


def test_marks_are_found_over_the_end_of_a_line() -> None:
    text = "(facts/data-streams §1.3,\n§4.1; facts\n/firehose §1.2 to §1.6); facts/exams/2.1/K02."
    assert [mark.name for mark in facts.marks(text)] == [
        "data-streams §1.3", "data-streams §4.1", "firehose §1.2", "firehose §1.6",
        "exams/2.1/K02",
    ]  # fmt: skip


def test_an_unknown_document_or_section_is_said_in_one_sentence() -> None:
    with pytest.raises(UsageError, match="no document 'kafka'; there are data-streams"):
        facts.document("kafka")
    with pytest.raises(UsageError, match=r"firehose has no section '77'; it has 1, 1\.1"):
        facts.document("firehose").section("77")


def test_a_search_finds_a_word_in_a_word_and_what_is_about_it_first() -> None:
    found = facts.search("iteratorage")
    assert found[0].name == "data-streams/7/get-records-iterator-age-milliseconds"
    assert facts.search("") == facts.search("no-such-word-anywhere") == ()


def test_near_names_are_nearest_first() -> None:
    known = ["streams.shard_write_bytes", "streams.shard_read_bytes", "firehose.calls"]
    assert facts.near("streams.shard_writ_bytes", known)[0] == "streams.shard_write_bytes"
    assert facts.near("calls", known) == ["firehose.calls"]


@given(st.text("abcdeé._/", max_size=12), st.lists(st.text("abcdeé._/", max_size=12), unique=True))
def test_names_come_near_as_difflib_finds_them(name: str, known: list[str]) -> None:
    """Who compares every pair finds the same ones, in the same order."""
    wanted = [one for one in known if one]
    close = get_close_matches(name, wanted, 5, cutoff=0.6)
    assert facts.near(name, wanted)[: len(close)] == close
