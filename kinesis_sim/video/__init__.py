"""Amazon Kinesis Video Streams: media in, fragments kept for a while, media out."""
