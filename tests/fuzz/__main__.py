"""``python -m tests.fuzz [ROUNDS [SEED [TARGET …]]]``: each round is one input for each target.

A target that is slow gets one every few rounds. Ctrl+C, or SIGTERM, ends it with what it came to.
"""

from __future__ import annotations

import signal
import sys
import time

from tests.fuzz.run import run

if __name__ == "__main__":
    rounds, seed = (
        int(text) for text in (*sys.argv[1:3], *("20000", "0")[len(sys.argv) - 1 :])[:2]
    )
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    began = time.monotonic()
    outcome = run(seed, rounds, sys.argv[3:])
    seconds = time.monotonic() - began
    for (name, what), (data, trace) in outcome.found.items():
        sys.stdout.write(f"{name}: {what}: {data[:300]!r}\n{trace}\n")
    for name, count in outcome.inputs.items():
        sys.stdout.write(f"{name}: {count:,}, of which refused {outcome.refusals[name]:,}\n")
    slow, who, data = outcome.slowest
    sys.stdout.write(
        f"{sum(outcome.inputs.values()):,} inputs, seed {seed}, {seconds:.0f} s: "
        f"{len(outcome.found)} tracebacks; slowest {slow:.2f} s ({who}: {data[:80]!r}); "
        f"grown {outcome.grown_mb:.0f} MB\n"
    )
    sys.exit(bool(outcome.found))
