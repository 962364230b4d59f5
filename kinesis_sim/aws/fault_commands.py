"""``fault``: faults on purpose in a running server, from a terminal."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

DEFAULT_ENDPOINT = "http://127.0.0.1:4567"
_OPTIONS = ("part", "service", "share", "code", "ms", "until")


def add_fault(commands: Commands) -> None:
    """Add the command to a parser's."""
    text = "make things go wrong on purpose in a running server"
    fault = commands.add_parser("fault", help=text, description=f"{text.capitalize()}.")
    endpoint = argparse.ArgumentParser(add_help=False)
    endpoint.add_argument(
        "--endpoint-url", default=None, help="default: AWS_ENDPOINT_URL, or port 4567 here"
    )
    endpoint.add_argument("--account", help="whose plan (default: the server's)")
    endpoint.add_argument("--region", help="in which Region (default: the server's)")
    acts = fault.add_subparsers(required=True, metavar="list | kinds | add | jump | end")
    for name, run, text in (
        ("list", _list, "the faults that are planned or in force"),
        ("kinds", _kinds, "what can go wrong"),
    ):
        acts.add_parser(name, parents=[endpoint], help=text).set_defaults(run=run)
    _add_add(acts, endpoint)
    jump = acts.add_parser("jump", parents=[endpoint], help="have time leap forward")
    jump.add_argument("by", metavar="DURATION", help="e.g. 90s, 25h")
    jump.add_argument("--from", dest="at", metavar="INSTANT", help="default: now")
    jump.set_defaults(run=_jump)
    end = acts.add_parser("end", parents=[endpoint], help="let a fault be over")
    end.add_argument("id", help="its id, or all")
    end.set_defaults(run=_end)


def _add_add(acts: Commands, endpoint: argparse.ArgumentParser) -> None:
    add = acts.add_parser("add", parents=[endpoint], help="plan a fault")
    add.add_argument("kind", help="see `fault kinds`")
    add.add_argument("target", nargs="?", default="*", help="a name or ARN (default: all)")
    add.add_argument("--part", metavar="SHARD", help="one shard of the stream")
    add.add_argument("--service", help="whose calls, e.g. firehose (default: kinesis)")
    add.add_argument("--operation", action="append", default=[], help="which (may be repeated)")
    add.add_argument("--share", type=float, help="of what it could strike, 0 to 1 (default: 1)")
    add.add_argument("--code", help="which error, where there is a choice")
    add.add_argument("--ms", type=int, help="how long, where it is about time")
    add.add_argument("--from", dest="at", metavar="INSTANT", help="default: now")
    add.add_argument("--until", metavar="INSTANT", help="default: until it is ended")
    add.add_argument("--for", dest="lasts", metavar="DURATION", help="instead of --until")
    add.set_defaults(run=_add)


def _ask(arguments: argparse.Namespace, path: str, document: dict[str, Any] | None = None) -> Any:
    from kinesis_sim.aws.control import addressed, ask

    endpoint = arguments.endpoint_url or os.environ.get("AWS_ENDPOINT_URL") or DEFAULT_ENDPOINT
    named = addressed(path, account=arguments.account, region=arguments.region)
    return ask(endpoint, named, document)


def _list(arguments: argparse.Namespace) -> int:
    for row in _ask(arguments, "faults")["faults"]:
        _say(f"{_line(row)}, struck {row['struck']} times")
    return 0


def _kinds(arguments: argparse.Namespace) -> int:
    for row in _ask(arguments, "faults")["kinds"]:
        _say(f"{row['kind']} ({row['target']}): {row['says']}")
    return 0


def _add(arguments: argparse.Namespace) -> int:
    document = {"kind": arguments.kind, "target": arguments.target}
    for name in _OPTIONS:
        if getattr(arguments, name) is not None:
            document[name] = getattr(arguments, name)
    named = {"from": arguments.at, "for": arguments.lasts, "operations": arguments.operation}
    document |= {name: value for name, value in named.items() if value}
    _say(_line(_ask(arguments, "faults", document)))
    return 0


def _jump(arguments: argparse.Namespace) -> int:
    document = {"kind": "clock-jump", "by": arguments.by}
    if arguments.at:
        document["from"] = arguments.at
    _say(_line(_ask(arguments, "faults", document)))
    return 0


def _end(arguments: argparse.Namespace) -> int:
    _ask(arguments, "faults/end", {"id": "*" if arguments.id == "all" else arguments.id})
    return 0


def _line(row: dict[str, Any]) -> str:
    until = row["until"] or "it is ended"
    share = f"{row['share']:.0%} of" if row["share"] < 1 else "all of"
    return f"{row['id']}: {row['kind']}, {share} {row['target']}, from {row['from']} until {until}"


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
