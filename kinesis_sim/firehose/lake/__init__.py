"""SQL over what Firehose delivered, and the locked engine that runs every learner's SQL."""
