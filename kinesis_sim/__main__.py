"""The command line: ``python -m kinesis_sim serve | clock | bill | why | lab | exam`` and more.

A mistake gets one sentence on stderr and exit code 2. Nothing heavy is imported before its use.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kinesis_sim.arguments import whole
from kinesis_sim.aws.fault_commands import add_fault
from kinesis_sim.clock import Clock
from kinesis_sim.course.commands import add_commands
from kinesis_sim.course.spoken_parser import (
    SpokenParser,
    add_spoken,
    speaking,
    spoken_commands,
)
from kinesis_sim.errors import KinesisSimError, NotKept, UsageError
from kinesis_sim.exam.commands import add_exam
from kinesis_sim.flink.commands import add_flink
from kinesis_sim.words import LANGUAGES

if TYPE_CHECKING:
    from kinesis_sim.aws.serving import Listeners
    from kinesis_sim.simulator import Simulator

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

PORT, TLS_PORT = 4567, 4568
HOST = "127.0.0.1"
MOST_ACCOUNTS = 1000


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code."""
    parsed = _parser().parse_args(arguments)
    try:
        code: int = parsed.run(parsed)
    except KinesisSimError as error:
        print(error, file=sys.stderr)
        return 2
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m kinesis_sim", description="Kinesis Lab: Amazon Kinesis, simulated."
    )
    commands = parser.add_subparsers(required=True, metavar="command")
    _add_serve(commands)
    _add_clock(commands)
    _add_bill(commands)
    add_fault(commands)
    _add_terminal(commands)
    _add_why(commands)
    _add_ledger(commands)
    add_flink(commands)
    add_commands(commands)
    add_exam(commands)
    return parser


# --- serve ----------------------------------------------------------------------------------------


def _add_serve(commands: Commands) -> None:
    text = "answer AWS clients over HTTP"
    serve = commands.add_parser("serve", help=text, description=f"{text.capitalize()}.")
    where = serve.add_argument_group("where")
    where.add_argument("--host", default=HOST, help="address to listen on (default: %(default)s)")
    where.add_argument(
        "--port", type=int, default=PORT, help="0 takes a free one (default: %(default)s)"
    )
    where.add_argument(
        "--tls-port", type=int, help=f"default: {TLS_PORT}, or one above a --port of your own"
    )
    where.add_argument(
        "--host-name",
        action="append",
        default=[],
        metavar="NAME",
        help="a name that clients may call this server besides localhost, e.g. its name in a "
        "Docker network; names below it are S3's virtual hosts (may be repeated)",
    )
    where.add_argument("--no-tls", action="store_true", help="no TLS endpoint")
    where.add_argument("--cert-dir", type=Path, help="where the TLS certificate is kept")
    where.add_argument(
        "--verify-signatures",
        action="store_true",
        help="take only calls to Kinesis and its kind that are signed with an access key of the "
        "account's IAM or STS, which take every caller (default: every caller is taken)",
    )
    _add_simulation(serve.add_argument_group("what"))
    serve.set_defaults(run=_serve)


def _add_simulation(what: argparse._ArgumentGroup) -> None:
    what.add_argument(
        "--region",
        default="us-east-1",
        help="whom unsigned calls reach; signed ones reach the Region that they are signed for "
        "(default: %(default)s)",
    )
    what.add_argument(
        "--account",
        default="123456789012",
        help="whose calls they are that are unsigned, or signed with a key that is no account's "
        "number (default: %(default)s)",
    )
    what.add_argument(
        "--accounts",
        type=int,
        metavar="N",
        help="how many other accounts there may be at most: an access key of twelve digits is the "
        "number of one; 0: one account, whatever the key (default: 16)",
    )
    what.add_argument("--seed", type=int, default=0, help="default: %(default)s")
    what.add_argument(
        "--clock",
        default="wall",
        help="wall; manual: stands still until moved; or a rate, e.g. 60: a minute every second",
    )
    delays = what.add_mutually_exclusive_group()
    delays.add_argument(
        "--instant",
        dest="delays",
        action="store_const",
        const="instant",
        default="quick",
        help="streams change state at once (default: within 500 ms)",
    )
    delays.add_argument(
        "--realistic",
        dest="delays",
        action="store_const",
        const="realistic",
        help="streams change state as slowly as on AWS",
    )
    what.add_argument(
        "--limits",
        choices=("on", "off"),
        default="on",
        help="off: no call and no record is throttled (default: %(default)s)",
    )
    what.add_argument(
        "--outbound",
        action="store_true",
        help="let services send to hosts other than this machine: Firehose's deliveries, SNS over "
        "http, API destinations, containers for Lambda (default: they do not)",
    )
    what.add_argument("--capture", type=Path, help="write every stored record to an NDJSON file")
    what.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        help="keep everything in a folder: no answer leaves before its call is safe on the disk, "
        "and the next start with the folder goes on from there (default: nothing is kept)",
    )
    what.add_argument(
        "--no-fsync",
        action="store_true",
        help="with --data: do not wait for the disk; what was acknowledged survives the end of the "
        "process, not that of the machine",
    )


