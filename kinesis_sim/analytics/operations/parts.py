"""Adding and taking away inputs, outputs, reference data, logging and networks."""

from __future__ import annotations

from kinesis_sim.account.calls import Answer, Request
from kinesis_sim.analytics.applications import configuring, refusals, shapes
from kinesis_sim.analytics.applications.application import AnalyticsApplication, ApplicationVersion
from kinesis_sim.analytics.applications.lifecycle import CHANGEABLE
from kinesis_sim.analytics.applications.state import Applications

_INPUTS, _OUTPUTS = "InputDescriptions", "OutputDescriptions"
_REFERENCES = "ReferenceDataSourceDescriptions"
_VPCS = "VpcConfigurationDescriptions"
_PROCESSING = "InputProcessingConfigurationDescription"


def add_application_input(state: Applications, request: Request) -> Answer:
    """Give a SQL application its streaming source. Raises InvalidArgument where it has one."""
    application = opened(state, request)
    _add(state, application, request, _INPUTS, request["Input"])
    return {**_told(application), "InputDescriptions": application.parts(_INPUTS)}


def add_application_output(state: Applications, request: Request) -> Answer:
    """Give a SQL application a destination. Raises InvalidArgument beyond three."""
    application = opened(state, request)
    _add(state, application, request, _OUTPUTS, request["Output"])
    return {**_told(application), "OutputDescriptions": application.parts(_OUTPUTS)}


def delete_application_output(state: Applications, request: Request) -> Answer:
    """Take a destination away."""
    application = opened(state, request)
    remove(state, application, request, _OUTPUTS, request["OutputId"])
    return _told(application)


def add_application_reference_data_source(state: Applications, request: Request) -> Answer:
    """Give a SQL application a table that is read from S3 once."""
    application = opened(state, request)
    _add(state, application, request, _REFERENCES, request["ReferenceDataSource"])
    return {**_told(application), _REFERENCES: application.parts(_REFERENCES)}


def delete_application_reference_data_source(state: Applications, request: Request) -> Answer:
    """Take the table from S3 away."""
    application = opened(state, request)
    remove(state, application, request, _REFERENCES, request["ReferenceId"])
    return _told(application)


def add_application_input_processing_configuration(state: Applications, request: Request) -> Answer:
    """Have a function see an input's records first."""
    application, wanted = opened(state, request), request["InputId"]
    processing = shapes.described(request["InputProcessingConfiguration"])
    version = processed(state, application, request, processing)
    _change(state, application, version)
    return {**_told(application), "InputId": wanted, _PROCESSING: processing}


def delete_application_input_processing_configuration(
    state: Applications, request: Request
) -> Answer:
    """Have no function see an input's records."""
    application = opened(state, request)
    _change(state, application, processed(state, application, request, None))
    return _told(application)


def add_application_cloud_watch_logging_option(state: Applications, request: Request) -> Answer:
    """Say where an application logs to. Raises InvalidArgument where it does already."""
    application = opened(state, request)
    was, new = application.version.logging, request["CloudWatchLoggingOption"]
    number = f"{application.version.number + 1}"
    logging = configuring.with_ids(state.catalog, [*was, new], number)
    made = configuring.next_version(state.catalog, application, logging=tuple(logging))
    operation = _change(state, application, made)
    told = {"CloudWatchLoggingOptionDescriptions": list(application.version.logging)}
    return {**_told(application), **told, "OperationId": operation}


def delete_application_cloud_watch_logging_option(state: Applications, request: Request) -> Answer:
    """Have an application log nowhere."""
    application, wanted = opened(state, request), request["CloudWatchLoggingOptionId"]
    was = list(application.version.logging)
    left = [each for each in was if each["CloudWatchLoggingOptionId"] != wanted]
    if len(left) == len(was):
        raise refusals.not_there(f"The CloudWatchLoggingOption {wanted}")
    made = configuring.next_version(state.catalog, application, logging=tuple(left))
    operation = _change(state, application, made)
    told = {"CloudWatchLoggingOptionDescriptions": left}
    return {**_told(application), **told, "OperationId": operation}


