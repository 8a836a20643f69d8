"""Redriving: a record of the log is published again, once, under headers that name its origin, and that is kept.

An intent is stored before a record is published, and becomes done after it. Where a crash came between the two, the
next redrive of the record looks into the log, from where it ended before, for the intent's own header: what was
published is done, what was not is void. So a crash leaves nothing that is published twice or not known.
"""

import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final, NamedTuple

from dompet.schemas.dead import DeadRecord
from dompet.schemas.errors import DompetError
from dompet.schemas.murmur2 import partition_of
from dompet.schemas.wire import examine
from dompet.streams.dead_letters.actions import (
    DISCARD,
    DONE,
    INTENDED,
    REDRIVE,
    VOID,
    Action,
    Ledger,
    new_action,
    read_actions,
    write_actions,
)
from dompet.streams.kafka.publications import Publication, publish
from dompet.streams.kafka.records import HEADER, LogReader
from dompet.streams.parsing.places import Place

UNCHANGED, REKEYED, REBUILT, JSON, VALUE = "unchanged", "rekeyed", "rebuilt", "json", "value"

_PART: Final = 500
"""Records redriven at a time: a crash leaves no more of them in doubt."""
_DOUBT_S: Final = 90
"""How long a publisher may still be at it: three times as long as a record may take to be delivered."""


class NotRedriven(DompetError):
    """Records were not published, or nobody knows yet."""


@dataclass(frozen=True)
class Item:
    """A record to publish, and the place of the original; `change` says how the two differ."""

    place: Place
    key: bytes | None
    value: bytes | None
    change: str = UNCHANGED
    note: str = ""

    def partition(self, partition_count: int) -> int:
        """Where it is published: the partition of its key; without one, the origin's."""
        return self.place.partition if self.key is None else partition_of(self.key, partition_count)

    def fault(self, partition_count: int) -> DeadRecord | None:
        """Why it would be a dead letter again; None where it would not."""
        try:
            examine(self.key, self.value, self.partition(partition_count), partition_count)
        except DeadRecord as fault:
            return fault
        return None


class Refused(NamedTuple):
    """A record that was not redriven, and why."""

    place: Place
    why: str


