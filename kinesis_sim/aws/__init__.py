"""How callers get in: botocore's model, the gate, in-process clients, the HTTP server."""
