"""The rules of tags; rows of (tags, what AWS said of them, source K: kinesalite's tests against
AWS)."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_sim.account import tags
from kinesis_sim.errors import ServiceError

INVALID = (
    "Some tags contain invalid characters. Valid characters: "
    "Unicode letters, digits, white space, _ . / = + - % @."
)
FAILED = "Failed to add tags to stream s under account 123456789012 because"

REFUSED = [
    ({"abc;def": "1"}, INVALID, "K"),
    ({"abc\tdef": "1"}, INVALID, "K"),
    ({"abc\ndef": "1"}, INVALID, "K"),
    ({"abc,def": "1"}, INVALID, "K"),
    ({"a": "abc;def"}, INVALID, "K"),
    (
        {f"k{n}": "" for n in range(50)},
        f"{FAILED} a given stream cannot have more than 50 tags associated with it.",
        "K, where the limit was still 10",
    ),
    (
        {"AWS:cloud": "1"},
        "Some tag keys in the request started with 'aws:'. System tags cannot be modified.",
        "radkawar/stackd, controls, 2026-09-19",
    ),
]


@pytest.mark.parametrize(("new", "text", "source"), REFUSED)
def test_refused_tags(new: dict[str, str], text: str, source: str) -> None:
    with pytest.raises(ServiceError) as caught:
        tags.checked(new, {"present": "1"}, "stream s", "123456789012", 50)
    assert (caught.value.code, caught.value.message) == ("InvalidArgumentException", text)


def test_accepted_tags_are_a_copy() -> None:
    new = {"a": "", "ü0 _.": "/=+-@%", "equipe:nome": "Ação\u00a0e\u0301"}
    accepted = tags.checked(new, {}, "stream s", "123456789012", 50)
    assert accepted == new
    assert accepted is not new


def test_overwriting_does_not_count_twice() -> None:
    present = {f"k{n}": "" for n in range(50)}
    assert tags.checked({"k7": "x"}, present, "stream s", "123456789012", 50) == {"k7": "x"}


def test_keys_that_no_tag_can_have_cannot_be_removed(kinesis: Any) -> None:
    kinesis.create_stream(StreamName="s", ShardCount=1)
    arn = kinesis.describe_stream_summary(StreamName="s")["StreamDescriptionSummary"]["StreamARN"]
    with pytest.raises(kinesis.exceptions.InvalidArgumentException, match=INVALID[:40]):
        kinesis.remove_tags_from_stream(StreamName="s", TagKeys=["abc;def"])
    with pytest.raises(kinesis.exceptions.InvalidArgumentException, match=INVALID[:40]):
        kinesis.untag_resource(ResourceARN=arn, TagKeys=["abc;def"])
    kinesis.remove_tags_from_stream(StreamName="s", TagKeys=["never-set"])
