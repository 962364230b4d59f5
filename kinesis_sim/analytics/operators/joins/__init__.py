"""Joins, by what bounds their state: a window, an interval of time, a version, a table, nothing."""
