"""What a router does before it reads partitions that it was given: the third and fourth point of the room's list."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from confluent_kafka import TopicPartition

from dompet.streams.router.already import ends_before, on_the_log
from dompet.streams.router.log_guard import OtherLog, Target
from dompet.streams.router.marks import Mark, lowest
from dompet.streams.router.member import InboxChanged, Member
from dompet.streams.router.offsets import Part


@dataclass(frozen=True)
class Succession:
    """What is known of partitions of inboxes before they are read."""

    offsets: Mapping[Part, int]
    """Where each is to be read from."""
    routed: Mapping[Part, set[int]]
    """Which records from there on are on the log."""
    searched_from: Mapping[Part, tuple[int, ...]]
    """By partition of the log: none of them lies below."""
    ends: tuple[int, ...]
    """The log's, as they were when it was searched."""


def take_over(
    kafka: Mapping[str, Any],
    group: str,
    log: Target,
    member: Member,
    given: Sequence[Part],
    wait: Callable[[], None],
    log_ends: Callable[[], tuple[int, ...]],
) -> Succession:
    """What is to be known of the given partitions. `wait` returns once nothing of a predecessor's is on its way; it is
    asked where one may have something. Raises OtherLog, InboxChanged, LogUnreadable.
    """
    committed = member.offsets.committed(given)
    marks = {part: _mark(group, log, part, one) for part, one in committed.items()}
    if any(mark is not None and not mark.closed for mark in marks.values()):
        wait()
    offsets: dict[Part, int] = {}
    begins: dict[Part, tuple[int, ...]] = {}
    for part, mark in marks.items():
        low, high = member.offsets.ends(part)
        offsets[part] = committed[part].offset if mark is not None else low
        _check_range(part, offsets[part], low, high)
        place = part[0].topic, part[1]
        begins[part] = mark.ends if mark is not None else ends_before(kafka, log.topic, log.partitions, *place)
    ends = log_ends()
    wanted = {(inbox.topic_id, partition): offset for (inbox, partition), offset in offsets.items()}
    found = on_the_log(kafka, log.topic, lowest(list(begins.values())), ends, wanted) if begins else {}
    return Succession(offsets, {part: found[part[0].topic_id, part[1]] for part in given}, begins, ends)


def _mark(group: str, log: Target, part: Part, committed: TopicPartition) -> Mark | None:
    """What a predecessor left; None where nothing of it counts."""
    mark = Mark.of(committed.metadata) if committed.offset >= 0 else None
    inbox, _ = part
    if mark is not None and mark.log_id != log.topic_id:
        raise OtherLog(
            f"group {group} routed {inbox.topic} to another log than {log.topic}, or to one of that name that was made "
            "before: name another group by --router-group"
        )
    if mark is None or mark.inbox_id != inbox.topic_id:
        return None
    if len(mark.ends) != log.partitions:
        raise OtherLog(
            f"topic {log.topic}: it has {log.partitions} partitions now, and had {len(mark.ends)} when {inbox.topic}"
            " was routed: a person's events would lie in two of them, so nothing more is routed"
        )
    return mark


def _check_range(part: Part, offset: int, low: int, high: int) -> None:
    if not low <= offset <= high:
        raise InboxChanged(
            f"topic {part[0].topic}, partition {part[1]}: it is routed up to offset {offset} and holds {low} to {high}:"
            " records are gone that are not on the log"
        )
