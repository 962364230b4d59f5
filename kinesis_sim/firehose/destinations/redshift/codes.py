"""How loading fails: Firehose's error codes and texts, and those of rows that cannot be loaded.

Sources: AWS's Firehose guide, monitoring-with-cloudwatch-logs, "Amazon Redshift Data delivery
errors"; AWS's Redshift guide, r_Load_Error_Reference. Read 2026-11-25.
"""

from __future__ import annotations

MESSAGES = {
    "TableNotFound": "The table to which to load data was not found. Ensure that the specified "
    "table exists.",
    "SyntaxError": "The COPY command contains a syntax error. Retry the command.",
    "AuthenticationFailed": "The provided user name and password failed authentication. Provide a "
    "valid user name and password.",
    "DataLoadFailed": "Loading data into the table failed. Check STL_LOAD_ERRORS system table for "
    "details.",
    "ColumnNotFound": "A column in the COPY command does not exist in the table. Specify a valid "
    "column name.",
    "ColumnSpecifiedMoreThanOnce": "There is a column specified more than once in the column list. "
    "Ensure that duplicate columns are removed.",
    "ColumnNotNullWithoutDefault": "There is a non-null column without DEFAULT that is not "
    "included in the column list. Ensure that such columns are included in the column list.",
    "DatabaseNotFound": "The database specified in the Amazon Redshift destination configuration "
    "or JDBC URL was not found. Specify a valid database name.",
    "SchemaNotFound": "The schema specified in the DataTableName of Amazon Redshift destination "
    "configuration was not found. Specify a valid schema name.",
    "ImproperQualifiedName": "The qualified name is improper (too many dotted names).",
    "IncorrectCopyOptions": "Conflicting or redundant COPY options were provided. Some options are "
    "not compatible in certain combinations. Check the COPY command reference for more info.",
    "ArgumentNotSupported": "The COPY command contains unsupported options.",
    "InvalidCopyOptionForJson": "Please use either auto or a valid S3 path for json copyOption.",
    "CompressionMismatch": "Hose is configured with UNCOMPRESSED, but copyOption includes a "
    "compression format.",
    "MissingS3File": "One or more S3 files required by Amazon Redshift have been removed from the "
    "S3 bucket. Check the S3 bucket policies to remove any automatic deletion of S3 files.",
    "ConnectionFailed": "The connection to the specified Amazon Redshift cluster failed. Ensure "
    "that security settings allow Amazon Data Firehose connections, that the cluster or database "
    "specified in the Amazon Redshift destination configuration or JDBC URL is correct, and that "
    "the cluster is available.",
    "Resize": "The Redshift cluster is resizing. Firehose will not be able to deliver data while "
    "the cluster is resizing.",
    "ReadOnlyCluster": "The query cannot be executed because the system is in resize mode. Try the "
    "query again later.",
    "DiskFull": "Data could not be loaded because the disk is full. Increase the capacity of the "
    "Amazon Redshift cluster or delete unused data to free disk space.",
}
"""Code (``Redshift.<code>`` in Firehose's error log) → message."""

REASONS = {
    1202: "Input data had more columns than were defined in the DDL.",
    1204: "Input data exceeded the acceptable range for the data type.",
    1205: "Date format is not valid.",
    1206: "Timestamp format is not valid.",
    1207: "Data contained a value outside of the expected range of 0-9.",
    1208: "FLOAT data type format error.",
    1209: "DECIMAL data type format error.",
    1210: "BOOLEAN data type format error.",
    1211: "Input line contained no data.",
    1213: "A field specified as NOT NULL contained no data.",
    1214: "Delimiter not found.",
    1216: "Input line is not valid.",
    1220: "String contains invalid or unsupported UTF-8 code points.",
    1222: "Integer value overflow error.",
    1224: "Input data not well formed JSON format for super data type.",
}
"""err_code of STL_LOAD_ERRORS → err_reason."""


class CopyError(Exception):
    """A COPY that did not load. code: a key of MESSAGES; detail: what exactly, in our words."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{MESSAGES[code]} {detail}".strip())
        self.code = code
        self.detail = detail


class FieldError(Exception):
    """A field, or a whole line, that cannot be loaded. code: a key of REASONS."""

    def __init__(self, code: int) -> None:
        super().__init__(REASONS[code])
        self.code = code
        self.reason = REASONS[code]
