"""Every lesson in a learner's folder: run, guessed wrongly, solved, half answered, begun anew."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from kinesis_sim.course.journey import STEPS
from kinesis_sim.course.outline import entries
from kinesis_sim.show.kit.page import PAPER
from tests.browser.jupyterlab import ARTIFACTS, Lab, fresh_page
from tests.browser.lesson import OpenLesson
from tests.course.test_readable_outputs import LETTERS

pytestmark = pytest.mark.browser
NARROW = 800  # px
JOURNEY = "what_is_kinesis"
"""The lesson that shows an event's way."""
SCROLL_BAR = 15  # px that one browser's is wider than another's
WRITTEN = [entry for entry in entries() if entry.written]
LANGUAGE = {entry.slug: entry.written[place % len(entry.written)]
            for place, entry in enumerate(WRITTEN)}  # fmt: skip
"""Both editions are opened, in turn."""


@pytest.fixture(scope="module")
def room(app: Browser) -> Iterator[Page]:
    """One page for all lessons: JupyterLab is loaded once, as a learner does who goes on."""
    with fresh_page(app, width=NARROW) as page:
        yield page


@pytest.fixture(scope="module", params=LANGUAGE)
def lesson(request: pytest.FixtureRequest, learner: Lab, room: Page) -> Iterator[OpenLesson]:
    """One lesson, run once, for both its tests: they are two days of one learner."""
    opened = OpenLesson.open(learner, room, request.param, LANGUAGE[request.param])
    opened.run_all()
    yield opened
    learner.leave(room)


def test_it_runs_untouched_and_keeps_its_answers_folded(lesson: OpenLesson) -> None:
    assert lesson.errors() == []
    quizzes = lesson.page.locator(".kl-quiz")
    expect(quizzes).to_have_count(1 if lesson.questions() else 0)  # a moment after its cell has run
    for cell, _ in lesson.holding("reveal"):
        shown = lesson.cell(cell)
        expect(shown.get_by_text(lesson.says("reveal.none"))).to_be_visible()
        expect(shown.locator("details[open]")).to_have_count(0)
    for cell, _ in lesson.holding("check"):
        expect(lesson.cell(cell).get_by_text(lesson.says("exercise.not-yet"))).to_be_visible()
    for slider in lesson.page.get_by_role("slider").all():
        moves_by_keyboard(slider)
    assert lesson.wider_than_the_paper() == []
    figure, letters = lesson.room()
    assert figure >= PAPER - SCROLL_BAR  # figures shrink that far without losing a letter
    assert letters >= LETTERS - 2


def test_a_second_day_begins_where_the_first_one_ended(lesson: OpenLesson) -> None:
    wrong = {name: next(iter(lesson.mistakes(name)), None) for _, name in lesson.holding("reveal")}
    guessed = {name: lesson.guess(cell, wrong[name]) for cell, name in lesson.holding("predict")}
    answered = half_answered(lesson)
    for cell, code in lesson.solutions().items():
        lesson.write(cell, code)

    lesson.restart()
    lesson.run_all()
    assert lesson.errors() == []

    for cell, name in lesson.holding("predict"):
        form = lesson.cell(cell).locator(".kl-predict")
        kept = form.locator("input:checked, input[type=number]")
        expect(kept).to_have_value(guessed[name])
    for cell, name in lesson.holding("reveal"):
        if wrong[name] is not None:
            told = lesson.mistakes(name)[wrong[name]]
            expect(lesson.cell(cell).get_by_role("status")).to_contain_text(plain(told))
    for cell, _ in lesson.holding("check"):
        expect(lesson.cell(cell).get_by_text(lesson.says("exercise.passed"))).to_be_visible()
    kept = lesson.page.locator(".kl-quiz .kl-question[data-answered]")
    for number in kept.get_by_role("spinbutton").all():
        expect(number).to_have_value("1")
    for select in kept.locator("select").all():
        expect(select).not_to_have_value("")
    questions = lesson.page.locator(".kl-quiz .kl-question")
    expect(lesson.page.locator(".kl-quiz .kl-question[data-answered]")).to_have_count(answered)
    expect(questions.locator("button[type=submit]")).to_have_count(questions.count() - answered)
    if lesson.slug == JOURNEY:
        go_the_way_of_an_event(lesson)


def go_the_way_of_an_event(lesson: OpenLesson) -> None:
    """One event's way, step by step, in Portuguese."""
    assert lesson.language == "pt-BR"
    way = lesson.page.locator(".kl-journey")
    status = way.get_by_role("status")
    button = way.get_by_role("button", name="Próximo passo")
    button.focus()
    for number, step in enumerate(STEPS, 1):
        lesson.page.keyboard.press("Enter")
        expect(status).to_contain_text(f"{number}. ")
        expect(status).to_contain_text(f"lição {step.lesson}" if step.later else "funciona aqui")
        if step.id == "firehose":
            way.screenshot(path=ARTIFACTS / "journey-coming.png")
    way.screenshot(path=ARTIFACTS / "journey.png")
    expect(button).to_be_disabled()
    way.get_by_role("button", name="Recomeçar").click()
    expect(status).to_contain_text("Clique em Próximo passo")


def moves_by_keyboard(slider: Locator) -> None:
    """JupyterLab's shortcuts leave a slider its keys."""
    slider.focus()
    for key, end in (("Home", "min"), ("End", "max")):
        slider.press(key)
        expect(slider).to_have_value(slider.get_attribute(end) or "")


def half_answered(lesson: OpenLesson) -> int:
    """Answer every other question with its first option, right or not; how many those are."""
    if not lesson.questions():
        return 0  # an appendix has no quiz
    questions = lesson.page.locator(".kl-quiz .kl-question")
    expect(questions.first).to_be_visible()
    wanted = [question.get("count", 1) for question in lesson.questions()]
    half = list(zip(questions.all(), wanted, strict=True))[::2]
    for question, count in half:
        answer(question, count)
        expect(question).to_have_attribute("data-answered", "true")
    return len(half)


def answer(question: Locator, count: int) -> None:
    """Fill one question in, whatever its kind, and submit it."""
    for place, select in enumerate(question.locator("select").all()):
        select.select_option(index=place + 1)
    for number in question.get_by_role("spinbutton").all():
        number.fill("1")
    for radio in question.get_by_role("radio").all()[:1]:
        radio.check()
    for box in question.get_by_role("checkbox").all()[:count]:
        box.check()
    question.locator("button[type=submit]").click()


def plain(text: str) -> str:
    """The beginning of a text as it stands on the page, its marks of code and emphasis gone."""
    return text.replace("`", "").replace("**", "").partition("{")[0]
