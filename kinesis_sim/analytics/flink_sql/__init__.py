"""Apache Flink's SQL: its statements, tables with connectors, sessions and jobs."""
