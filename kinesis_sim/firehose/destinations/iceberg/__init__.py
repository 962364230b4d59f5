"""Apache Iceberg as a destination: records routed to tables, and a catalogue that keeps them."""
