"""``python -m kinesis_sim.course notebooks``: the course's commands on their own."""

import argparse
import sys

from kinesis_sim.course.commands import add_commands


def main() -> int:
    """Parse the command line and run one command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m kinesis_sim.course")
    add_commands(parser.add_subparsers(required=True, metavar="command"))
    arguments = parser.parse_args()
    return int(arguments.run(arguments))


if __name__ == "__main__":
    sys.exit(main())
