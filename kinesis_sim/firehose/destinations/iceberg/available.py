"""Import it before pyiceberg is needed: it raises MissingPackage where that is absent."""

from __future__ import annotations

from kinesis_sim.errors import MissingPackage

try:
    import pyiceberg.catalog.sql
    import pyiceberg.io.pyarrow  # noqa: F401 (looked for here, used in the modules beside)
except ImportError:
    raise MissingPackage(
        'Iceberg tables need pyiceberg: pip install "kinesis-lab[firehose]"'
    ) from None
