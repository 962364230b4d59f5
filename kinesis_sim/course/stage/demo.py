"""``python -m kinesis_sim demo``: the control room in the browser, nothing else needed."""

from __future__ import annotations

import argparse
import sys
import threading
import webbrowser
from typing import TYPE_CHECKING

from kinesis_sim.course.spoken_parser import SpokenParser, add_spoken, speaking
from kinesis_sim.errors import MissingPackage, UsageError
from kinesis_sim.words import Texts

if TYPE_CHECKING:
    from kinesis_sim.course.spoken_parser import Commands

PORT = 4580  # the exam's is the next one


def add_demo(commands: Commands) -> None:
    """Register ``demo``, which speaks the language of its edition."""
    add_spoken(commands, "demo", _with_demo)


def _with_demo(demo: SpokenParser) -> None:
    say = demo.words.say
    demo.add_argument("--port", type=int, default=PORT, help=say("help.port"))
    demo.add_argument("--no-browser", action="store_true", help=say("help.no-browser"))
    demo.set_defaults(run=speaking(_demo))


def _demo(arguments: argparse.Namespace) -> int:
    try:
        from kinesis_sim.aws.serving import listen
        from kinesis_sim.course.stage.page import HOST, run_page
        from kinesis_sim.course.stage.plan import plan
        from kinesis_sim.course.stage.widget_page import HERE, WidgetPage
        from kinesis_sim.workloads.scenes.scene import PedalaScene

        lang = arguments.edition
        room = PedalaScene().show(lang=lang)
    except ModuleNotFoundError as error:
        raise MissingPackage(
            f'The demo needs {error.name}: pip install "kinesis-lab[lab]"'
        ) from error
    words = Texts(HERE / "text.toml", arguments.edition)
    try:
        listeners = listen(HOST, arguments.port)
    except UsageError as error:
        said = words.say("taken", port=arguments.port, error=error.__cause__ or error)
        raise UsageError(said) from error
    url = f"{listeners.endpoint_url}/"
    sys.stdout.write(words.say("open", url=url) + "\n")
    sys.stdout.flush()
    page = WidgetPage(
        room,
        lang,
        another=lambda: PedalaScene().show(lang=lang, ask=False),
        plan=lambda: plan(lambda: PedalaScene().show(lang=lang), lang),
    )
    run_page(page, listeners, None if arguments.no_browser else lambda: _opened(url))
    return 0


def _opened(url: str) -> None:
    """Open the browser beside the server, which answers it."""
    threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()
