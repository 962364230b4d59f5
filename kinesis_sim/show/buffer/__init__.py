"""The buffers of a Firehose stream, what they left in S3, and what is not there yet."""
