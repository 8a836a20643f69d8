"""What every process of dompet has: memory, logs, patience with servers."""
