"""The way of a Firehose stream's records, stage by stage, and its error output."""
