"""``python -m tests.fuzz [ROUNDS [SEED]]``: each round is one input for each reader."""

from __future__ import annotations

import sys
import time

from tests.fuzz.run import run

if __name__ == "__main__":
    rounds, seed = (int(text) for text in (*sys.argv[1:], "20000", "0")[:2])
    began = time.monotonic()
    outcome = run(seed, rounds)
    seconds = time.monotonic() - began
    for (name, what), (data, trace) in outcome.found.items():
        sys.stdout.write(f"{name}: {what}: {data[:200]!r}\n{trace}\n")
    sys.stdout.write(
        f"{sum(outcome.inputs.values()):,} inputs, seed {seed}, {seconds:.0f} s: "
        f"{len(outcome.found)} tracebacks; slowest {outcome.slowest[0]:.2f} s "
        f"({outcome.slowest[1]}); grown {outcome.grown_mb:.0f} MB\n"
    )
    sys.exit(bool(outcome.found))
