"""Reconciliation: somebody's statement held against the journal, line by line."""