def add_application_vpc_configuration(state: Applications, request: Request) -> Answer:
    """Have a Flink application run in a VPC. Raises InvalidArgument where it does already."""
    application = opened(state, request)
    _flink(application)
    standing = application.configuration.get(_VPCS) or []
    new = shapes.described(request["VpcConfiguration"])
    operation = _change(state, application, _with_vpcs(state, application, [*standing, new]))
    told = application.configuration[_VPCS][-1]
    return {
        **_told(application),
        "VpcConfigurationDescription": told,
        "OperationId": operation,
    }


def delete_application_vpc_configuration(state: Applications, request: Request) -> Answer:
    """Have a Flink application run in no VPC."""
    application, wanted = opened(state, request), request["VpcConfigurationId"]
    _flink(application)
    standing = application.configuration.get(_VPCS) or []
    left = [each for each in standing if each["VpcConfigurationId"] != wanted]
    if len(left) == len(standing):
        raise refusals.not_there(f"The VpcConfiguration {wanted}")
    operation = _change(state, application, _with_vpcs(state, application, left))
    return {**_told(application), "OperationId": operation}


# --- what they share --------------------------------------------------------------------------


def opened(state: Applications, request: Request, sdk: int = 2) -> AnalyticsApplication:
    """An application that may be changed by a caller who knows its newest version."""
    application = state.catalog.find(request, sdk)
    state.catalog.held(application, request)
    state.lives.need(application, CHANGEABLE)
    application.sdk = sdk
    return application


def _add(
    state: Applications,
    application: AnalyticsApplication,
    request: Request,
    kind: str,
    part: Request,
) -> None:
    new = shapes.described(part)
    version = configuring.with_parts(
        state.catalog, application, kind, lambda standing: [*standing, new]
    )
    _change(state, application, version)


def remove(
    state: Applications, application: AnalyticsApplication, request: Request, kind: str, wanted: str
) -> None:
    """Take a part with an id away. Raises ResourceNotFound where it is not."""
    member = shapes.WITH_IDS[kind]

    def left(standing: list[Request]) -> list[Request]:
        found = [part for part in standing if part[member] != wanted]
        if len(found) == len(standing):
            raise refusals.not_there(f"The {member} {wanted}")
        return found

    _change(state, application, configuring.with_parts(state.catalog, application, kind, left))


def processed(
    state: Applications,
    application: AnalyticsApplication,
    request: Request,
    processing: Request | None,
) -> ApplicationVersion:
    """The version in which an input has this processing, or none."""
    wanted = request["InputId"]

    def change(standing: list[Request]) -> list[Request]:
        part = next((each for each in standing if each["InputId"] == wanted), None)
        if part is None:
            raise refusals.not_there(f"The InputId {wanted}")
        if processing is None and _PROCESSING not in part:
            raise refusals.not_there(f"InputProcessingConfiguration of {wanted}")
        part.pop(_PROCESSING, None)
        if processing is not None:
            part[_PROCESSING] = processing
        return standing

    return configuring.with_parts(state.catalog, application, _INPUTS, change)


def _with_vpcs(
    state: Applications, application: AnalyticsApplication, parts: list[Request]
) -> ApplicationVersion:
    version = application.version
    made = configuring.whole(
        state.catalog, version.runtime, {**version.configuration, _VPCS: parts}, version.role
    )
    return configuring.next_version(state.catalog, application, configuration=made)


def _flink(application: AnalyticsApplication) -> None:
    if application.is_sql:
        raise refusals.invalid("Only a Flink application runs in a VPC.")


def _change(
    state: Applications, application: AnalyticsApplication, version: ApplicationVersion
) -> str:
    return state.lives.change(application, version).id


def _told(application: AnalyticsApplication) -> Answer:
    return {
        "ApplicationARN": application.arn,
        "ApplicationVersionId": application.version.number,
    }
