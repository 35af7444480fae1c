"""Generated cases: kept as a replayable corpus, replayed in every run, explored afresh on request."""
