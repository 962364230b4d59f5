"""The recordings in print: how many are answered alike, and the reason of each that is not."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass

from kinesis_sim.fidelity.recordings.book import Publication, Recording, scenes
from kinesis_sim.fidelity.recordings.replay import Make, Replayed, replay


@dataclass(frozen=True, slots=True)
class RecordingTally:
    """Of one file's recordings: how many are equal, differ with a reason, are not simulated."""

    source: Publication
    equal: int
    differs: int
    not_simulated: int

    @property
    def replayed(self) -> int:
        """How many requests were made."""
        return self.equal + self.differs


def outcomes(make: Make) -> list[Replayed]:
    """Every recording, replayed in process (some seconds)."""
    return [outcome for scene in scenes() for outcome in replay(scene, make())]


def tallies() -> list[RecordingTally]:
    """The counts by file as the rows' marks have them; tests hold the marks to what happens."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    sources = {}
    for scene in scenes():
        sources[scene.source.name] = scene.source
        counts[scene.source.name].update(mark(row) for row in scene.rows if not row.setup)
    return [
        RecordingTally(source, found["equal"], found["differs"], found["not simulated"])
        for source, found in zip(sources.values(), counts.values(), strict=True)
    ]


def totals() -> list[int]:
    """``[replayed, equal, differs, not simulated]`` of all files."""
    rows = tallies()
    equal, differs = sum(row.equal for row in rows), sum(row.differs for row in rows)
    return [equal + differs, equal, differs, sum(row.not_simulated for row in rows)]


def mark(row: Recording) -> str:
    """What a row says of itself: ``equal``, ``differs`` or ``not simulated``."""
    if row.not_simulated is not None:
        return "not simulated"
    return "equal" if row.differs is None else "differs"


def as_text(make: Make) -> str:
    """The table by file, and below it what differs and what is not simulated, with the reasons.

    Replays everything; what does not do as its mark says is told apart.
    """
    found = outcomes(make)
    replayed, equal, differs, left = totals()
    width = max(len(row.source.name) for row in tallies())
    lines = [
        f"recorded answers: {replayed} replayed, {equal} equal to the word, {differs} other with a "
        f"reason; {left} not simulated"
    ]
    for row in tallies():
        source = row.source
        lines.append(
            f"  {source.name:<{width}}  equal {row.equal:4}  differs {row.differs:3}  "
            f"not simulated {row.not_simulated:3}  "
            f"{source.repository} {source.file}, {source.recorded}"
        )
    reasons: dict[tuple[str, str], list[str]] = defaultdict(list)
    for outcome in found:
        row_ = outcome.row
        if outcome.verdict != "equal" or mark(row_) != "equal":
            reason = row_.not_simulated or row_.differs or "; ".join(outcome.differences)
            told = outcome.verdict if outcome.verdict == mark(row_) else "UNEXPECTED"
            reasons[told, reason].append(f"{outcome.scene.name} #{row_.number} {row_.operation}")
    for (verdict, reason), names in sorted(reasons.items()):
        lines.append(f"  {verdict}: {reason}\n    {', '.join(names)}")
    return "\n".join(lines)
