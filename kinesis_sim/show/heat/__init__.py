"""How full each shard was over time, what it refused, and a mixer of load."""
