"""Who may enter: roles, entries with their tokens on a compacted topic, and what each may do."""
