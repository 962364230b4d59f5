"""What can be seen in media: frames decoded by PyAV, as images, or as pixels for a function."""
