"""Apache Iceberg as a destination: records routed to tables, and a catalogue that keeps them.

Import it when a stream needs it: it loads pyiceberg, and raises MissingPackage without.
"""

from __future__ import annotations

from kinesis_sim.errors import MissingPackage

try:
    import pyiceberg.catalog.sql
    import pyiceberg.io.pyarrow  # noqa: F401 (looked for here, used in the modules below)
except ImportError:
    raise MissingPackage(
        'Iceberg tables need pyiceberg: pip install "kinesis-lab[firehose]"'
    ) from None
