"""The composition root: settings → the parts of a worker, opened in order and closed in the reverse."""

import logging
import secrets
from contextlib import AbstractContextManager, ExitStack, nullcontext, suppress
from functools import partial
from typing import Any

from confluent_kafka.admin import AdminClient

from dompet.schemas.dead import WrongPartition
from dompet.schemas.topics import TopicError, Topics
from dompet.streams.dead_letters.accepting import accept_dead_letters
from dompet.streams.dead_letters.flood_guard import FloodGuard
from dompet.streams.dead_letters.producer import DeadLetters
from dompet.streams.kafka.admin import admin_client, cluster
from dompet.streams.kafka.admin_session import AdminSession
from dompet.streams.kafka.faults import LogUnavailable, LogUnreadable
from dompet.streams.kafka.group_claim import GroupClaim
from dompet.streams.kafka.topic_guard import TopicGuard
from dompet.streams.kafka.topics import partition_counts
from dompet.streams.pipeline.checkpoints import Identity
from dompet.streams.pipeline.projector import Folded, Projector
from dompet.streams.pipeline.resuming import check_identity
from dompet.streams.pipeline.source import Source
from dompet.streams.pipeline.sql_journal import SqlJournal
from dompet.streams.pipeline.warming import warm_up
from dompet.streams.process.patience import Patience
from dompet.streams.proof.live import announced
from dompet.streams.settings import Settings
from dompet.streams.terminal.figures import plural
from dompet.streams.warehouse import Warehouse, open_warehouse
from dompet.streams.warehouse.generations import check_live
from dompet.streams.warehouse.identity import warehouse_id
from dompet.streams.warehouse.migrate import migrate
from dompet.streams.warehouse.patient import PatientWarehouse

log = logging.getLogger("dompet")


class Pipeline:
    """A worker's parts. `open` may be called once; until then nothing is touched.

    `warehouse` reports faults at once, for who waits for an answer; `patient` is the same one for what must be done.
    `group_moved`: the group fed another warehouse before, and is to feed this one. `beside`: what must be there before
    the warehouse is opened, and may go once it is closed.
    """

    def __init__(
        self, settings: Settings, *, group_moved: bool = False, beside: AbstractContextManager[None] | None = None
    ) -> None:
        self.settings = settings
        self._beside = beside or nullcontext()
        self._group_moved = group_moved
        self.kafka: dict[str, Any] = dict(settings.kafka_settings())
        if "bootstrap.servers" not in self.kafka:
            raise LogUnreadable("no Kafka broker is set: start the local one with `dompet broker`, or set DOMPET_KAFKA")
        self.token = secrets.token_urlsafe(32)
        self.patience = Patience(settings.outage_seconds)
        self._parts = ExitStack()
        self.warehouse: Warehouse
        self.patient: Warehouse
        self.projector: Projector
        self.source: Source
        self.topics: TopicGuard
        self.opened = False

    def open(self) -> None:
        """Open everything, cheapest first; raises DompetError where a setting is wrong or a server away."""
        if self.opened:
            return
        settings = self.settings
        rulebook, topics = settings.rulebook(), settings.topics
        admin = admin_client(settings)
        cluster_id, partition_count = str(cluster(admin).cluster_id), _log_partitions(admin, topics)
        session = AdminSession(settings, admin)
        self.topics = TopicGuard(settings, session, partition_count)
        self.topics.check()
        warm_up()
        with ExitStack() as parts:
            parts.enter_context(self._beside)
            self._open_warehouse(parts)
            parts.enter_context(announced(settings, self.token))
            identity = Identity(
                cluster_id, topics.log.name, partition_count, rulebook.digest(), extended=rulebook.extended()
            )
            check_identity(SqlJournal(self.warehouse), identity)
            self.patient = PatientWarehouse(self.warehouse, self.patience)
            dead_letters = DeadLetters(self.kafka, topics.log.name, topics.dead_letters.name)
            guard = FloodGuard(topics.log.name, settings.dead_share, settings.dead_window)
            accept_dead_letters(self.warehouse, settings)
            self.projector = Projector(self.patient, rulebook, identity, dead_letters, self.patience, guard)
            claim = self._claim(session, partition_count)
            kafka = {**self.kafka, "client.id": claim.client_id(self.kafka.get("client.id"))}
            self.source = Source(
                kafka,
                settings.group,
                topics.log.name,
                self.projector,
                settings.batch,
                settings.batch_bytes,
                self.patience,
                claim,
                self.topics,
            )
            self._parts = parts.pop_all()
        self.opened = True

    def _open_warehouse(self, parts: ExitStack) -> None:
        self.warehouse = open_warehouse(self.settings.warehouse)
        parts.callback(self.warehouse.close)
        made = migrate(self.warehouse)
        for migration in made.applied:
            log.info("applied migration %04d_%s", migration.number, migration.name)
        if made.views:
            log.info("made %s", plural(len(made.views), "view"))

    def store(self, folded: Folded) -> None:
        """Store a batch; Superseded where a rebuild has made another generation of the journal live meanwhile,
        UnfitTopic where records lie in other partitions because the log got more of them.
        """
        check_live(self.patient)
        if any(isinstance(fault, WrongPartition) for fault in folded.decoded.dead.values()):
            self.patience.through(self.topics.check_partitions)
        self.projector.store(folded)

    def _claim(self, admin: AdminSession, partition_count: int) -> GroupClaim:
        """That the group feeds this warehouse. It is looked at before the group is joined, for a worker that joins and
        leaves disturbs all others, and at every assignment. OtherWarehouse where the group feeds another one.
        """
        settings = self.settings
        topic, identify = settings.topics.log.name, partial(warehouse_id, self.patient)
        shown = settings.warehouse_shown
        claim = GroupClaim(admin, settings.group, topic, partition_count, shown, identify, moved=self._group_moved)
        with suppress(LogUnavailable):  # a broker that has just begun may not know of its groups yet
            claim.check()
        return claim

    def close(self) -> None:
        """Close what was opened; the source leaves its group before, in its own thread."""
        self._parts.close()
        self.opened = False


def _log_partitions(admin: AdminClient, topics: Topics) -> int:
    """How many the log has; TopicError where it or another topic does not exist.

    A broker that makes topics by itself would make them with its own settings.
    """
    counts = partition_counts(admin, topics)
    for topic in topics:
        if topic.name not in counts:
            raise TopicError(f"topic {topic.name}: does not exist: `dompet topics` creates what is missing")
    return counts[topics.log.name]
