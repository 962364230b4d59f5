"""Streaming SQL on the simulated clock: Apache Flink's language, and Kinesis Data Analytics' own.

One engine, two languages. A text becomes statements (``sql/reading``), a query becomes operators
(``planning``), rows and time go in (``job``), changes come out (``changelog``, ``answer``). Nothing
here asks what time it is, opens a file or a connection; what a stranger's text may use is bounded.

Where to join
    run a text over rows                ``running.run``, on a simulator ``sim.analytics.sql``
    a job on the clock                  ``room.StreamingSql.start``: sources, sinks, checkpoints
    an application of Kinesis SQL       ``room.StreamingSql.application``: mapping, pumps, outputs
    a schema from a sample              ``kinesis_sql.discovery.discovered``
    a session of Flink SQL              ``flink_sql.session.FlinkSession``: execute, then ``job()``
    a running job                       ``job.Job``: put, tick, finish, late, sizes, snapshot
    a scalar function                   a row in ``functions/<theme>.py``, or in a language's own
    an aggregate                        ``aggregates/registry.py``
    an operator                         ``operators/``: subclass ``Operator``, name what is kept
    a clause or a table function        ``planning/``, and the language's catalog
    errors                              ``refusals``: each names construct, line and column

Facts: facts/analytics. What is late, and when, was compared with Flink 2.3.0 or read in its source;
the docstring of each operator says which.
"""
