"""Amazon Kinesis Data Streams: shards, sequence numbers, retention, resharding, fan-out."""
