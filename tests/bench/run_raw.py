"""One run of raw reading: confluent-kafka's `consume`, with the settings of dompet's source, and nothing else.

The clock starts when the partitions are assigned, as dompet's does.
"""

import argparse
import json
import time
from typing import Any

from confluent_kafka import Consumer, TopicPartition

from dompet.streams.kafka.consumer import TUNING
from tests.bench.processes import age_s

_BATCH = 50_000
_WAIT_S = 0.1


def read(bootstrap: str, topic: str) -> dict[str, Any]:
    """Read the topic from its start to its end as it is now."""
    own = {"enable.partition.eof": False}  # an end is no event
    consumer = Consumer({**TUNING, **own, "bootstrap.servers": bootstrap, "group.id": "bench-raw"})
    places = [TopicPartition(topic, partition) for partition in consumer.list_topics(topic).topics[topic].partitions]
    ranges = [consumer.get_watermark_offsets(place, timeout=10) for place in places]
    expected = sum(end - begin for begin, end in ranges)
    startup_seconds, started, events = age_s(), time.perf_counter(), 0
    consumer.assign([TopicPartition(topic, p.partition, begin) for p, (begin, _) in zip(places, ranges, strict=True)])
    while events < expected:
        events += len(consumer.consume(_BATCH, _WAIT_S))
    seconds = time.perf_counter() - started
    consumer.close()
    return {"events": events, "seconds": round(seconds, 3), "startup_seconds": round(startup_seconds, 3)}


def main() -> None:
    """Prints one line of JSON."""
    parser = argparse.ArgumentParser(description="Raw reading of a topic.")
    parser.add_argument("--bootstrap-servers", required=True)
    parser.add_argument("--topic", required=True)
    options = parser.parse_args()
    print(json.dumps(read(options.bootstrap_servers, options.topic)))


if __name__ == "__main__":
    main()
