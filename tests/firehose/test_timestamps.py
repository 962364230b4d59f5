"""Times in records: the guide's notations, Hive's default, and Joda's patterns."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_sim.firehose.conversion import timestamps
from kinesis_sim.instants import to_ms


def refuses(read: timestamps.Reader, value: Any) -> bool:
    try:
        read(value)
    except ValueError:
        return True
    return False


def ns(text: str, more: int = 0) -> int:
    return to_ms(text) * 10**6 + more


@pytest.mark.parametrize(
    ("value", "expected"),
    [  # DG:record-format-conversion
        ("2017-02-07T15:13:01.39256Z", ns("2017-02-07T15:13:01.392Z", 560_000)),
        ("2017-02-07 15:13:01.14", ns("2017-02-07T15:13:01.140Z")),
        ("2017-2-7 15:13:01", ns("2017-02-07T15:13:01Z")),
        ("2017-02-07T15:13:01.123456789Z", ns("2017-02-07T15:13:01.123Z", 456_789)),
        (1518033528, ns("2018-02-07T19:58:48Z")),
        (1518033528123, ns("2018-02-07T19:58:48.123Z")),
        (1518033528.123, ns("2018-02-07T19:58:48.123Z")),
        ("1518033528", ns("2018-02-07T19:58:48Z")),
        (0, 0),
        (-1, -(10**9)),
    ],
)
def test_openx(value: Any, expected: int) -> None:
    assert timestamps.openx(value) == expected


@pytest.mark.parametrize(
    "value",
    [
        *(
            "",
            "yesterday",
            "2017-02-07",
            "2017-02-07T15:13:01",
            "2017-13-07 15:13:01",
            True,
            [],
            None,
        ),
        *("2017-02-30 00:00:00", "2017-02-07 15:13:61", "2017-02-07 15:13:01.1234567890"),
        *("1500-01-01 00:00:00", 10**13 * 10**6, "0000-01-01 00:00:00"),
    ],
)
def test_openx_refuses(value: Any) -> None:
    assert refuses(timestamps.openx, value)


@pytest.mark.parametrize(
    ("formats", "value", "expected"),
    [
        ((), "2017-02-07 15:13:01.14", ns("2017-02-07T15:13:01.140Z")),
        (("millis",), 1518033528123, ns("2018-02-07T19:58:48.123Z")),
        (("millis",), "1518033528123", ns("2018-02-07T19:58:48.123Z")),
        (("yyyy-MM-dd'T'HH:mm:ss",), "2017-02-07T15:13:01", ns("2017-02-07T15:13:01Z")),
        (("dd/MMM/yyyy:HH:mm:ss Z",), "07/Feb/2017:15:13:01 -0300", ns("2017-02-07T18:13:01Z")),
        (("EEE MMMM d yy, h:mm a",), "Tue February 7 17, 3:13 PM", ns("2017-02-07T15:13:00Z")),
        (("yyyy-DDD HH:mm:ss.SSS",), "2017-038 00:00:00.250", ns("2017-02-07T00:00:00.250Z")),
        (("yyyy", "millis"), 1518033528123, ns("2018-02-07T19:58:48.123Z")),
        (("yyyyMMdd''HH",), "20170207'15", ns("2017-02-07T15:00:00Z")),
        (("yyyy-MM-dd'T'HH:mm:ssZ",), "2017-02-07T15:13:01+05:30", ns("2017-02-07T09:43:01Z")),
    ],
)
def test_hive(formats: tuple[str, ...], value: Any, expected: int) -> None:
    assert timestamps.hive(formats)(value) == expected


@pytest.mark.parametrize(
    ("formats", "value"),
    [
        ((), "2017-02-07T15:13:01Z"),
        ((), 1518033528),
        (("yyyy-MM-dd",), "2017-02-30"),
        (("millis",), "x"),
        (("millis",), True),
    ],
)
def test_hive_refuses(formats: tuple[str, ...], value: Any) -> None:
    assert refuses(timestamps.hive(formats), value)


def test_a_letter_that_is_not_read_is_named() -> None:
    with pytest.raises(ValueError, match="the letter 'G' of the pattern 'yyyy G'"):
        timestamps.hive(("yyyy G",))
