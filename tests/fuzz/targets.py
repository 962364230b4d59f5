"""All targets, by name."""

from __future__ import annotations

from tests.fuzz import files, media, rows, texts, wire
from tests.fuzz.target import Target

TARGETS: dict[str, Target] = {
    **wire.TARGETS,
    **texts.TARGETS,
    **rows.TARGETS,
    **files.TARGETS,
    **media.TARGETS,
}
