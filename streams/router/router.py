"""A router: reads inboxes in rounds, sends their records to the log, and commits how far it is."""

import logging
import threading
import time
from collections.abc import Collection, Mapping
from typing import Any, Final

import numpy as np

from dompet.schemas.errors import DompetError
from dompet.schemas.records import Records
from dompet.streams.kafka.admin_session import AdminSession
from dompet.streams.process.log_lines import fields
from dompet.streams.process.patience import Patience, Stopping, Unavailable
from dompet.streams.publishers.entries import Publishers
from dompet.streams.router.commits import Commits
from dompet.streams.router.figures import Figures
from dompet.streams.router.inboxes import Inbox, find_inboxes
from dompet.streams.router.judging import Judged, judge
from dompet.streams.router.lease import Lease
from dompet.streams.router.letters import AllLetters
from dompet.streams.router.log_guard import LogGuard, Target
from dompet.streams.router.member import Member
from dompet.streams.router.offsets import NotOurs, Part
from dompet.streams.router.progress import Progress
from dompet.streams.router.rounds import Round, batches_of, following_of
from dompet.streams.router.sending import RoundFailed, Sender
from dompet.streams.router.succession import take_over

log = logging.getLogger("dompet.router")

_LOOK_S: Final = 2.0
"""How soon a new inbox is seen."""
_IDLE_S: Final = 0.02


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
        self._commits = Commits(admin, log_topic, self._member.offsets, self._lease, patience)
        self._target = Target(log_topic, "", 0)
        self._looked_at = float("-inf")
        self._given: list[Part] | None = None
        self._progress = Progress()
        self._round: Round | None = None
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
        following = {part: offset for inbox, records in found for part, offset in following_of(inbox, records)}
        judged = [(inbox, self._judged(inbox, records)) for inbox, records in found]
        self._finish()
        if found:
            self._send(Round(judged, following))
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

    def _send(self, begun: Round) -> None:
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
        """Commit how far these are settled. Raises NotOurs."""
        self._commits.commit(self._target, self._progress, parts, closed=closed)

    def _take_over(self) -> None:
        """Find out what of the given partitions is on the log, and read on behind it."""
        given = self._given or []
        found = take_over(
            self._kafka, self._group, self._target, self._member, given, self._wait, self._commits.log_ends
        )
        self._commits.keep_ends(found.ends)
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

    def _look_around(self) -> None:
        """Make sure of the log, and see which inboxes there are. Raises OtherLog, UnfitTopic."""
        if time.monotonic() - self._looked_at > _LOOK_S:
            self._finish()  # what may wait for the broker is not done while the lease runs
            self._looked_at = time.monotonic()
            try:
                self._guard.check(self._target)
                known = {one.publisher_id for one in self._publishers.all()}
                found = self._admin.ask(find_inboxes, known & self._only if self._only else known)
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
            part: self._member.offsets.known_end(part) - self._member.caught_up(part, at)
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
