"""AWS Lambda's event source mappings: the poller that reads a stream and calls a function."""
