"""What becomes of each fragment of a video stream: by the camera's clock, and by the service's."""
