"""How much a guest may take: of time, memory, rows and bytes in a query, and of queries at the same time."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from dompet.streams.settings import Settings

QUERY_BYTES_MAX: Final = 1 << 18
"""The longest text of a query: ClickHouse's own default (max_query_size)."""


@dataclass(frozen=True)
class Limits:
    """What guests get: of one query the first four; of all together the next six, where only half of the queries may
    take longer than the short ones; and how long a connection may be without a whole request, and an answer may wait
    for a client that reads nothing of it.
    """

    seconds: float = 60.0
    memory_bytes: int = 1_000_000_000
    rows: int = 10_000_000
    sent_bytes: int = 4_000_000_000
    at_once: int = 4
    at_once_a_user: int = 3
    short_seconds: float = 1.0
    waiting: int = 100
    waiting_seconds: float = 30.0
    connections: int = 256
    request_seconds: float = 30.0
    stalled_seconds: float = 60.0

    @classmethod
    def of(cls, settings: "Settings") -> "Limits":
        """Those that the settings give."""
        return cls(
            seconds=settings.engine_seconds,
            memory_bytes=settings.engine_memory_mb * 1_000_000,
            rows=settings.engine_rows,
            sent_bytes=settings.engine_sent_mb * 1_000_000,
            at_once=settings.engine_queries,
            at_once_a_user=settings.engine_queries_a_user,
            waiting=settings.engine_waiting,
        )

    def settings(self) -> dict[str, int | str]:
        """ClickHouse's settings for them. A query has one thread.

        Its niceness (os_thread_priority) is not among them: without CAP_SYS_NICE it does nothing, and with it short
        queries waited five times as long beside a worker, which gained nothing (a wallet, p95: 1,237 ms with 5, 241 ms
        without).
        """
        return {
            "max_execution_time": math.ceil(self.seconds),
            "max_memory_usage": self.memory_bytes,
            "max_result_rows": self.rows,
            "result_overflow_mode": "throw",
            "timeout_overflow_mode": "throw",
            "max_temporary_data_on_disk_size_for_query": 4 * self.memory_bytes,
            "max_query_size": 4 * QUERY_BYTES_MAX,  # what is run is written out, and so longer than what was asked
            "max_threads": 1,
            "output_format_parallel_formatting": 0,
        }
