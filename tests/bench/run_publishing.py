"""One way to publish, many times in turn with the others, on one core: what each costs beside producing ready bytes.

A process of its own, so that its threads are all that runs on that core for it. Prints a line of JSON: of each way the
seconds and the CPU seconds of its runs, and how many events it published in each.
"""

import argparse
import io
import json
import logging
import os
import tempfile
import time
import uuid
from collections import defaultdict
from collections.abc import Callable
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
from confluent_kafka.admin import AdminClient

from dompet.schemas.encode_rows import TypedFields, encode_rows
from dompet.schemas.events import EVENT_CLASSES
from dompet.schemas.json_lines import read_fields, write_event
from dompet.schemas.topics import declared_topics
from dompet.streams.demo.programme.programme import programme_fields
from dompet.streams.importer.publishing import publish_spool
from dompet.streams.importer.spool import Spool
from dompet.streams.kafka.batch_producer import BatchProducer
from dompet.streams.kafka.batches import Batch
from dompet.streams.kafka.producer import producer_settings
from dompet.streams.kafka.topics import ensure_topics
from dompet.streams.publish import Publisher
from dompet.streams.publish.counted import OnError
from dompet.streams.publish.lines import publish_lines
from dompet.streams.publish.rows import chunks
from tests.bench.import_example import prepared_spool

_log = logging.getLogger("bench.publishing")
_log.addHandler(logging.NullHandler())

SEED: Final = 2020
WARM_EVENTS: Final = 2_000
Way = Callable[[str], int]
"""Publishes to a topic; how many events."""


def ways_of(events: list[TypedFields], bootstrap: str, spool: Path | None) -> dict[str, Way]:
    """Every way to publish the same events; the import publishes those of its example."""
    encoded = [encode_rows(some) for some in chunks(events, 8_192)]
    partitions = declared_topics().log.partitions
    batches = [Batch.of(one, np.arange(len(one)), partitions, 0) for one in encoded]
    text = "".join(write_event(EVENT_CLASSES[name](**fields)) + "\n" for name, fields in events).encode()
    by_type: dict[str, list[object]] = defaultdict(list)
    for name, fields in events:
        by_type[name].append(fields)
    tables = {name: pa.Table.from_pylist(rows) for name, rows in by_type.items()}

    def ready(topic: str) -> int:
        producer = BatchProducer(topic, producer_settings(bootstrap, {}), lambda error: None, _log)
        producer.cluster(10.0)
        for batch in batches:
            done = 0
            while (done := producer.produce_batch(batch, done)) < len(batch.messages):
                list(producer.reports(0.2))
        while producer.waiting:
            producer.send_now()
            list(producer.reports(0.01))
        producer.close()
        return len(events)

    def of_tables(topic: str) -> int:
        with Publisher(bootstrap, topic) as publisher:
            for name, table in tables.items():
                publisher.publish_table(name, table)
        return len(events)

    def of_lines(topic: str) -> int:
        with Publisher(bootstrap, topic) as publisher:
            return publish_lines(publisher, io.BytesIO(text), "events", on_error=OnError.STOP, complain=print).published

    def one_by_one(topic: str) -> int:
        some = text.splitlines()[: len(events) // 5]
        with Publisher(bootstrap, topic) as publisher:
            for line in some:
                publisher.publish_fields(*read_fields(line))
        return len(some)

    ways: dict[str, Way] = {"ready": ready, "tables": of_tables, "lines": of_lines, "one by one": one_by_one}
    if spool is not None:
        given = spool

        def of_import(topic: str) -> int:
            with closing(Spool(given)) as opened, Publisher(bootstrap, topic) as publisher:
                opened.acknowledge(0)
                return publish_spool(publisher, opened, lambda done, total: None)

        ways["import"] = of_import
    return ways


def timed(way: Way, bootstrap: str) -> dict[str, float]:
    """One run into a topic of its own."""
    topic = f"bench.publishing-{uuid.uuid4().hex}"
    ensure_topics(AdminClient({"bootstrap.servers": bootstrap, "log_level": 0}), declared_topics(topic))
    began_s, cpu_s = time.perf_counter(), time.process_time()
    events = way(topic)
    return {"events": events, "seconds": time.perf_counter() - began_s, "cpu_seconds": time.process_time() - cpu_s}


def main() -> None:
    """See above."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--bootstrap-servers", required=True)
    parser.add_argument("--events", type=int, required=True)
    parser.add_argument("--runs", type=int, required=True)
    options = parser.parse_args()
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    source = programme_fields(max(options.events // 10, 100), SEED)
    events: list[TypedFields] = list(islice(source, options.events))
    with tempfile.TemporaryDirectory(prefix="bench-publishing-") as folder:
        spool = prepared_spool(Path(folder))
        for way in ways_of(events[:WARM_EVENTS], options.bootstrap_servers, spool).values():
            timed(way, options.bootstrap_servers)  # loads the compiled loops
        ways = ways_of(events, options.bootstrap_servers, spool)
        found: dict[str, list[dict[str, float]]] = {name: [] for name in ways}
        for _ in range(options.runs):
            for name, way in ways.items():
                found[name].append(timed(way, options.bootstrap_servers))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
