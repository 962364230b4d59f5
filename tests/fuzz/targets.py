"""All targets, by name."""

from __future__ import annotations

from tests.fuzz import files, media, rows, sqls, texts, wire, wishes, written
from tests.fuzz.target import Target

TARGETS: dict[str, Target] = {
    **wire.TARGETS,
    **texts.TARGETS,
    **rows.TARGETS,
    **sqls.TARGETS,
    **wishes.TARGETS,
    **written.TARGETS,
    **files.TARGETS,
    **media.TARGETS,
}
