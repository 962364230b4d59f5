"""Where Firehose delivers: one adapter a destination, the one place of the room that does I/O."""