def _serve(arguments: argparse.Namespace) -> int:
    from kinesis_sim.aws.server import run
    from kinesis_sim.aws.serving import listen

    sim = _simulator(arguments)
    listeners = listen(
        arguments.host,
        arguments.port,
        _tls_port(arguments),
        arguments.cert_dir,
        arguments.host_name,
        verifies=arguments.verify_signatures,
    )
    kept = _kept(sim, arguments)
    if arguments.capture is not None:
        sim.capture(arguments.capture)
    print(_greeting(sim, listeners, kept), flush=True)
    run(sim, listeners)
    try:
        if sim.folder is not None:
            sim.folder.close()
    except NotKept as trouble:
        print(f"{trouble.message} Nothing that was acknowledged is lost.", file=sys.stderr)
        return 1
    return 0


def _kept(sim: Simulator, arguments: argparse.Namespace) -> str:
    """Keep all in the data folder that is asked for; what the greeting says of it."""
    if arguments.data is None:
        return "Nothing is kept; --data DIR would."
    from kinesis_sim.aws.restoring import keep

    settings = {
        name: getattr(arguments, name) for name in ("region", "account", "seed", "delays", "limits")
    }
    settings["clock"] = arguments.clock
    fsync = not arguments.no_fsync
    return str(keep(sim, arguments.data, settings, fsync=fsync, tell=_aside))


