"""What a learner plugs into a stream.

The events of Pedala, a made-up bike-sharing service; loads, producers, consumers, and pipelines of
them.
"""
