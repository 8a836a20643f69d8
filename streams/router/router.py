"""The router: the inboxes' records → the log, each exactly once, without transactions.

What is to be prevented: a record that two routers send, or one router twice; and one that none sends. What is there to
prevent it: the broker takes the records of one producer's partition in order and once each (idempotence), the group
takes a commit of its present members only, and each record on the log names its place in the inbox.

1. The routers are a consumer group over all partitions of all inboxes. A router works in rounds. A round is what it
   read; one is on its way at a time; it is over when the broker has acknowledged all of its records. Then the offsets
   behind it are committed, synchronously, and only then the next round is handed over.
2. With each offset a mark is committed (`marks`): the log's ends as they were at some time before. As nothing at or
   above the offset was sent before the commit, such a record can be on the log only at or behind these ends. That stays
   true of any mark for ever, so an old one costs a longer search and nothing else. (Where a predecessor's records lie
   above the offset, the mark has the ends from which on they were found, until the offset is behind them.)
3. A router that is given a partition searches the log from the mark's ends on for the headers of records that came from
   there, at or above the offset: a predecessor's last round, or a part of it. Those are not sent again; all others are.
   Of each partition of the log a round that failed left a beginning (idempotence), so a person's order is kept.
4. Before the search nothing of a predecessor may be on its way. One that gives a partition back in order says so: its
   last mark is closed. For any other a successor waits, from its assignment on, for the longest that a lease lasts, and
   a margin. A lease begins before a commit is sent that the group then takes; the group took it before it gave the
   partition to the successor, so the predecessor's lease is over by then. At its end the kernel kills a router that has
   records on their way (`Deadline`): also one that was stopped, or not given the processor, between its last look at
   the clock and its sending. Its sockets end with it, and nothing that they still hold is sent (`sockets`).
5. Where a round fails (a report says so, or does not come in time) the router closes its producer and does as a
   successor does: it waits, searches, and goes on. Nothing is sent again on a guess.
6. A mark names the inbox's topic and the log's by their ids: a topic that was made again is another one, whose records
   are all to be routed; another log is refused.

What is assumed: a broker that answers has dealt within the margin (two seconds) with what a dead connection had sent;
and the machine's clock goes on while it is stopped (a virtual machine that is frozen with its clock, and later thawed
in the middle of sending, is beyond this).

What is refused goes to the inbox's dead letters before its offset is committed: at least once, by its place. The inbox
of somebody who has no entry among the publishers is left as it is: nothing of it is lost until the entry comes.
"""

import logging
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from confluent_kafka import TopicPartition

from dompet.schemas.errors import DompetError
from dompet.schemas.records import Records
from dompet.streams.kafka.admin import log_offsets
from dompet.streams.kafka.admin_session import AdminSession
from dompet.streams.kafka.faults import LogUnavailable
from dompet.streams.process.log_lines import fields
from dompet.streams.process.patience import Patience, Stopping, Unavailable
from dompet.streams.publishers.entries import Publishers
from dompet.streams.router.figures import Figures
from dompet.streams.router.inboxes import Inbox, find_inboxes
from dompet.streams.router.judging import Judged, judge
from dompet.streams.router.lease import Lease
from dompet.streams.router.letters import AllLetters
from dompet.streams.router.log_guard import LogGuard, Target
from dompet.streams.router.marks import Mark, ends_of
from dompet.streams.router.member import Member, NotOurs, Part
from dompet.streams.router.progress import Progress
from dompet.streams.router.rounds import batches_of
from dompet.streams.router.sending import RoundFailed, Sender
from dompet.streams.router.succession import take_over

log = logging.getLogger("dompet.router")

_LOOK_S: Final = 2.0
"""How soon a new inbox is seen."""
_ENDS_S: Final = 5.0
"""How old the ends in a mark may be: what a successor has to search."""
_IDLE_S: Final = 0.02


@dataclass
class _Round:
    """What is on its way."""

    judged: list[tuple[Inbox, Judged]]
    following: dict[Part, int]
    """By partition, the offset behind its last record of the round."""