class Redriver:
    """Redrives records of the log `topic` for the person `by`. `clock_us` is now, in UTC microseconds."""

    def __init__(self, ledger: Ledger, reader: LogReader, kafka: Mapping[str, str], topic: str, by: str) -> None:
        self._ledger = ledger
        self._reader = reader
        self._kafka = kafka
        self._topic = topic
        self._by = by

    def refusals(self, places: Sequence[Place]) -> dict[Place, str]:
        """Which of the records may not be redriven unless forced, and why: they were redriven or discarded before, or
        are themselves what a redrive published. What a crash left in doubt is settled first.
        """
        actions = self._settled(read_actions(self._ledger, self._topic))
        wanted, found = set(places), {}
        for one in actions:
            if one.stage == VOID:
                continue
            if one.kind == REDRIVE and one.stage == DONE and (made := Place(one.to_partition, one.to_offset)) in wanted:
                found[made] = f"it is itself what the redrive of {one.place} published, {one.stamp}"
            if one.place not in wanted:
                continue
            if one.kind == REDRIVE and one.stage == INTENDED:
                found[one.place] = f"a redrive of it began {one.stamp} and is not known to be over: try in a minute"
            elif one.kind == REDRIVE:
                found[one.place] = f"it was redriven {one.stamp}, to {one.to_partition}:{one.to_offset}"
            elif one.kind == DISCARD:
                found[one.place] = f"it was discarded {one.stamp}: {one.note}"
        return found

    def redrive(self, items: Sequence[Item], *, force: bool = False) -> tuple[list[Action], list[Refused]]:
        """Publish the items, in order, but for those that may not be redriven: what was done, and what was refused.

        NotRedriven where the log did not acknowledge all of them; DompetError where a server does not answer.
        """
        refusals = {} if force else self.refusals([item.place for item in items])
        left = [item for item in items if item.place not in refusals]
        done: list[Action] = []
        refused = [Refused(place, why) for place, why in refusals.items()]
        for at in range(0, len(left), _PART):
            part = left[at : at + _PART]
            actions, busy = self._intended(part, force)
            refused += busy
            done += self._published([item for item in part if item.place in actions], actions)
        return done, refused

    def _intended(self, items: Sequence[Item], force: bool) -> tuple[dict[Place, Action], list[Refused]]:
        """Store the intent to redrive these; without those that somebody else is redriving at this moment."""
        count, ends = self._reader.partition_count(), dict[int, int]()
        mine: dict[Place, Action] = {}
        for item in items:
            to = item.partition(count)
            ends[to] = ends[to] if to in ends else self._reader.ends(to)[1]
            action = new_action(self._topic, item.place, REDRIVE, INTENDED, self._by, item.note)
            digest = hashlib.sha256(item.value or b"").hexdigest()
            mine[item.place] = replace(
                action, change=item.change, value_sha256=digest, to_partition=to, look_from=ends[to]
            )
        write_actions(self._ledger, list(mine.values()))
        began_us = min(one.acted_at_us for one in mine.values())
        ids = {one.action_id for one in mine.values()}
        others = {
            one.place: one
            for one in read_actions(self._ledger, self._topic, mine)
            if one.kind == REDRIVE and one.action_id not in ids
            if one.stage == INTENDED or (one.stage == DONE and one.acted_at_us >= began_us and not force)
        }
        # Each of two sees the other's intent or is seen: both may give way, but never do both go on.
        if others:
            write_actions(self._ledger, [mine[place].at_stage(VOID) for place in others])
        busy = [Refused(place, f"another redrive of it began {one.stamp}") for place, one in others.items()]
        return {place: one for place, one in mine.items() if place not in others}, busy

    def _published(self, items: Sequence[Item], actions: Mapping[Place, Action]) -> list[Action]:
        records = [
            Publication(one.action_id, one.to_partition, item.key, item.value, tuple(_headers(one)))
            for item in items
            for one in [actions[item.place]]
        ]
        offsets, why = publish(self._kafka, self._topic, records)
        done = [one.at_stage(DONE, offsets[one.action_id]) for one in actions.values() if one.action_id in offsets]
        if done:
            write_actions(self._ledger, done)
        if why:
            first = next(one.place for one in actions.values() if one.action_id not in offsets)
            raise NotRedriven(
                f"{len(actions) - len(done)} of {len(actions)} records were not acknowledged, the first of {first}: "
                f"{why}; whether they are in the log is looked up when they are redriven again, in a minute"
            )
        return done

    def _settled(self, actions: Sequence[Action]) -> list[Action]:
        """The actions, with what became of those that were intended and not reported as done."""
        doubtful = [one for one in actions if one.kind == REDRIVE and one.stage == INTENDED]
        found: dict[str, Place] = {}
        for partition in {one.to_partition for one in doubtful}:
            mine = [one for one in doubtful if one.to_partition == partition]
            since = max(min(one.look_from for one in mine), self._reader.ends(partition)[0])
            found.update(self._reader.redriven(partition, since, {one.action_id for one in mine}))
        old_us = time.time_ns() // 1000 - _DOUBT_S * 1_000_000
        settled = {
            one.action_id: one.at_stage(DONE, place.offset) if place else one.at_stage(VOID)
            for one in doubtful
            if (place := found.get(one.action_id)) or one.acted_at_us < old_us
        }
        if settled:
            write_actions(self._ledger, list(settled.values()))
        return [settled.get(one.action_id, one) for one in actions]


def _headers(action: Action) -> list[tuple[str, bytes]]:
    moment = datetime.fromtimestamp(action.acted_at_us / 1_000_000, UTC)
    said = {
        "topic": action.topic,
        "partition": str(action.partition),
        "offset": str(action.offset),
        "by": action.acted_by,
        "at": moment.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "action": action.action_id,
    }
    return [(HEADER + name, value.encode()) for name, value in said.items()]
