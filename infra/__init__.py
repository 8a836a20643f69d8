"""What dompet stands on: a local Kafka, the SQL of tables and views."""