def _aside(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _simulator(arguments: argparse.Namespace) -> Simulator:
    from kinesis_sim.simulator import Simulator

    sim = Simulator(
        clock=_clock(arguments.clock),
        region=arguments.region,
        account=arguments.account,
        seed=arguments.seed,
        latency=None,
        delays=arguments.delays,
        limits=arguments.limits,
        outbound=arguments.outbound,
        remember=0,
    )
    if arguments.accounts is not None:
        sim.accounts.most = whole("--accounts", arguments.accounts, least=0, most=MOST_ACCOUNTS)
    return sim


def _clock(text: str) -> Clock:
    if text == "wall":
        return Clock.wall()
    if text == "manual":
        return Clock()
    try:
        rate = float(text)
    except ValueError:
        raise UsageError(f"--clock {text}: give wall, manual or a rate such as 60.") from None
    if not 0 < rate <= 1_000_000:
        raise UsageError(f"--clock {text}: a rate is more than 0 and at most 1000000.")
    return Clock(Clock.wall().now, rate=rate)


def _tls_port(arguments: argparse.Namespace) -> int | None:
    if arguments.no_tls:
        return None
    if arguments.tls_port is not None:
        return int(arguments.tls_port)
    return int(arguments.port) + 1 if arguments.port else 0


def _greeting(sim: Simulator, listeners: Listeners, kept: str) -> str:
    lines = [
        f"Kinesis Lab answers at {listeners.endpoint_url}   (account {sim.account}, {sim.region})",
        f"  AWS_ENDPOINT_URL={listeners.endpoint_url} aws kinesis list-streams",
    ]
    if listeners.certificate is not None:
        path = listeners.certificate.path
        lines += [
            f"  TLS at {listeners.tls_endpoint_url}; trust its certificate with",
            f"  AWS_CA_BUNDLE={path}   (Node.js: NODE_EXTRA_CA_CERTS)",
        ]
    return "\n".join([*lines, f"{kept} Stop with Ctrl+C."])


# --- clock ----------------------------------------------------------------------------------------


def _add_clock(commands: Commands) -> None:
    text = "read or move the clock of a running server"
    clock = commands.add_parser("clock", help=text, description=f"{text.capitalize()}.")
    endpoint = argparse.ArgumentParser(add_help=False)
    endpoint.add_argument(
        "--endpoint-url", default=None, help="default: AWS_ENDPOINT_URL, or port 4567 here"
    )
    moves = clock.add_subparsers(required=True, metavar="now | advance | run-until")
    moves.add_parser("now", parents=[endpoint], help="print the time").set_defaults(run=_now)
    advance = moves.add_parser("advance", parents=[endpoint], help="move forward by a duration")
    advance.add_argument("by", metavar="DURATION", help="e.g. 500ms, 90s, 5m, 25h, 7d")
    advance.set_defaults(run=_advance)
    until = moves.add_parser("run-until", parents=[endpoint], help="move forward to an instant")
    until.add_argument("at", metavar="INSTANT", help="e.g. 2026-01-02T00:00:00Z")
    until.set_defaults(run=_run_until)


def _now(arguments: argparse.Namespace) -> int:
    return _ask_clock(arguments, "clock", None)


def _advance(arguments: argparse.Namespace) -> int:
    return _ask_clock(arguments, "clock/advance", {"by": arguments.by})


def _run_until(arguments: argparse.Namespace) -> int:
    return _ask_clock(arguments, "clock/run-until", {"at": arguments.at})


def _ask_clock(arguments: argparse.Namespace, path: str, document: dict[str, str] | None) -> int:
    from kinesis_sim.aws.control import ask, ask_and_look

    endpoint = _endpoint(arguments)
    if document is None:
        answer = ask(endpoint, path)
    else:
        answer = ask_and_look(endpoint, path, document, lambda line: print(line, file=sys.stderr))
    print(answer["now"])
    return 0


def _endpoint(arguments: argparse.Namespace) -> str:
    named: str | None = arguments.endpoint_url or os.environ.get("AWS_ENDPOINT_URL")
    return named or f"http://{HOST}:{PORT}"


def _add_bill(commands: Commands) -> None:
    text = "print what the streams of a running server have cost so far"
    bill = commands.add_parser("bill", help=text, description=f"{text.capitalize()}.")
    bill.add_argument(
        "--endpoint-url", default=None, help="default: AWS_ENDPOINT_URL, or port 4567 here"
    )
    bill.add_argument("--account", help="whose (default: the server's own)")
    bill.add_argument("--json", action="store_true", help="rows and sources as JSON")
    bill.add_argument("--edition", choices=LANGUAGES, default="en", help="default: en")
    bill.set_defaults(run=_bill)


def _bill(arguments: argparse.Namespace) -> int:
    from kinesis_sim.aws.control import addressed, ask

    named = {"account": arguments.account, "language": arguments.edition}
    answer = ask(_endpoint(arguments), addressed("bill", **named))
    if arguments.json:
        print(json.dumps({"total": answer["total"], "rows": answer["rows"]}, indent=2))
    else:
        print(answer["text"])
    return 0


# --- ledger ----------------------------------------------------------------------------------


# --- tail and put ---------------------------------------------------------------------------------


def _add_terminal(commands: Commands) -> None:
    import os

    endpoint = os.environ.get("AWS_ENDPOINT_URL", f"http://{HOST}:{PORT}")
    text = "print a stream's records as lines of JSON"
    tail = commands.add_parser("tail", help=text, description=f"{text.capitalize()}.")
    tail.add_argument("--latest", action="store_true", help="only what arrives from now on")
    tail.add_argument("--follow", "-f", action="store_true", help="go on until interrupted")
    tail.set_defaults(run=_tail)
    text = "put each line of standard input as a record"
    put = commands.add_parser("put", help=text, description=f"{text.capitalize()}.")
    put.add_argument("--key", help="the partition key (default: each line's own text)")
    put.set_defaults(run=_put)
    for command in (tail, put):
        command.add_argument("stream", help="the stream's name")
        command.add_argument("--endpoint-url", default=endpoint, help="default: %(default)s")


def _tail(arguments: argparse.Namespace) -> int:
    from kinesis_sim.aws.terminal import run_tail

    return run_tail(arguments)


def _put(arguments: argparse.Namespace) -> int:
    from kinesis_sim.aws.terminal import run_put

    return run_put(arguments)


def _add_why(commands: Commands) -> None:
    def fill(asked: SpokenParser) -> None:
        say = asked.words.say
        asked.add_argument("name", nargs="*", help=say("why.name"))
        asked.add_argument("--old", action="store_true", help=say("why.old"))
        asked.add_argument("--region", default="us-east-1", help=say("why.region"))
        asked.set_defaults(run=speaking(_why))

    add_spoken(commands, "why", fill)


def _why(arguments: argparse.Namespace) -> int:
    from kinesis_sim.account.prices import price_list
    from kinesis_sim.account.quotas import Limits
    from kinesis_sim.account.why import why

    if arguments.old:
        return _old_rows()
    if not arguments.name:
        raise UsageError(spoken_commands().say("why.what"))
    region = arguments.region
    print(why(" ".join(arguments.name), Limits(region=region), price_list(region)))
    return 0


def _old_rows() -> int:
    from kinesis_sim import facts
    from kinesis_sim.instants import to_datetime

    for row in facts.old_rows(to_datetime(Clock.wall().now).date()):
        print(f"{row.name}: {row.claim} [{row.source}]")
    return 0


def _add_ledger(commands: Commands) -> None:
    text = "count what of botocore's models is simulated"
    ledger = commands.add_parser("ledger", help=text, description=f"{text.capitalize()}.")
    ledger.add_argument("--json", action="store_true", help="the counts alone, by service")
    ledger.set_defaults(run=_ledger)


def _ledger(arguments: argparse.Namespace) -> int:
    from kinesis_sim.fidelity import ledger, recordings
    from kinesis_sim.simulator import Simulator

    def make() -> Simulator:
        return Simulator(latency=None)

    if arguments.json:
        print(ledger.as_json(make))
    else:
        print(ledger.as_text(make), recordings.as_text(make), sep="\n\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
