"""What dompet runs on: a local Kafka, the SQL of tables and views."""
