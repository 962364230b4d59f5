"""Aggregates: what is kept of many rows, and what it comes to.

An accumulator is a plain list, so that a snapshot is a copy and nothing more. ``registry`` finds an
aggregate by its name; ``calls`` binds several of them to the rows of an operator.
"""
