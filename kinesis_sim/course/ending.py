"""The end of a lesson: what was learned, how it went, and the way on."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from kinesis_sim.course.feedback import boxed, inline
from kinesis_sim.course.outline import OutlineEntry, entries, entry_of, following, items_in, link
from kinesis_sim.course.progress import Progress
from kinesis_sim.course.words import CourseWords, in_language


@dataclass(slots=True)
class Ending:
    """What stands at the end of a lesson; shows itself when it ends a cell.

    It stands under a name of its own, so that it can be shown anew in its place: what is answered
    after the cell has run counts there at once (``renew``). shown: whether a notebook has it.
    """

    slug: str
    language: str
    progress: Progress
    learned: tuple[str, ...]
    shown: bool = False

    def __repr__(self) -> str:
        return "\n".join([*(f"- {text}" for text in self.learned), self._score(), self._way_on()])

    def _ipython_display_(self) -> None:
        """How IPython shows it at the end of a cell."""
        self.shown = True
        self._publish(update=False)

    def renew(self) -> None:
        """Show it as it is now where a notebook has it; elsewhere there is nothing to do."""
        if self.shown:
            self._publish(update=True)

    def _publish(self, *, update: bool) -> None:
        from IPython.display import publish_display_data

        publish_display_data(  # type: ignore[no-untyped-call]
            {"text/plain": repr(self), "text/html": self._repr_html_()},
            transient={"display_id": f"kinesis-lab-end-{self.slug}"},
            update=update,
        )

    def _repr_html_(self) -> str:
        ui = CourseWords("ui", self.language)
        rows = "".join(f"<li>{inline(text)}</li>" for text in self.learned)
        learned = f"<strong>{escape(ui.say('end.learned'))}</strong><ul>{rows}</ul>"
        kept = ui.say("end.not-kept" if self.progress.path is None else "end.kept")
        key, to = self._to()
        way_on = escape(ui.say(key, link="@")).replace("@", link(to, self.language))
        parts = [learned + escape(self._score()), inline(kept), f"<strong>{way_on}</strong>"]
        return boxed("<br>".join(parts), "good", ' role="status"')

    def _score(self) -> str:
        stands = self.progress.standing(self.slug)
        return CourseWords("ui", self.language).say(
            "end.score" if items_in(self.slug) else "end.score-without-quiz",
            passed=stands.passed,
            exercises=len(entry_of(self.slug).exercises),
            right=stands.right,
            answered=stands.answered,
            items=items_in(self.slug),
            predicted=stands.predicted,
        )

    def _way_on(self) -> str:
        key, to = self._to()
        title = in_language(to.title, self.language)
        return CourseWords("ui", self.language).say(key, link=f"{to.number} {title}")

    def _to(self) -> tuple[str, OutlineEntry]:
        """The words and the lesson to go on with; after the last that is the one with the map."""
        after = following(self.slug)
        return ("end.last", entries()[0]) if after is None else ("end.next", after)
