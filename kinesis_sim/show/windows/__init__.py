"""What a watermark does to a query's rows: event time across, arrival down, windows, changes."""
