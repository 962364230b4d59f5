"""``python -m tests.fuzz [ROUNDS [SEED [TARGET …]]]``: ROUNDS inputs for each target.

Each target has a process of its own, ``--workers`` at a time. What they came to is in ``--folder``,
and a run that was ended (Ctrl+C, SIGTERM) goes on from there when it is started again.
"""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path

from tests.fuzz.marathon import marathon
from tests.fuzz.targets import TARGETS


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("rounds", type=int, nargs="?", default=20_000)
    parser.add_argument("seed", type=int, nargs="?", default=0)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(TARGETS))
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--folder", type=Path, default=Path("build/fuzz"))
    given = parser.parse_args()
    unknown = [name for name in given.targets if name not in TARGETS]
    if unknown:
        parser.error(f"no target is called {unknown[0]!r}; there are {', '.join(TARGETS)}")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        clean = marathon(
            given.seed, given.rounds, given.targets, given.workers, given.folder.resolve()
        )
    except KeyboardInterrupt:
        sys.stdout.write("Ended; the same command goes on from here.\n")
        return 130
    return int(not clean)


if __name__ == "__main__":
    sys.exit(main())
