"""The shard map: a stream's shards, records, keys and readers over its history."""
