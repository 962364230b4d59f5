"""What was measured last, in ``measured.json``: the figures that the READMEs print.

A section writes its figures only when asked to (``python -m benchmarks --keep restart``); then
``python -m tests.project.readme_measured`` puts them into both READMEs.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("measured.json")
_asked = False


def keep_from_now_on() -> None:
    """Have what sections measure from here on written down."""
    global _asked
    _asked = True


def keep(section: str, figures: Mapping[str, float]) -> None:
    """Write down a section's figures by name, with the day and the machine's load, if asked to."""
    if not _asked:
        return
    known = measured() if FILE.exists() else {}
    known[section] = {
        "day": datetime.now(UTC).date().isoformat(),
        "load": round(os.getloadavg()[0], 1),
        "figures": {name: float(f"{value:.3g}") for name, value in figures.items()},
    }
    FILE.write_text(json.dumps(known, indent=1, ensure_ascii=False) + "\n", "utf-8")


def measured() -> dict[str, Any]:
    """By section: its day, the load (average of a minute) and its figures by name."""
    told: dict[str, Any] = json.loads(FILE.read_text("utf-8"))
    return told
