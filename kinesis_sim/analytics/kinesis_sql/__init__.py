"""Kinesis Data Analytics for SQL: streams, pumps, ROWTIME, its functions and its error stream."""
