"""The log that a rebuild reads: what it holds, what a journal of it is a function of, whether it is the live one's."""

from collections.abc import Mapping
from typing import Any

from confluent_kafka.admin import AdminClient

from dompet.schemas.errors import DompetError
from dompet.schemas.rules import Rulebook
from dompet.schemas.topics import TopicError
from dompet.streams.kafka.admin import admin_client, cluster, log_offsets
from dompet.streams.kafka.admin_session import AdminSession
from dompet.streams.kafka.topic_guard import TopicGuard
from dompet.streams.pipeline.checkpoints import Identity
from dompet.streams.settings import Settings


class OtherLog(DompetError):
    """The live journal was made from another log, or from more of it than there is."""


class TheLog:
    """The settings' log; TopicError where its topic does not exist, UnfitTopic where a journal of it would be wrong."""

    def __init__(self, settings: Settings) -> None:
        self.kafka: Mapping[str, Any] = settings.kafka_settings()
        self.topic = settings.log_topic
        self.catalogue = settings.topics.catalogue.name
        self._admin: AdminClient = admin_client(settings)
        self._cluster_id = str(cluster(self._admin).cluster_id)
        self.partition_count = len(self.offsets())
        TopicGuard(settings.changed(sweep_seconds=0), AdminSession(settings, self._admin), self.partition_count).check()

    def offsets(self) -> dict[int, tuple[int, int]]:
        """By partition: the first offset, and the one after the last, as they are now."""
        found = log_offsets(self._admin, self.topic)
        if not found:
            raise TopicError(f"topic {self.topic}: does not exist: `dompet topics` creates what is missing")
        return found

    def identity(self, rulebook: Rulebook) -> Identity:
        """What a journal made of it by these rules is a function of. It is to have no other digest than this one."""
        return Identity(self._cluster_id, self.topic, self.partition_count, rulebook.digest())

    def check_same(self, checkpoints: list[dict[str, Any]]) -> None:
        """OtherLog where checkpoints, as the view `checkpoints` shows them, speak of another log than this one."""
        offsets = self.offsets()
        for one in checkpoints:
            place, end = (one["cluster_id"], one["topic"]), offsets.get(int(one["partition"]), (0, 0))[1]
            if place != (self._cluster_id, self.topic):
                raise OtherLog(
                    f"the live journal was made from topic {place[1]} of cluster {place[0]}, and this is topic "
                    f"{self.topic} of cluster {self._cluster_id}: if that is meant, say so by --other-log"
                )
            if int(one["next_offset"]) > end:
                raise OtherLog(
                    f"partition {one['partition']}: the live journal goes up to offset {one['next_offset']}, but the "
                    f"log ends at {end}: records are gone from it; if the journal is to forget them, too, say so by "
                    "--other-log"
                )
