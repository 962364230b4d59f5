"""Whoever puts records into a stream: loads, batches, retries, aggregation."""