class Router:
    """For one thread, but for `stop`."""

    def __init__(
        self,
        kafka: Mapping[str, Any],
        group: str,
        log_topic: str,
        admin: AdminSession,
        guard: LogGuard,
        patience: Patience,
        batch: int,
        batch_bytes: int,
        lease_s: float,
        publishers: Publishers,
        only: frozenset[str],
    ) -> None:
        """`publishers`: whose inboxes are routed; of these alone, if any, that `only` names."""
        self._kafka = kafka
        self._group = group
        self._log = log_topic
        self._admin = admin
        self._guard = guard
        self._patience = patience
        self._batch = batch
        self._batch_bytes = batch_bytes
        self._publishers = publishers
        self._only = only
        self._lease = Lease(lease_s)
        self._sender = Sender(kafka, log_topic, self._lease, batch)
        self._letters = AllLetters(kafka, patience)
        self._member = Member(kafka, group, log_topic, patience, self._on_assign, self._on_revoke)
        self._stopping = threading.Event()
        self._target = Target(log_topic, "", 0)
        self._ends: tuple[int, ...] = ()
        self._ends_at = self._looked_at = float("-inf")
        self._given: list[Part] | None = None
        self._progress = Progress()
        self._round: _Round | None = None
        self.figures = Figures()

    def run(self) -> None:
        """Route until `stop`. DompetError where it cannot go on."""
        self._target = self._patience.through(self._guard.target)
        try:
            while not self._stopping.is_set():
                self._step()
        except Stopping:
            pass
        finally:
            self._member.close()
            self._sender.close()
            self._lease.lift()

    def stop(self) -> None:
        """End in order, soon."""
        self._stopping.set()
        self._patience.stop()

    def _step(self) -> None:
        self._member.serve()
        try:
            self._look_around()
            if self._given is not None:
                self._patience.through(self._take_over)
            self._route()
        except NotOurs:
            self._let_go()
        except RoundFailed as failure:
            log.warning("%s; what of it is on the log is looked for", failure)
            self._abandon()
            self._member.interrupt()
            self._given = list(self._progress.settled)

    def _route(self) -> None:
        """Read, and look at what was read, while the last round is on its way."""
        if self._member.detours:
            self._finish()
        busy = self._round is not None
        found = self._member.read(self._batch, self._batch_bytes, 0.0 if busy else _IDLE_S, quickly=busy)
        following = {part: offset for inbox, records in found for part, offset in _following(inbox, records)}
        judged = [(inbox, self._judged(inbox, records)) for inbox, records in found]
        self._finish()
        if found:
            self._send(_Round(judged, following))
        else:
            self._member.look()
            self._pass_holes()
            self._show_lags()

    def _judged(self, inbox: Inbox, records: Records) -> Judged:
        """What of the records goes where, but for those that are on the log already."""
        for partition in np.unique(records.partition).tolist():
            if routed := self._progress.routed((inbox, partition)):
                there = (records.partition == partition) & np.isin(records.offset, list(routed))
                records = records.take(np.flatnonzero(~there))
        entry = self._publishers.get(inbox.publisher)
        admitted = entry is not None and not entry.suspended
        return judge(inbox.publisher, records, self._target.partitions, admitted=admitted)

    def _send(self, begun: _Round) -> None:
        self._patience.through(self._sender.open)
        while not self._lease.is_fresh or self._progress.unmarked:
            self._commit(self._progress.unmarked | begun.following.keys())
        self._lease.arm()
        self._round = begun
        for inbox, judged in begun.judged:
            for batch in batches_of(inbox, judged):
                self._sender.send(batch)

    def _finish(self) -> None:
        """Wait for the round's end, and commit it."""
        if self._round is None:
            return
        self._sender.finish()
        self._lease.lift()
        done, self._round = self._round, None
        for inbox, judged in done.judged:
            self._letters.send(inbox, judged.refused)
            self.figures.count(inbox.publisher, len(judged.rows), judged.refused)
        self._progress.settle(done.following)
        self._commit(set(done.following))

    def _commit(self, parts: Collection[Part], *, closed: bool = False) -> None:
        """Commit how far these are settled; a lease begins with it. Raises NotOurs."""
        if time.monotonic() - self._ends_at > _ENDS_S:
            self._ends, self._ends_at = self._patience.through(self._log_ends), time.monotonic()
        self._patience.through(self._commit_once, [self._marked(part, closed) for part in parts])
        self._progress.unmarked -= set(parts)

    def _marked(self, part: Part, closed: bool) -> TopicPartition:
        inbox, partition = part
        mark = Mark(self._target.topic_id, inbox.topic_id, self._progress.ends_of(part, self._ends), closed)
        return TopicPartition(inbox.topic, partition, self._progress.settled[part], mark.metadata)

    def _commit_once(self, offsets: list[TopicPartition]) -> None:
        began = self._lease.now()
        self._member.commit(offsets)
        self._lease.begin(began)

    def _take_over(self) -> None:
        """Find out what of the given partitions is on the log, and read on behind it."""
        given = self._given or []
        found = take_over(self._kafka, self._group, self._target, self._member, given, self._wait, self._log_ends)
        self._ends, self._ends_at = found.ends, time.monotonic()
        self._progress, self._given = Progress(found), None
        self._member.begin(found.offsets)
        routed = sum(map(len, found.routed.values()))
        self.figures.taken_over(routed)
        numbers = fields(partitions=len(given), routed=routed)
        log.info(
            "took over %d partitions; %d records behind the marks are on the log", len(given), routed, extra=numbers
        )

    def _wait(self) -> None:
        """Until nothing of a predecessor's is on its way. Raises Stopping."""
        self._patience.wait(self._lease.wait_s)

    def _log_ends(self) -> tuple[int, ...]:
        return ends_of(self._ask(log_offsets, self._log))

    def _ask(self, ask: Callable[..., Any], *args: Any) -> Any:
        try:
            return ask(self._admin.client, *args)
        except DompetError as error:
            self._admin.failed()
            raise LogUnavailable(str(error)) from None

    def _look_around(self) -> None:
        """Make sure of the log, and see which inboxes there are. Raises OtherLog, UnfitTopic."""
        if time.monotonic() - self._looked_at > _LOOK_S:
            self._finish()  # what may wait for the broker is not done while the lease runs
            self._looked_at = time.monotonic()
            try:
                self._guard.check(self._target)
                known = {one.publisher_id for one in self._publishers.all()}
                found = self._ask(find_inboxes, known & self._only if self._only else known)
            except Unavailable as error:
                log.debug("the log and the inboxes could not be looked at: %s", error)
            else:
                self._member.follow(found)

    def _pass_holes(self) -> None:
        """Commit behind offsets that have no record: transactions' markers, and what was aborted."""
        settled = self._progress.settled
        passed = {part: self._member.caught_up(part, offset) for part, offset in settled.items()}
        further = {part: offset for part, offset in passed.items() if offset > settled[part]}
        if further:
            self._progress.settle(further)
            self._commit(further)

    def _show_lags(self) -> None:
        lags = {
            part: self._member.known_end(part) - self._member.caught_up(part, at)
            for part, at in self._progress.settled.items()
        }
        self.figures.show(lags)

    def _on_assign(self, parts: list[Part]) -> None:
        self._given = parts

    def _on_revoke(self) -> None:
        """End what is on its way, and say so to who comes next."""
        try:
            self._finish()
            if self._progress and self._given is None:
                self._commit(self._progress.settled.keys(), closed=True)
        except (NotOurs, Stopping, DompetError) as error:
            log.info("the partitions were given back without a last mark: %s", error or "they are another's already")
            if self._round is not None:
                self._abandon()
        self._let_go()

    def _abandon(self) -> None:
        """Give up the round: whether its records are on the log is for who reads on to find out."""
        self._sender.close()
        self._lease.lift()
        self._lease.end()
        self._round = None
        self._member.drop()

    def _let_go(self) -> None:
        self._member.drop()
        self._lease.end()
        self._progress, self._given = Progress(), None


def _following(inbox: Inbox, records: Records) -> Iterator[tuple[Part, int]]:
    """By partition, the offset behind its last record."""
    for partition in np.unique(records.partition).tolist():
        yield (inbox, partition), int(records.offset[records.partition == partition][-1]) + 1
