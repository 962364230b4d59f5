"""A player of a video stream's HLS session: what it fetches, and the pictures themselves."""
