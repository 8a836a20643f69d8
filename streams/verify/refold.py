"""The fold done again: the log → journal rows and state, from nothing, without a warehouse."""

import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from dompet.projections.fold import Fold
from dompet.projections.invariants import check
from dompet.projections.journal import journal_rows
from dompet.projections.laws import Laws
from dompet.projections.result import Result
from dompet.projections.state import State
from dompet.schemas.decode import Decoded, decode
from dompet.schemas.records import Records
from dompet.schemas.rules import Rulebook
from dompet.streams.kafka.faults import LogUnreadable
from dompet.streams.kafka.spans import read_log


@dataclass(frozen=True)
class Refolded:
    """A batch of the log as the fold decided it."""

    decoded: Decoded
    result: Result
    state: State
    laws: Laws

    @cached_property
    def rows(self) -> Mapping[str, Any]:
        """The journal's rows: by column, as `journal_rows` gives them. Made when they are asked for; the next batch may
        be folded meanwhile, for a result keeps what was, and a text that has a number stays where it is.
        """
        return journal_rows(self.decoded, self.result, self.state, self.laws)

    def __len__(self) -> int:
        return len(self.decoded.records)


class Refold:
    """A fold that begins with nothing. Its state after a batch is that of a worker that has read as far."""

    def __init__(self, rulebook: Rulebook) -> None:
        self._fold = Fold(rulebook, seed=secrets.randbits(64))

    @property
    def state(self) -> State:
        """Wallets, orders and references as the last batch left them."""
        return self._fold.state

    @property
    def laws(self) -> Laws:
        """The rules as the fold has them."""
        return self._fold.laws

    def apply(self, records: Records) -> Refolded:
        """Fold the next batch; InvariantBroken where a wallet is not as every wallet must be."""
        decoded = decode(records)
        result = self._fold.apply(decoded)
        check(decoded, result)
        return Refolded(decoded, result, self.state, self.laws)


@dataclass(frozen=True)
class Log:
    """A log as it can be read: how to reach its broker, what each partition held (first offset, end), and about how
    many bytes of keys and values a batch of it has at most. `look` asks for the offsets again.
    """

    kafka: Mapping[str, Any]
    topic: str
    offsets: Mapping[int, tuple[int, int]]
    batch_bytes: int
    look: Callable[[], Mapping[int, tuple[int, int]]] = dict

    def ends(self) -> dict[int, int]:
        """Where each partition ends now."""
        return {partition: end for partition, (_, end) in (self.look() or self.offsets).items()}

    def batches(self, ends: Mapping[int, int], size: int = 50_000) -> Iterator[Records]:
        """The records of the partitions named, from offset 0 up to their ends, in batches.

        LogUnreadable where the log no longer begins at 0: a fold from nothing needs all of it.
        """
        for partition in ends:
            first = self.offsets[partition][0]
            if first > 0:
                raise LogUnreadable(
                    f"topic {self.topic}, partition {partition}: the log begins at offset {first}: "
                    "what was before is gone, so it cannot be folded from its start"
                )
        spans = {partition: (0, end) for partition, end in ends.items()}
        return read_log(self.kafka, self.topic, len(self.offsets), spans, size, self.batch_bytes)

    def refold(self, refold: Refold, ends: Mapping[int, int], size: int = 50_000) -> Iterator[Refolded]:
        """The same, each batch folded by `refold`, whose state is that after the batch."""
        return map(refold.apply, self.batches(ends, size))
