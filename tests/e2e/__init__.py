"""The whole of dompet, as a user runs it."""
