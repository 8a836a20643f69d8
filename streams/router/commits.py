"""Commits of how far inboxes are routed, each offset with a mark: the second point of the room's list."""

import time
from collections.abc import Collection
from typing import Final

from confluent_kafka import TopicPartition

from dompet.streams.kafka.admin import log_offsets
from dompet.streams.kafka.admin_session import AdminSession
from dompet.streams.process.patience import Patience
from dompet.streams.router.lease import Lease
from dompet.streams.router.log_guard import Target
from dompet.streams.router.marks import Mark, ends_of
from dompet.streams.router.offsets import Offsets, Part
from dompet.streams.router.progress import Progress

_ENDS_S: Final = 5.0
"""How old the ends in a mark may be: what a successor has to search."""


class Commits:
    """Those of one router; a lease begins with each. For one thread."""

    def __init__(self, admin: AdminSession, log_topic: str, offsets: Offsets, lease: Lease, patience: Patience) -> None:
        self._admin = admin
        self._log = log_topic
        self._offsets = offsets
        self._lease = lease
        self._patience = patience
        self._ends: tuple[int, ...] = ()
        self._ends_at = float("-inf")

    def log_ends(self) -> tuple[int, ...]:
        """The log's end now, by partition. Raises LogUnavailable."""
        return ends_of(self._admin.ask(log_offsets, self._log))

    def keep_ends(self, ends: tuple[int, ...]) -> None:
        """For marks: the log's ends as they are now."""
        self._ends, self._ends_at = ends, time.monotonic()

    def commit(self, target: Target, progress: Progress, parts: Collection[Part], *, closed: bool = False) -> None:
        """Commit how far these are settled. `closed`: nothing more is sent. Raises NotOurs, Stopping, OutageTooLong."""
        if time.monotonic() - self._ends_at > _ENDS_S:
            self.keep_ends(self._patience.through(self.log_ends))
        offsets = [self._marked(target, progress, part, closed) for part in parts]
        self._patience.through(self._commit_once, offsets)
        progress.unmarked -= set(parts)

    def _marked(self, target: Target, progress: Progress, part: Part, closed: bool) -> TopicPartition:
        inbox, partition = part
        mark = Mark(target.topic_id, inbox.topic_id, progress.ends_of(part, self._ends), closed)
        return TopicPartition(inbox.topic, partition, progress.settled[part], mark.metadata)

    def _commit_once(self, offsets: list[TopicPartition]) -> None:
        began = self._lease.now()
        self._offsets.commit(offsets)
        self._lease.begin(began)
