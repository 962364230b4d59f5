"""What every service of an account shares: quotas, tags, keys, prices, metrics, trail."""
