"""What a learner plugs into a stream: the events of Pedala, a made-up bike-sharing service; loads,
producers, consumers, and pipelines of them."""
