"""What runs applications: the engine of this room over the streams of this account."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kinesis_sim.account.service import Surroundings
from kinesis_sim.analytics.applications import refusals
from kinesis_sim.analytics.applications.application import AnalyticsApplication, ApplicationVersion
from kinesis_sim.analytics.applications.flink_code import FlinkCode
from kinesis_sim.analytics.applications.lifecycle import RunningCode
from kinesis_sim.analytics.applications.sql_code import SqlCode
from kinesis_sim.analytics.on_clock.ports import AnalyticsPorts
from kinesis_sim.analytics.refusals import SqlError
from kinesis_sim.analytics.sql.reading import read

_CODE = "ApplicationCodeConfigurationDescription"


def code_of(version: ApplicationVersion) -> str | None:
    """The text of a version's code; None for code in a file, or none."""
    content = version.configuration.get(_CODE, {}).get("CodeContentDescription", {})
    text = content.get("TextContent")
    return None if text is None else str(text)


class SqlEngine:
    """Runs SQL texts."""

    def __init__(self, around: Surroundings) -> None:
        self._around = around

    def check_code(
        self, application: AnalyticsApplication, version: ApplicationVersion | None = None
    ) -> None:
        """Raise CodeValidationException for text that is no SQL of its language."""
        told = version or application.version
        text = code_of(told)
        if text is None:
            return
        try:
            read(text, "kinesis" if application.is_sql else "flink")
        except SqlError as error:
            raise refusals.bad_code(str(error)) from None

    def check(self, application: AnalyticsApplication) -> None:
        """Raise InvalidApplicationConfigurationException for code that is no text."""
        if code_of(application.version) is None:
            raise refusals.bad_configuration(
                f"The application {application.name} has no code that runs here: a JAR or a ZIP "
                "file is kept and described, not run. Give SQL as CodeContent.TextContent."
            )

    def begin(
        self,
        application: AnalyticsApplication,
        kept: Any,
        failed: Callable[[str], None],
        took: Callable[[int], None],
    ) -> RunningCode:
        """Run an application's code. Raises SqlError, and ServiceError for a stream not there."""
        if application.is_sql:
            text = code_of(application.version) or ""
            return SqlCode(self._around, application, text, kept, failed)
        return FlinkCode(
            AnalyticsPorts.of(self._around),
            application,
            code_of(application.version) or "",
            kept,
            failed,
            took,
        )
