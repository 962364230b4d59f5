"""The steps by which peers of a signaling channel find each other, and what is lost."""
