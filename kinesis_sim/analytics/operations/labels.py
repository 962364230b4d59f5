"""Tags of applications."""

from __future__ import annotations

from kinesis_sim.account import tags
from kinesis_sim.account.calls import Answer, Request
from kinesis_sim.analytics.applications import refusals
from kinesis_sim.analytics.applications.catalog import ApplicationCatalog
from kinesis_sim.analytics.applications.state import Applications


def checked_tags(
    catalog: ApplicationCatalog, new: list[Request], standing: dict[str, str]
) -> dict[str, str]:
    """Tags with new ones.

    Raises TooManyTags, InvalidArgument for other characters than tags may have, one of AWS's own,
    or a key that is named twice.
    """
    keys = [tag["Key"] for tag in new]
    tags.check_characters([*keys, *(tag.get("Value") or "" for tag in new)])
    if tags.reserved(keys):
        raise refusals.invalid("A tag's key must not begin with aws:, which is for AWS's own.")
    if len(set(keys)) < len(keys):
        raise refusals.invalid("A tag's key is named twice.")
    most = catalog.limits["analytics.tags"]
    if len({*keys, *standing}) > most:
        raise refusals.too_many_tags(most)
    return {**standing, **{tag["Key"]: tag.get("Value") or "" for tag in new}}


def tag_resource(state: Applications, request: Request) -> Answer:
    """Add tags; a key that is there gets the new value."""
    application = state.catalog.by_arn(request)
    application.tags = checked_tags(state.catalog, request["Tags"], application.tags)
    return {}


def untag_resource(state: Applications, request: Request) -> Answer:
    """Remove tags; a key that is not there is no error."""
    application = state.catalog.by_arn(request)
    for key in request["TagKeys"]:
        application.tags.pop(key, None)
    return {}


def list_tags_for_resource(state: Applications, request: Request) -> Answer:
    """All tags."""
    application = state.catalog.by_arn(request)
    return {"Tags": [{"Key": key, "Value": value} for key, value in application.tags.items()]}
