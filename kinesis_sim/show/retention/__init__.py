"""What a stream keeps, its trim horizon, and where its readers stand."""
