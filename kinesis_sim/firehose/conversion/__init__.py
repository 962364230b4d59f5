"""JSON records into columns: Glue's schema, the serdes, Parquet and ORC."""
