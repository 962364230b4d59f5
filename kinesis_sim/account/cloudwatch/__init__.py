"""CloudWatch: metrics, alarms, and its operations."""
