"""How delivery to Snowflake fails.

Sources: AWS's Firehose guide, monitoring-with-cloudwatch-logs, troubleshooting-snowflake and retry,
read 2026-11-25. The first two call a value of the wrong type IncorrectValue and InvalidValue: the
list of codes is followed. For trouble that passes Snowflake's list has no code: InternalError is
that of other destinations (unverified).
"""

from __future__ import annotations

MESSAGES = {
    "Snowflake.InvalidUrl": "Firehose is unable to connect to Snowflake. Please make sure that "
    "Account url is specified correctly in Snowflake destination configuration.",
    "Snowflake.InvalidUser": "Firehose is unable to connect to Snowflake. Please make sure that "
    "User is specified correctly in Snowflake destination configuration.",
    "Snowflake.InvalidRole": "The specified snowflake role does not exist or is not authorized. "
    "Please make sure that the role is granted to the user specified",
    "Snowflake.DefaultRoleMissing": "Snowflake role is not configured, and the user has no default "
    "role.",
    "Snowflake.InvalidTable": "The supplied table does not exist or is not authorized",
    "Snowflake.InvalidSchema": "The supplied schema does not exist or is not authorized",
    "Snowflake.InvalidDatabase": "The supplied database does not exist or is not authorized",
    "Snowflake.InvalidColumns": "Snowpipe Streaming does not support columns of type "
    "AUTOINCREMENT, IDENTITY, GEO, or columns with a default value or collation",
    "Snowflake.MissingColumns": "The insert request is rejected due to missing columns in input "
    "payload. Make sure that values are specified for all non-nullable columns",
    "Snowflake.ExtraColumns": "The insert request is rejected due to extra columns. Columns not "
    "present in table shouldn't be specified",
    "Snowflake.InvalidInput": "Delivery failed due to invalid input format. Make sure that the "
    "input payload provided is in the JSON format acceptable",
    "Snowflake.IncorrectValue": "Delivery failed due to incorrect data type in the input payload. "
    "Make sure that the JSON values specified in input payload adhere to the datatype declared in "
    "Snowflake table definition",
    "InternalError": "An internal error occurred while attempting to deliver data. Delivery will "
    "be retried; if the error persists, then it will be reported to AWS for resolution.",
}


class SnowflakeError(Exception):
    """code: a key of MESSAGES. Only InternalError is worth another try (facts/firehose §6)."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{MESSAGES[code]} {f'({detail})' if detail else ''}".strip())
        self.code = code

    @property
    def retry(self) -> bool:
        """Whether it may pass by itself."""
        return self.code == "InternalError"
