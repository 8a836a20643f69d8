"""Everything that knows Kafka's clients: consumers, producers, topics, faults, and librdkafka's own queues."""
