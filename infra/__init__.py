"""What dompet stands on: a local Kafka, the SQL migrations."""
