"""What all widgets of the course share: a stable text, a picture without a kernel, one style
sheet."""

from pathlib import Path
from typing import Any

import anywidget

from kinesis_sim.show import theme


def style(script: Path) -> str:
    """The style sheet of a widget: the theme, then the ``.css`` file beside its ``script`` if
    any."""
    own = script.with_suffix(".css")
    return theme.css() + (own.read_text("utf-8") if own.exists() else "")


class CourseWidget(anywidget.AnyWidget):
    """A widget that says the same in every run, so that nbval can compare it.

    Its script gives everything that takes the focus the attribute ``data-lm-suppress-shortcuts``,
    or JupyterLab acts on arrows, Enter and letters meant for the widget.

    A notebook that nobody has run yet, GitHub and a printed page show ``static_html()`` in its
    place.
    """

    def summary(self) -> str:
        """One line of text for what the widget is; the same in every run."""
        return type(self).__name__

    def static_html(self) -> str:
        """What to show where there is no kernel: plain HTML without scripts, ids or style
        sheets."""
        return f"<p>{self.summary()}</p>"

    def __repr__(self) -> str:
        return self.summary()

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is not None:
            bundle[0]["text/plain"] = self.summary()
            bundle[0]["text/html"] = self.static_html()
        return bundle
