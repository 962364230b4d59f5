"""Lesson 08 in JupyterLab: the desk, a prediction, wrong pipelines told apart, a repair."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.jupyterlab import Lab, Notebook

pytestmark = pytest.mark.browser
LESSON = "en/08_firehose_pipelines.ipynb"
BEGIN, BUILD, REPAIR = "import Simulator", "222233334444", "mended = {"
NO_KEY = """
trial = Simulator(account="222233334444")
mine, api, answer = ClickLake(trial, partition="platform"), trial.client("firehose"), "soon"
api.create_delivery_stream(
    DeliveryStreamName="clicks-by-platform", ExtendedS3DestinationConfiguration=mine.settings(
        Prefix="clicks/", DataFormatConversionConfiguration=mine.parquet, **hints(64, 60),
        ErrorOutputPrefix="errors/!{firehose:error-output-type}/", **processing(mine.tidy)))
mine.wait("clicks-by-platform")
api.put_record_batch(DeliveryStreamName="clicks-by-platform", Records=mine.entries(200))
trial.advance(minutes=5)
"""
RIGHT = (
    NO_KEY.replace(
        'Prefix="clicks/",',
        'Prefix="clicks/platform=!{partitionKeyFromQuery:platform}/", '
        'DynamicPartitioningConfiguration={"Enabled": True},',
    ).replace("(mine.tidy)", '(mine.tidy, jq(platform=".platform"))')
    + """
answer = trial.query("select platform, count(*) as unlocks from pedala.clicks "
                     "where action = 'unlock' group by platform")
"""
)
MEND = """
nurse.update_destination(
    DeliveryStreamName="clicks-broken", CurrentDeliveryStreamVersionId="VERSION",
    DestinationId="destinationId-000000000001",
    ExtendedS3DestinationUpdate=processing(sick.tidy, jq(platform=".KEY")))
mended = {"first": FIRST}
ward.advance(minutes=5)
nurse.put_record_batch(DeliveryStreamName="clicks-broken", Records=sick.entries(100, **mended))
ward.advance(minutes=5)
"""


def mend(version: int, key: str) -> str:
    text = MEND.replace("VERSION", str(version)).replace("KEY", key)
    return text.replace("FIRST", str(100 * version))


@pytest.fixture
def begun(lab: Lab, page: Page) -> Notebook:
    lesson = lab.open(page, LESSON)
    lesson.clear()
    lesson.run(BEGIN)
    return lesson


def answer(lesson: Notebook, cell: str, text: str) -> None:
    lesson.cell(cell).locator(".cm-content").click()
    lesson.page.keyboard.press("Control+a")
    lesson.page.keyboard.insert_text(text)
    lesson.run(cell)


def test_the_desk_breaks_and_mends_in_the_notebook(begun: Notebook) -> None:
    keyboard = begun.page.keyboard
    shown = begun.run("desk.show.live_delivery").locator(".kl-delivery")
    notice = shown.locator(".kl-notice")
    expect(notice).to_contain_text("S3 refuses since")
    begun.photograph("lesson-08-delivery", shown)
    for label in ("mend S3", "break the function", "+10 min"):
        shown.get_by_role("button", name=label).focus()
        keyboard.press("Enter")
    expect(notice).to_contain_text("Lambda.FunctionError")
    shown.locator("select").focus()
    keyboard.press("Home")
    expect(shown.locator(".kl-opened")).to_contain_text("errorCode")
    begun.photograph("lesson-08-delivery-function", shown)


def test_a_prediction_about_dropped_records_is_met(begun: Notebook) -> None:
    begun.run("lake = ClickLake(sim)")
    form = begun.run('lesson.predict("dropped"').locator(".kl-predict")
    form.get_by_role("radio", name="in the error output").check()
    form.get_by_role("button").click()
    form.get_by_text("Your prediction is kept").wait_for()
    revealed = begun.run('lesson.reveal("dropped"').get_by_role("status")
    expect(revealed).to_contain_text("There are the records that failed.")


def test_wrong_pipelines_are_told_apart_and_the_right_one_passes(begun: Notebook) -> None:
    for pipeline, told in ((NO_KEY, "says nothing of a platform"), (RIGHT, "Passed.")):
        answer(begun, BUILD, pipeline)
        begun.run('lesson.check("clicks-to-sql"').get_by_text(told).wait_for()


def test_the_broken_one_is_mended_fault_by_fault(begun: Notebook) -> None:
    begun.run("create_broken")
    for version, key, told in (
        (1, "os", "DynamicPartitioning.MetadataExtractionFailed"),
        (2, "platform", "Passed."),
    ):
        answer(begun, REPAIR, mend(version, key))
        begun.run('lesson.check("repair"').get_by_text(told).wait_for()
