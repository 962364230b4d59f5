"""What all widgets share: a stable text, a picture without a kernel, one style sheet."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from kinesis_sim.errors import KinesisSimError
from kinesis_sim.show.kit import theme
from kinesis_sim.show.kit.words import Words

if TYPE_CHECKING:
    from kinesis_sim.show.kit.sheet import Sheet
    from kinesis_sim.simulator import Simulator

KIT = tuple(Path(__file__).with_name(name) for name in ("dom.js", "controls.js", "alive.js"))
EXPORT = "export default { render };"
BASE = Path(__file__).with_name("base.css")


def script(*own: Path) -> str:
    """A widget's script: the kit's, then its own; what arrives as a blob can import nothing.

    Its render says so when the kernel does not answer (``alive.js``).
    """
    text = "".join(part.read_text("utf-8") for part in (*KIT, *own))
    if EXPORT not in text:
        raise ValueError(f"{own[-1].name} has to end with: {EXPORT}")
    return text.replace(EXPORT, "export default { render: alive(render) };")


def style(script: Path) -> str:
    """The style sheet of a widget: the theme, and the ``.css`` beside its ``script``, if any."""
    own = script.with_suffix(".css")
    return theme.css() + BASE.read_text("utf-8") + (own.read_text("utf-8") if own.exists() else "")


class CourseWidget(anywidget.AnyWidget):
    """A widget that says the same in every run, so that nbval can compare it.

    Its script gives everything that takes the focus the attribute ``data-lm-suppress-shortcuts``,
    or JupyterLab acts on arrows, Enter and letters meant for the widget.

    A notebook that nobody has run yet, GitHub and a printed page show ``drawn()`` in its place, or
    ``static_html()`` where it is no picture.
    """

    ping = traitlets.Int().tag(sync=True)
    pong = traitlets.Int().tag(sync=True)
    silence = traitlets.Unicode().tag(sync=True)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(silence=Words("kit", self._language()).say("silent"), **kwargs)
        self.observe(self._pong, "ping")
        self.on_msg(lambda _, wish, __: self._wished(wish))

    def _language(self) -> str:
        """Whose language it speaks: that of the words it was given."""
        return str(getattr(getattr(self, "_words", None), "lang", "en"))

    def _pong(self, change: Any) -> None:
        """Say that the kernel is there: the page asks after every press."""
        self.pong = change.new

    def _wished(self, wish: Any) -> None:
        """Do what the page asks for; what is no wish is not heard."""

    def _passed(self, sim: Simulator, **time: float) -> str:
        """Let simulated time pass, as ``sim.advance`` has it; what hindered it, in words."""
        try:
            sim.advance(**time)
        except KinesisSimError as error:
            return Words("kit", self._language()).say("stopped", error=error)
        return ""

    def _follows(self, tell: Callable[..., None]) -> None:
        """Call ``tell`` after every cell of the notebook, until the widget is closed."""
        self._forget = after_every_cell(tell)

    def close(self) -> None:
        """End the widget: it follows nothing any longer."""
        if hasattr(self, "_forget"):  # it may be closed before it is whole
            self._forget()
        super().close()

    def summary(self) -> str:
        """One line of text for what the widget is; the same in every run."""
        return type(self).__name__

    def static_html(self) -> str:
        """What to show where there is no kernel: plain HTML, no scripts, ids or style sheets."""
        return f"<p>{self.summary()}</p>"

    def drawn(self) -> Sheet | None:
        """What it shows now as a figure; None where ``static_html`` says it better."""
        return None

    def __repr__(self) -> str:
        return self.summary()

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is not None:
            bundle[0]["text/plain"] = self.summary()
            drawn = self.drawn()
            if drawn is None:
                bundle[0]["text/html"] = self.static_html()
            else:
                data, metadata = drawn.bundle()
                bundle[0].update(data | {"text/plain": self.summary()})
                bundle[1].update(metadata)
        return bundle


def after_every_cell(tell: Callable[..., None]) -> Callable[[], None]:
    """Call ``tell`` after every cell of the notebook this runs in; returns the call that ends it.

    Outside a notebook nothing is called.
    """
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if shell is None:
        return lambda: None
    shell.events.register("post_run_cell", tell)
    return lambda: _unregister(shell, tell)


def _unregister(shell: Any, tell: Callable[..., None]) -> None:
    if tell in shell.events.callbacks["post_run_cell"]:
        shell.events.unregister("post_run_cell", tell)
