"""Snowflake as a destination: rows streamed into a table of an account that runs SQL."""
