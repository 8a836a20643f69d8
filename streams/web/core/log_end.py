"""Where the log ends, looked at while somebody asks, and no more often than every two seconds."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any, Final

from dompet.schemas.errors import DompetError
from dompet.streams.kafka.admin import admin_client, log_offsets
from dompet.streams.settings import Settings

_FRESH_S: Final = 2.0
_AWAY_S: Final = 10.0
"""How long a log that does not answer is not asked again."""


class LogEnd:
    """The ends of the log's partitions. A page never waits for a log that is slow: it has what was known last."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._admin: Any = None
        self._ends: Mapping[int, int] | None = None
        self._looked_s = 0.0
        self._looking: asyncio.Task[None] | None = None
        self.complaint = ""

    async def ends(self) -> Mapping[int, int] | None:
        """The offset after the last record of each partition; None where the log does not answer."""
        age_s = time.monotonic() - self._looked_s
        old = not self._looked_s or age_s > (_FRESH_S if self._ends is not None else _AWAY_S)
        if old and self._settings.kafka and (self._looking is None or self._looking.done()):
            self._looking = asyncio.create_task(self._look())
        if self._looking is not None:
            await asyncio.wait([self._looking], timeout=0.5 if not self._looked_s else 0.1)
        return self._ends

    async def _look(self) -> None:
        try:
            self._ends = await asyncio.to_thread(self._ask)
            self.complaint = ""
        except DompetError as error:
            self._ends, self._admin, self.complaint = None, None, str(error)
        self._looked_s = time.monotonic()

    def _ask(self) -> Mapping[int, int]:
        self._admin = self._admin or admin_client(self._settings)
        offsets = log_offsets(self._admin, self._settings.log_topic)
        return {partition: end for partition, (_, end) in offsets.items()}
