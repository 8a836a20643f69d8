"""Reconciliation: somebody's statement compared with the journal, line by line."""
