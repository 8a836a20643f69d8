"""From the log to the journal: source, projector, checkpoints, recovery."""
