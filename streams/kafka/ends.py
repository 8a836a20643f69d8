"""Where the partitions of a consumer's topic end: as it last heard, or asked of the broker now.

To a reader a partition ends at its last stable offset: behind it is what open transactions have written.
"""

import json
from typing import Final

from confluent_kafka import OFFSET_INVALID, Consumer, KafkaException, TopicPartition

from dompet.streams.kafka.faults import BrokerWatch, LogUnavailable, LogUnreadable, unreadable
from dompet.streams.kafka.transactions import Behind

_ASK_S: Final = 10.0


class LogEnds:
    """The ends of the partitions of a topic. `end` and `behind` do not wait, and may be asked by any thread."""

    def __init__(self, topic: str, watch: BrokerWatch) -> None:
        self._topic = topic
        self._watch = watch
        self._consumer: Consumer
        self._known: dict[int, int] = {}
        self.behind: Behind = {}
        """What is behind an open transaction, as the consumer heard within the last second."""

    def follow(self, consumer: Consumer) -> None:
        """Ask by this consumer, of which `on_statistics` is the `stats_cb`."""
        self._consumer = consumer

    def on_statistics(self, statistics: str) -> None:
        """Take note of librdkafka's statistics: nothing else reports a last stable offset without waiting."""
        topic = json.loads(statistics)["topics"].get(self._topic, {"partitions": {}})
        ends = {int(number): (one["ls_offset"], one["hi_offset"]) for number, one in topic["partitions"].items()}
        self.behind = {number: (stable, end) for number, (stable, end) in ends.items() if 0 <= stable < end}

    def end(self, partition: int) -> int:
        """Where a partition ends, as last heard; 0 where nothing was."""
        if partition in self.behind:
            return self.behind[partition][0]
        ends = self._consumer.get_watermark_offsets(TopicPartition(self._topic, partition), cached=True)
        known = int(ends[1]) if ends and ends[1] != OFFSET_INVALID else 0  # nothing once the group was left
        self._known[partition] = max(known, self._known.get(partition, 0))
        return self._known[partition]

    def read(self, partition: int) -> tuple[int, int]:
        """The first offset of a partition, and its end, now. Raises LogUnreadable."""
        what = f"topic {self._topic}, partition {partition}"
        try:
            ends = self._consumer.get_watermark_offsets(TopicPartition(self._topic, partition), timeout=_ASK_S)
        except KafkaException as error:
            self._watch.refresh_metadata(self._consumer)
            raise unreadable(what, error.args[0]) from None
        if ends is None:
            raise LogUnavailable(f"{what}: the broker did not answer in time")
        self._known[partition] = max(int(ends[1]), self._known.get(partition, 0))
        return int(ends[0]), int(ends[1])

    def count_partitions(self) -> int:
        """How many partitions the topic has. Raises LogUnreadable."""
        try:
            topic = self._consumer.list_topics(self._topic, timeout=_ASK_S).topics[self._topic]
        except KafkaException as error:
            raise unreadable("the Kafka broker cannot be reached", error.args[0]) from None
        if topic.error is not None:
            raise LogUnreadable(f"topic {self._topic}: {topic.error.str()} (`dompet topics` creates what is missing)")
        return len(topic.partitions)
