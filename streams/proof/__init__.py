"""Proof that the warehouse is what the log says: a chain of hashes over the log, and a fold of it done again."""
