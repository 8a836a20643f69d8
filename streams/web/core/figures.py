"""The pipeline as it is now: partitions, lag, speed, workers, the chain. One look serves everybody who watches."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import asdict
from typing import Any, Final

from dompet.schemas.errors import DompetError
from dompet.streams.kafka.groups import members_of
from dompet.streams.proof.healths import mean_ms, worker_healths
from dompet.streams.proof.verified import Verified, last_verified
from dompet.streams.settings import Settings
from dompet.streams.warehouse.client import WarehouseClient
from dompet.streams.web.core.log_end import LogEnd

Run = Callable[[Callable[[WarehouseClient], Any]], Awaitable[Any]]
"""Runs a call of a client, in a thread."""

EVERY_S: Final = 2.0
CHECKPOINTS_SQL: Final = (
    "SELECT toInt64(partition) AS number, next_offset, toInt64(toUInt32(recorded_at)) AS stored"
    " FROM checkpoints WHERE topic = %(topic)s ORDER BY partition"
)
HEADS_SQL: Final = (
    "SELECT toInt64(partition) AS number, max(next_offset) AS upto, argMax(head, next_offset) AS newest FROM chain"
    " GROUP BY partition ORDER BY partition"
)


class Watch:
    """Looks while somebody watches, and not otherwise."""

    def __init__(self, settings: Settings, topic: str, log: LogEnd, run: Run) -> None:
        self.settings = settings
        self._topic = topic
        self._log = log
        self._run = run
        self._looking: asyncio.Task[None] | None = None
        self._news = asyncio.Condition()
        self._watchers = 0
        self._line = b""
        self._before: tuple[float, int] | None = None

    async def look(self) -> dict[str, Any]:
        """The figures, once."""
        checkpoints, heads, verified = await self._run(self._read)
        ends = await self._log.ends()
        healths = await asyncio.to_thread(worker_healths, self.settings)
        newest = {row["number"]: row["newest"] for row in heads}
        known = {row["number"]: row for row in checkpoints}
        numbers = sorted(known.keys() | (ends or {}).keys())
        partitions = [_partition(number, known.get(number), ends, newest.get(number, "")) for number in numbers]
        records = sum(one["checkpoint"] for one in partitions)
        return {
            "partitions": partitions,
            "records": records,
            "lag": sum(one["lag"] or 0 for one in partitions) if ends is not None else None,
            "per_second": self._speed(records),
            "batches": sum(one["batches"] for one in healths),
            "batch_ms": mean_ms(healths),
            "verified": asdict(verified) if verified else None,
            "complaint": self._log.complaint,
        }

    def _read(self, client: WarehouseClient) -> tuple[list[Any], list[Any], Verified | None]:
        checkpoints = client.read(CHECKPOINTS_SQL, {"topic": self._topic}).to_pylist()
        return checkpoints, client.read(HEADS_SQL).to_pylist(), last_verified(client.read, self._topic)

    def _speed(self, records: int) -> int:
        now, before = time.monotonic(), self._before
        self._before = (now, records)
        return round(max(records - before[1], 0) / (now - before[0])) if before and now > before[0] else 0

    async def events(self) -> AsyncIterator[bytes]:
        """The figures as server-sent events, for as long as somebody reads them."""
        self._watchers += 1
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._keep_looking())
        try:
            while True:
                async with self._news:
                    await self._news.wait()
                yield self._line
        finally:
            self._watchers -= 1

    async def _keep_looking(self) -> None:
        while self._watchers:
            try:
                shown: dict[str, Any] = await self.look()
            except DompetError as error:
                shown = {"complaint": str(error)}
            self._line = b"data: " + json.dumps(shown).encode() + b"\n\n"
            async with self._news:
                self._news.notify_all()
            await asyncio.sleep(EVERY_S)


def _partition(number: int, known: Any, ends: Mapping[int, int] | None, head: str) -> dict[str, Any]:
    """A partition; what nobody knows is None."""
    checkpoint = int(known["next_offset"]) if known else 0
    end = ends.get(number) if ends else None
    return {
        "partition": number,
        "end": end,
        "checkpoint": checkpoint,
        "lag": None if end is None else max(end - checkpoint, 0),
        "stored": known["stored"] if known else None,
        "head": head,
    }


async def workers(settings: Settings) -> tuple[list[dict[str, Any]], str]:
    """The members of the workers' group with their partitions; and why they are not known, where so."""
    if not settings.kafka:
        return [], "no Kafka is set, and none runs here"
    try:
        return await asyncio.to_thread(members_of, settings), ""
    except DompetError as error:
        return [], str(error)
