"""One widget on a page of its own, without Jupyter: ``python -m kinesis_sim demo``."""
