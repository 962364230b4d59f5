"""Apache Iceberg as a destination: records routed to tables, and a catalogue that keeps them.

Its ``kind`` is light. The adapter and the lakehouse load pyiceberg, and say how to get it.
"""
