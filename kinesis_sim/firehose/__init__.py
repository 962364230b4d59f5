"""Amazon Data Firehose: records in, buffers, and deliveries to where they are wanted."""
