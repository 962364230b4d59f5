"""The page of events says what the source says."""

from __future__ import annotations

from tests.project import events_page


def test_the_page_is_up_to_date() -> None:
    told = events_page.PAGE.read_text(encoding="utf-8")
    assert told == events_page.page(), "run: python -m tests.project.events_page"


def test_every_event_is_appended_or_read_somewhere() -> None:
    found = events_page.events()
    assert len(found) > 40
    assert [name for name, each in found.items() if not each.made | each.read] == []
