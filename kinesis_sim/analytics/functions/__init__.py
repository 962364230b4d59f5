"""Scalar functions: ``registry`` finds them, the other files hold them by theme.

A function is a row of a table: its name, how many arguments, and a maker that gets the compiled
arguments and gives a compiled expression. A language's own lie in ``flink_sql`` and
``kinesis_sql``.
"""
