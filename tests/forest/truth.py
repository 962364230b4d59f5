"""What AWS's own forest scores: kept in ``truth.json``.

``make forest-truth`` (or ``python -m tests.forest.truth``) asks ``randomcutforest-core`` again, the
library of the service's team. Needs Java and Maven; takes some seconds.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from tests.forest.feed import FEEDS, ForestFeed

HERE = Path(__file__).parent
TRUTH = HERE / "truth.json"
ARTIFACT = "software.amazon.randomcutforest:randomcutforest-core:4.4.0"
SEEDS = (1, 2, 3)
WARM = 256
"""Rows before the first that counts: a sample's worth."""


def told(feed: ForestFeed, scores: list[float]) -> dict[str, float]:
    """What scores come to: medians of what is normal and what is odd, and the precision."""
    normal = [one for at, one in enumerate(scores) if at > WARM and at not in feed.odd]
    odd = [scores[at] for at in sorted(feed.odd)]
    first = sorted(range(WARM, len(scores)), key=scores.__getitem__)[-len(odd) :]
    return {
        "normal": median(normal),
        "odd": median(odd),
        "precision": len(feed.odd.intersection(first)) / len(odd),
    }


def kept() -> dict[str, Any]:
    """What is kept, by feed: of each seed the medians and the precision."""
    found: dict[str, Any] = json.loads(TRUTH.read_text(encoding="utf-8"))
    return found


def asked(folder: Path, feed: ForestFeed, seed: int) -> list[float]:
    """Scores of AWS's forest."""
    settings = [len(feed.rows[0]), feed.shingle, feed.decay, seed]
    lines = "".join(",".join(map(str, row)) + "\n" for row in feed.rows)
    path = f"{folder / 'lib'}/*:{folder}"
    ran = subprocess.run(
        ["java", "-cp", path, "Scores", *map(str, settings)],
        input=lines,
        capture_output=True,
        text=True,
        check=True,
    )
    return [float(line) for line in ran.stdout.splitlines()]


def main() -> None:
    """Ask, and keep."""
    with TemporaryDirectory(prefix="kinesis-lab-forest-") as name:
        folder = Path(name)
        lib = f"-DoutputDirectory={folder / 'lib'}"
        copy = ["mvn", "-q", "-B", "dependency:copy", f"-Dartifact={ARTIFACT}", lib]
        subprocess.run(copy, check=True, cwd=folder)
        build = ["javac", "-cp", f"{folder / 'lib'}/*", "-d", name, str(HERE / "Scores.java")]
        subprocess.run(build, check=True)
        answers = {
            key: [told(feed(), asked(folder, feed(), seed)) for seed in SEEDS]
            for key, feed in FEEDS.items()
        }
    TRUTH.write_text(json.dumps({"artifact": ARTIFACT, "answers": answers}, indent=1) + "\n")
    for key, found in answers.items():
        sys.stderr.write(f"{key}: {found}\n")


if __name__ == "__main__":
    main()
