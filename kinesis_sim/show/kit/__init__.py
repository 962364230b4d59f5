"""What all pictures share: paper, words, time axes, a stream's history, the widgets' base."""
