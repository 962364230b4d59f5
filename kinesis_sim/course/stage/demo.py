"""``python -m kinesis_sim demo``: the control room in the browser, nothing else needed."""

from __future__ import annotations

import argparse
import sys
import webbrowser

from kinesis_sim.errors import MissingPackage, UsageError
from kinesis_sim.words import LANGUAGES, Texts

PORT = 4580


def add_demo(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register ``demo``."""
    text = "open the control room in the browser: break a stream, and cure it"
    demo = commands.add_parser("demo", help=text, description=f"{text.capitalize()}.")
    demo.add_argument("--edition", choices=LANGUAGES, default="en", help="default: en")
    demo.add_argument("--port", type=int, default=PORT, help="0: any (default: %(default)s)")
    demo.add_argument("--no-browser", action="store_true", help="print the address, open nothing")
    demo.set_defaults(run=_demo)


def _demo(arguments: argparse.Namespace) -> int:
    try:
        from kinesis_sim.course.stage.server import HERE, OnePage
        from kinesis_sim.workloads.scenes.scene import PedalaScene

        room = PedalaScene().show(lang=arguments.edition)
    except ModuleNotFoundError as error:
        raise MissingPackage(
            f'The demo needs {error.name}: pip install "kinesis-lab[lab]"'
        ) from error
    words = Texts(HERE / "text.toml", arguments.edition)
    try:
        stage = OnePage(room, arguments.edition, arguments.port)
    except (OSError, OverflowError) as error:
        said = words.say("taken", port=arguments.port, error=error)
        raise UsageError(said) from error
    sys.stdout.write(words.say("open", url=stage.url) + "\n")
    sys.stdout.flush()
    if not arguments.no_browser:
        webbrowser.open(stage.url)
    try:
        stage.serve_forever()
    except KeyboardInterrupt:
        return 0
    finally:
        stage.server_close()
    return 0
