"""Incremental operators: rows go in with their change's kind, changes come out.

Time is told, never asked: ``advance(time, at)`` says that of this time (EVENT or CLOCK) no row at
or before ``at`` is to be expected, which Flink calls a watermark. A clock that shows t has passed
t - 1. Each operator names in ``kept`` the attributes that a snapshot copies.
"""
