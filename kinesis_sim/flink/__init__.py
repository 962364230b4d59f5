"""Real Apache Flink, on this machine or a cluster, for the statements that the simulator runs too.

One mini-cluster in one Java process runs all statements of a script; rows come back with their kind
of change and the number of rows that were dropped as late. Only what stands in WITH (…) differs
between the simulator, Flink here and Managed Service for Apache Flink::

    from kinesis_sim import flink

    answers = flink.run(sql, feeds={"clicks": rows})    # rows: dicts in the order of their arrival
    answers["per_minute"].frame()                       # pandas, with the column "change"
    answers["per_minute"].late

Flink (118 MB) is fetched once by Maven, into the user's cache; Java 17 and Maven must be there.

What differs from Flink on AWS: one task (parallelism 1); the watermark moves with every row instead
of every 200 ms, so that two runs give the same rows; a feed ends, and with it comes the last
watermark, which closes all windows; the sources of a script read one after the other, so where two
of them are joined the one that is behind is late.
"""

from kinesis_sim.flink.answers import Answer, folded
from kinesis_sim.flink.feed import from_stream
from kinesis_sim.flink.on_streams import live
from kinesis_sim.flink.over_feeds import run

__all__ = ["Answer", "folded", "from_stream", "live", "run"]
