"""The committed pictures show what the simulator does today."""

from __future__ import annotations

from xml.etree import ElementTree

from kinesis_sim.show.images import a_day_of_rides, pictures
from tests.project.source import ROOT

IMAGES = ROOT / "images"
REMEDY = "run python -m kinesis_sim.show.images and look at the pictures"


def test_committed_pictures_are_those_drawn_now() -> None:
    now = dict(pictures())
    assert sorted(now) == sorted(path.name for path in IMAGES.glob("*.svg")), REMEDY
    stale = [name for name, content in now.items() if (IMAGES / name).read_bytes() != content]
    assert stale == [], REMEDY


def test_a_picture_is_named_for_who_cannot_see_it() -> None:
    title = "{http://purl.org/dc/elements/1.1/}title"
    for path in sorted(IMAGES.glob("*.svg")):
        found = ElementTree.fromstring(path.read_bytes()).find(f".//{title}")
        assert found is not None
        assert found.text, path.name


def test_the_first_picture_has_all_there_is_to_see() -> None:
    history = a_day_of_rides().show.history("pedala-rides")
    assert {lane.state(history.now) for lane in history.lanes} == {"open", "closed"}
    assert any(share.throttled for share in history.shares)
    horizon = history.horizon.at(history.now)
    assert history.shares[0].at < horizon < history.shares[-1].at
