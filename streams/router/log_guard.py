"""The log as a router needs it: made sure of before it begins, and while it runs.

Where the log was made again, or has other partitions, a person's events would lie in two logs or in two partitions.
"""

from dataclasses import dataclass

from dompet.schemas.errors import DompetError
from dompet.schemas.topics import Topic
from dompet.streams.kafka.admin import KafkaUnreachable
from dompet.streams.kafka.admin_session import LIMIT_S, AdminSession
from dompet.streams.kafka.faults import LogUnavailable
from dompet.streams.kafka.topic_guard import other_partitions, unfit_settings
from dompet.streams.kafka.topics import unfit
from dompet.streams.process.patience import Unavailable
from dompet.streams.router.inboxes import topic_ids


class OtherLog(DompetError):
    """The routers' group routes to another log."""


@dataclass(frozen=True)
class Target:
    """The log."""

    topic: str
    topic_id: str
    partitions: int


class LogGuard:
    """Looks at the log. `accepted`: its settings may be others than are needed."""

    def __init__(self, admin: AdminSession, log: Topic, *, accepted: bool) -> None:
        self._admin = admin
        self._log = log
        self._accepted = accepted

    def target(self) -> Target:
        """The log as it is. OtherLog where there is none, UnfitTopic where it is not as it must be. TopicError where
        the broker does not say, Unavailable where it does not answer.
        """
        if (found := self._found()) is None:
            raise OtherLog(f"topic {self._log.name}: does not exist: `dompet topics` creates what is missing")
        self._check_settings()
        return found

    def check(self, target: Target) -> None:
        """OtherLog or UnfitTopic where it is not as `target` any more; else as above. A broker that is starting may not
        know the log yet.
        """
        found = self._found()
        if found is not None and found.topic_id != target.topic_id:
            raise OtherLog(f"topic {self._log.name}: was deleted and made again while this router ran")
        if found is not None and found.partitions != target.partitions:
            raise other_partitions(self._log.name, found.partitions, target.partitions, "router", "routed")
        self._check_settings()

    def _found(self) -> Target | None:
        try:
            found = topic_ids(self._admin.client, [self._log.name]).get(self._log.name)
        except KafkaUnreachable as error:
            self._admin.failed()
            raise LogUnavailable(str(error)) from None
        return found and Target(self._log.name, *found)

    def _check_settings(self) -> None:
        if self._accepted:
            return
        try:
            faults = unfit(self._admin.client, [self._log], LIMIT_S)
        except Unavailable:
            self._admin.failed()
            raise
        if faults:
            raise unfit_settings(faults)
