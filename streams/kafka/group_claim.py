"""Which warehouse a group of workers feeds. Workers of one group share the log: two warehouses would get half each.

The group itself says it, in two places. Each member's client id names its warehouse, so in any generation of the group
every member sees whether another warehouse's is among those that share the log, before it reads anything. And each
committed offset carries the warehouse in its metadata, from a member's first assignment on, so that the group remembers
while nobody is in it.
"""

from collections.abc import Callable, Collection, Iterator
from contextlib import closing
from typing import Final, NamedTuple, Protocol, Self

from confluent_kafka import KafkaException, TopicPartition

from dompet.schemas.errors import DompetError
from dompet.streams.kafka.admin_session import LIMIT_S, AdminSession
from dompet.streams.kafka.faults import unreadable
from dompet.streams.process.patience import Unavailable

_MARK: Final = "dompet-warehouse"
_SHOWN_MAX: Final = 500
"""Characters of a warehouse's URL; brokers take 4,096 bytes of metadata by default."""
_APART: Final = "|"
"""Between the parts of a client id: no topic's name has it."""


class OtherWarehouse(DompetError):
    """The group feeds another warehouse than this worker's."""


class Identity(Protocol):
    """A warehouse's ids: those that copies of it share, and its own."""

    @property
    def lines(self) -> tuple[str, ...]:
        """At least one."""

    @property
    def own(self) -> tuple[str, ...]:
        """At least one."""


class Fed(NamedTuple):
    """A warehouse that a group feeds: its line and its own id, and its URL without secrets."""

    line: str
    own: str
    shown: str

    @classmethod
    def of(cls, metadata: str | None) -> Self | None:
        """What a committed offset says; None where it says nothing of a warehouse."""
        parts = (metadata or "").split(" ", 3)
        return cls(*parts[1:]) if len(parts) == 4 and parts[0] == _MARK else None

    @property
    def metadata(self) -> str:
        """As a committed offset says it."""
        return f"{_MARK} {self.line} {self.own} {self.shown[:_SHOWN_MAX]}"

    def __str__(self) -> str:
        return f"{self.shown or 'one'} (id {self.own})"


class GroupClaim:
    """A worker's claim that the group feeds its warehouse. For one thread at a time.

    `identify` asks the warehouse for its ids. `moved`: the group may have fed another warehouse before.
    """

    def __init__(
        self,
        admin: AdminSession,
        group: str,
        topic: str,
        partition_count: int,
        shown: str,
        identify: Callable[[], Identity],
        *,
        moved: bool,
    ) -> None:
        self._admin = admin
        self._group = group
        self._topic = topic
        self._partition_count = partition_count
        self._identify = identify
        found = identify()
        self._mine = Fed(found.lines[0], found.own[0], shown)
        self._moved = moved
        self.metadata = self._mine.metadata

    def client_id(self, named: str | None) -> str:
        """A member's client id, which begins with the one that the settings name."""
        return _APART.join((named or "dompet", self._mine.own, self._topic))

    def check(self) -> None:
        """OtherWarehouse where the group feeds another one; LogUnavailable where the broker does not answer.

        To be asked before the group is joined, and at every assignment before anything is read. Of two that meet in a
        new group, the one with the lower id stays, which both see alike.
        """
        found = self._identify()
        try:
            committed, members = list(self._committed_feeds()), dict(self._member_feeds())
        except Unavailable:
            self._admin.failed()
            raise
        for other in committed if not self._moved else ():
            if other.line not in found.lines:
                raise self._refusal(str(other), "move the group here by --move-group, once nobody feeds that one")
        named = {one.own: one for one in committed}
        for own, host in members.items():
            if own not in found.own and self._gives_way(own, named):
                raise self._refusal(f"{named.get(own, Fed('', own, ''))} from {host}", "stop the workers that feed it")

    def _gives_way(self, other: str, named: Collection[str]) -> bool:
        """Whether the other warehouse stays: the one that the group's offsets name, else that with the lower id."""
        mine = self._mine.own
        return other in named if (mine in named) != (other in named) else other < mine

    def _refusal(self, other: str, how: str) -> OtherWarehouse:
        return OtherWarehouse(
            f"group {self._group} feeds the warehouse {other}, and this worker has {self._mine}: workers of a group "
            f"share the log, so each warehouse would lack what the other got: name another group by --group, or {how}"
        )

    def _committed_feeds(self) -> Iterator[Fed]:
        """What the group's committed offsets say.

        A consumer asks for them: where the broker answers with an error, confluent-kafka's admin client (2.16.1)
        crashes the process.
        """
        partitions = [TopicPartition(self._topic, number) for number in range(self._partition_count)]
        try:
            with closing(self._admin.consumer(self._group)) as consumer:
                offsets = consumer.committed(partitions, timeout=LIMIT_S)
        except KafkaException as error:
            raise unreadable(f"the offsets of group {self._group}", error.args[0]) from None
        yield from (fed for one in offsets if (fed := Fed.of(one.metadata)))

    def _member_feeds(self) -> Iterator[tuple[str, str]]:
        """The warehouses that members of the group feed from the same log, each with a member's host."""
        answers = self._admin.client.describe_consumer_groups([self._group], request_timeout=LIMIT_S)
        try:
            members = answers[self._group].result().members
        except KafkaException as error:
            raise unreadable(f"the members of group {self._group}", error.args[0]) from None
        for member in members:
            match member.client_id.rsplit(_APART, 2):
                case [_, own, self._topic]:
                    yield own, member.host.lstrip("/")
