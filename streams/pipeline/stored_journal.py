"""What a worker asks of the journal that is stored, before it goes on with it: the questions, without their SQL."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple, Protocol

import pyarrow as pa

from dompet.streams.pipeline.checkpoints import Checkpoint

Kind = Literal["wallet", "order"]
"""Of what the last rows are stored beside the journal."""

KEYS: Final[Mapping[Kind, tuple[str, ...]]] = {
    "wallet": ("beneficiary_id",),
    "order": ("beneficiary_id", "platform_id", "order_id"),
}


@dataclass(frozen=True)
class Tally:
    """What a partition's journal holds below an offset: rows, steps of orders, and by name the sums of
    the effects on the wallets' money.
    """

    rows: int
    steps: int
    money: Mapping[str, int]


class Digest(NamedTuple):
    """Of some rows of the journal: how many, and their digest."""

    rows: int
    digest: int


class StoredJournal(Protocol):
    """The journal, its checkpoints, and the wallets and orders stored beside it. `below` gives the offset of each
    partition that counts, up to which, not including, its rows do.
    """

    def server_start(self) -> int:
        """When the warehouse's server began to run, in seconds since 1970, give or take one. One that started again may
        have lost what it had.
        """

    def makers(self) -> list[Mapping[str, Any]]:
        """Every identity under which the journal was made: the fields of `Identity` that checkpoints carry."""

    def credit_since(self, digest: str, begins_us: int) -> tuple[int, int] | None:
        """The first place (partition, offset) of a credit from that time on which was folded under the rulebook of this
        digest.
        """

    def newest_checkpoints(self, partitions: Collection[int]) -> list[Checkpoint]:
        """The newest of each partition that is not void."""

    def void(self, checkpoint: Checkpoint) -> None:
        """Make it one that nothing looks at."""

    def newest_recorded_us(self, partitions: Collection[int]) -> int:
        """When the newest record that the partitions' checkpoints vouch for came onto the log; 0 without one."""

    def tallies(self, below: Mapping[int, int]) -> dict[int, Tally]:
        """By partition, where there are rows."""

    def digests(self, checkpoints: Iterable[Checkpoint]) -> dict[int, Digest]:
        """By partition, of the rows that each one's batch wrote, where there are any."""

    def last_places(self, kind: Kind, below: Mapping[int, int]) -> pa.Table:
        """Where the last accepted event of each wallet or order is: `partition`, `offset`."""

    def latest(self, kind: Kind, partitions: Collection[int]) -> pa.Table:
        """What is stored of each wallet or order: its keys, partition, version and columns."""

    def rows_at(self, kind: Kind, places: Iterable[tuple[int, int]]) -> pa.Table:
        """The same of the rows of the journal at these places (partition, offset), which it has."""

    def references(self, below: Mapping[int, int]) -> pa.Table:
        """The accepted events that made or changed references: `partition`, `offset`, `type_code`, `beneficiary_id`,
        `id`, `clawback_id` and `amount`. A row may come twice.
        """

    def steps(self, below: Mapping[int, int]) -> int:
        """How many steps are in `step_rows`."""

    def refill(self, table: Literal["wallet_rows", "order_rows", "step_rows"]) -> None:
        """Feed the whole journal to a table that lost rows; what it has is replaced by the same."""
