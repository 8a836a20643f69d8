"""Who may put events in: publishers with their tokens, keys and quotas, on a compacted topic."""
