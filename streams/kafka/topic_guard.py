"""The topics as the journal needs them: a worker makes sure when it starts, and while it runs.

The journal is a function of the log. Where the log loses events, or others than the broker say when an event was
recorded, or a person's partition changes, that function is another one, and nothing in the journal would show it.
"""

import logging
from collections.abc import Iterable
from typing import Final

from confluent_kafka.admin import AdminClient

from dompet.schemas.errors import DompetError
from dompet.schemas.topics import TopicError
from dompet.streams.kafka.admin_session import LIMIT_S, AdminSession
from dompet.streams.kafka.topics import partition_counts, unfit
from dompet.streams.process.patience import Unavailable
from dompet.streams.settings import Settings

log = logging.getLogger("dompet.kafka")

_NO_SWEEP: Final = "deadlines are not swept by such a log, whatever is accepted"


class UnfitTopic(DompetError):
    """A topic is not as the journal, or the catalogue, needs it."""


def unfit_settings(faults: Iterable[str]) -> UnfitTopic:
    """The error for settings that are not as needed, a sentence each, and were not accepted."""
    return UnfitTopic(f"{'; '.join(faults)}: change the topic, or insist with --accept-topic-settings")


def other_partitions(topic: str, count: int, before: int, who: str, done: str) -> UnfitTopic:
    """The error for a log that has other partitions than when `who` started; `done`: what is not done any more."""
    return UnfitTopic(
        f"topic {topic}: it has {count} partitions now, and had {before} when this {who} started: a person's events "
        f"would lie in two of them, so nothing more is {done}"
    )


class TopicGuard:
    """Watches the topics of a worker. For one thread at a time."""

    def __init__(self, settings: Settings, admin: AdminSession, partition_count: int) -> None:
        self._settings = settings
        self._admin = admin
        self._partition_count = partition_count
        self._own_time: list[str] = []
        self.accepted: list[str] = []
        """What is wrong with the topics, and was accepted by a setting."""

    def check(self) -> None:
        """Ask the broker. UnfitTopic where a topic is not as it must be, and that is not accepted; TopicError where it
        does not say, TopicUnavailable where it does not answer.
        """
        self.check_partitions()
        try:
            found = unfit(self._admin.client, self._settings.topics, LIMIT_S)
        except Unavailable:
            self._admin.failed()
            raise
        except TopicError as error:
            found = [f"{error}, so nobody can say whether its settings are right (the right to DescribeConfigs)"]
        found += self._own_time
        self._refuse(found)
        self.accepted = found

    def check_partitions(self) -> None:
        """UnfitTopic where the log has another number of partitions than when the worker started: that is never
        accepted. TopicUnavailable where the broker does not answer.
        """
        topic = self._settings.topics.log
        try:
            count = partition_counts(self._admin.client, [topic], LIMIT_S).get(topic.name, self._partition_count)
        except Unavailable:
            self._admin.failed()
            raise
        if count != self._partition_count:
            raise other_partitions(topic.name, count, self._partition_count, "worker", "stored")

    def refuse_time(self, partition: int, offset: int) -> None:
        """UnfitTopic, unless it is accepted: a record has a time that its publisher gave, whatever the topic's setting
        is now.
        """
        if not self._own_time:
            place = f"topic {self._settings.log_topic}, partition {partition}, offset {offset}"
            self._own_time = [f"{place}: the record's time is its publisher's (CreateTime), not the broker's"]
            self._refuse(self._own_time)
            self.accepted = [*self.accepted, *self._own_time]

    def _refuse(self, faults: list[str]) -> None:
        """UnfitTopic with these sentences; where they are accepted, they are logged once."""
        if not faults:
            return
        said = "; ".join(faults)
        if not self._settings.accept_topic_settings:
            raise unfit_settings(faults)
        if self._settings.sweep_seconds:
            raise UnfitTopic(f"{said}: {_NO_SWEEP}: change the topic, or start without --sweep-seconds")
        for fault in faults:
            if fault not in self.accepted:
                log.warning("%s; accepted by --accept-topic-settings", fault)


def check_for_a_sweep(settings: Settings, admin: AdminClient) -> None:
    """UnfitTopic where deadlines must not be swept: by the log's time, or by what was lost of it, they may be wrong."""
    if found := unfit(admin, settings.topics):
        raise UnfitTopic(f"{'; '.join(found)}: {_NO_SWEEP}: change the topic")
