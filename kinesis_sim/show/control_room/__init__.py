"""A scene that plays: producers, shards, consumers, and faults to cause."""
