"""What Pedala's systems send: clicks, logs, payments, telemetry and ticks, with a day's rhythm."""
