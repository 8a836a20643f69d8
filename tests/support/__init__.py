"""What the tests stand on: a real Kafka and a real ClickHouse server, started for the run."""
