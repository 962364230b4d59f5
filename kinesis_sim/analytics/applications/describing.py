"""An application as both APIs tell it."""

from __future__ import annotations

from kinesis_sim.account.calls import Answer, Request
from kinesis_sim.analytics.applications import maintenance
from kinesis_sim.analytics.applications.application import (
    AnalyticsApplication,
    ApplicationOperation,
    ApplicationSnapshot,
    ApplicationVersion,
)


def detail(application: AnalyticsApplication, version: ApplicationVersion | None = None) -> Answer:
    """An ApplicationDetail, of the newest version or an older one."""
    told = version or application.version
    newest = told is application.version
    configuration = _scaled(application) if newest else dict(told.configuration)
    if application.restore and newest and not application.is_sql:
        configuration["RunConfigurationDescription"] = {
            "ApplicationRestoreConfigurationDescription": application.restore,
            "FlinkRunConfigurationDescription": {
                "AllowNonRestoredState": application.allow_non_restored
            },
        }
    answer: Answer = {
        "ApplicationARN": application.arn,
        "ApplicationName": application.name,
        "RuntimeEnvironment": told.runtime,
        "ServiceExecutionRole": told.role,
        "ApplicationStatus": application.status,
        "ApplicationVersionId": told.number,
        "CreateTimestamp": application.made,
        "LastUpdateTimestamp": application.changed,
        "ApplicationConfigurationDescription": configuration,
        "ApplicationMaintenanceConfigurationDescription": window(application),
        "ApplicationVersionCreateTimestamp": told.made,
        "ConditionalToken": application.token,
        "ApplicationMode": application.mode,
    }
    if application.description:
        answer["ApplicationDescription"] = application.description
    if told.logging:
        answer["CloudWatchLoggingOptionDescriptions"] = list(told.logging)
    for name, number in (
        ("ApplicationVersionUpdatedFrom", told.updated_from),
        ("ApplicationVersionRolledBackFrom", told.rolled_back_from),
        ("ApplicationVersionRolledBackTo", told.rolled_back_to),
    ):
        if number is not None:
            answer[name] = number
    return answer


def _scaled(application: AnalyticsApplication) -> Request:
    """The newest configuration, with CurrentParallelism as the load made it."""
    configuration = dict(application.configuration)
    if application.scaled_to is not None:
        flink = dict(configuration["FlinkApplicationConfigurationDescription"])
        part = {**application.parallelism_part, "CurrentParallelism": application.parallelism}
        flink["ParallelismConfigurationDescription"] = part
        configuration["FlinkApplicationConfigurationDescription"] = flink
    return configuration


def window(application: AnalyticsApplication) -> Answer:
    """The eight hours in which AWS may restart it (facts/analytics/9/maintenance)."""
    return {
        "ApplicationMaintenanceWindowStartTime": application.window_start,
        "ApplicationMaintenanceWindowEndTime": maintenance.ends(application.window_start),
    }


def summary(application: AnalyticsApplication) -> Answer:
    """An ApplicationSummary."""
    return {
        "ApplicationName": application.name,
        "ApplicationARN": application.arn,
        "ApplicationStatus": application.status,
        "ApplicationVersionId": application.version.number,
        "RuntimeEnvironment": application.version.runtime,
        "ApplicationMode": application.mode,
    }


def operation(told: ApplicationOperation) -> Answer:
    """An operation in a list."""
    answer: Answer = {
        "Operation": told.name,
        "OperationId": told.id,
        "StartTime": told.began,
        "OperationStatus": told.status,
    }
    if told.ended is not None:
        answer["EndTime"] = told.ended
    return answer


def operation_details(told: ApplicationOperation) -> Answer:
    """An operation with its versions and what went wrong."""
    answer = operation(told)
    del answer["OperationId"]
    answer.setdefault("EndTime", told.began)
    if told.was is not None and told.became is not None:
        answer["ApplicationVersionChangeDetails"] = {
            "ApplicationVersionUpdatedFrom": told.was,
            "ApplicationVersionUpdatedTo": told.became,
        }
    if told.failure:
        failure: Answer = {"ErrorInfo": {"ErrorString": told.failure}}
        if told.rollback:
            failure["RollbackOperationId"] = told.rollback
        answer["OperationFailureDetails"] = failure
    return answer


def snapshot(told: ApplicationSnapshot) -> Answer:
    """A SnapshotDetails of an application."""
    return {
        "SnapshotName": told.name,
        "SnapshotStatus": told.life.name,
        "ApplicationVersionId": told.version,
        "SnapshotCreationTimestamp": told.made,
        "RuntimeEnvironment": told.runtime,
    }
