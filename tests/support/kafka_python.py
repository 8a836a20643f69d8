"""kafka-python, a client that shares no code with the product: imported here, where its deprecations are let be."""

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from kafka import KafkaConsumer, KafkaProducer, TopicPartition
    from kafka.partitioner.default import murmur2

__all__ = ["KafkaConsumer", "KafkaProducer", "TopicPartition", "murmur2"]
