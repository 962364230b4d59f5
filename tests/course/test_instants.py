"""What a notebook shows of an instant."""

from datetime import UTC, datetime

from IPython.core.formatters import PlainTextFormatter

from kinesis_sim.course.instants import read_as_printed, show_instants

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_an_instant_that_ends_a_cell_reads_as_printed() -> None:
    formatter = PlainTextFormatter()
    assert formatter(NOON).startswith("datetime.datetime(")
    read_as_printed(formatter)
    assert formatter(NOON) == "2026-01-01 12:00:00+00:00"
    assert formatter([NOON]) == f"[{NOON!r}]"


def test_outside_of_a_notebook_nothing_is_changed() -> None:
    show_instants()
    assert repr(NOON).startswith("datetime.datetime(")
