"""Amazon S3 as a destination; how objects are written is ``firehose.objects``."""
