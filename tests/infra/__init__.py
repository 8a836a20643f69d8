"""Tests of what dompet stands on: the local Kafka, child processes, the SQL migrations."""
