"""What requests wait for: records that were handed over, and what the broker reports of them. For one event loop."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import numpy as np
from confluent_kafka import KafkaError

from dompet.schemas.varints import Longs
from dompet.streams.kafka.batches import Report

_ROW_BITS: Final = 24
"""Of a record's number: so many are its row, the others its delivery's."""
_ROW: Final = (1 << _ROW_BITS) - 1


class Outcomes:
    """What became of records, in their order. `errors` is 0 where a record is on the log."""

    def __init__(self, size: int) -> None:
        found = np.zeros((3, size), dtype=np.int64)
        self.errors: Longs = found[0]
        self.places: Longs = found[1:]
        """The partition and the offset of each."""

    def __len__(self) -> int:
        return len(self.errors)

    def place(self, row: int) -> tuple[int, int]:
        """The partition and the offset of a record that is on the log."""
        return int(self.places[0, row]), int(self.places[1, row])

    def why(self, row: int) -> str:
        """Why a record is not known to be on the log; empty where it is."""
        code = int(self.errors[row])
        if code == KafkaError._QUEUE_FULL:
            return "the gateway's queue is full"
        return KafkaError(code).str() if code else ""


class Delivery:
    """Records that one request waits for."""

    def __init__(self, number: int, size: int) -> None:
        self.first_number = number << _ROW_BITS
        self._outcomes = Outcomes(size)
        self._left = size
        self._whole: asyncio.Future[None] | None = None

    async def outcomes(self) -> Outcomes:
        """What became of all of them."""
        if self._left:
            self._whole = asyncio.get_running_loop().create_future()
            await self._whole
        return self._outcomes

    def stop_at(self, row: int, error: int) -> None:
        """No record from this one on was handed over."""
        self._outcomes.errors[row:] = error
        self._left -= len(self._outcomes.errors) - row

    def take(self, rows: Longs, errors: Longs, places: Longs) -> None:
        """What is reported of these rows, once for each."""
        self._outcomes.errors[rows] = errors
        self._outcomes.places[:, rows] = places
        self._left -= len(rows)
        if not self._left and self._whole is not None and not self._whole.done():
            self._whole.set_result(None)


class Deliveries:
    """All that are waited for."""

    def __init__(self) -> None:
        self._open: dict[int, Delivery] = {}
        self._next = 0

    @contextmanager
    def of(self, size: int) -> Iterator[Delivery]:
        """A delivery of so many records; reports are for it while the block runs."""
        number, self._next = self._next, self._next + 1
        self._open[number] = delivery = Delivery(number, size)
        try:
            yield delivery
        finally:
            del self._open[number]

    def take(self, report: Report) -> None:
        """Give each delivery what is reported of its records; what nobody waits for any more is passed over."""
        owners, rows = report.numbers >> _ROW_BITS, report.numbers & _ROW
        ends = [*(np.flatnonzero(np.diff(owners)) + 1).tolist(), len(owners)]
        start = 0
        for end in ends:
            if (delivery := self._open.get(int(owners[start]))) is not None:
                delivery.take(rows[start:end], report.errors[start:end], report.places[:, start:end])
            start = end
