"""How much of the warehouse one question of a page or a program may take."""

import re
from typing import Final

import pyarrow as pa

from dompet.schemas.errors import DompetError
from dompet.streams.warehouse.client import WarehouseClient

SECONDS: Final = 30
_SETTINGS: Final = (
    f"max_threads = 1, max_execution_time = {SECONDS}, max_memory_usage = 2000000000, max_result_rows = 1000000,"
    " result_overflow_mode = 'throw'"
)
"""One thread: it takes less of the processors in all, and leaves the others to the worker and to other readers."""
_TOO_MUCH: Final = re.compile(r"\bCode: (?:158|191|241|307|396)\b")
"""ClickHouse's numbers for too many rows or bytes, and for too much memory."""


class Busy(DompetError):
    """So many questions wait that another one would wait too long."""


class TooSlow(DompetError):
    """A question was not answered in time."""


class TooMuch(DompetError):
    """An answer would take more rows or memory than one question may."""


def limited(sql: str) -> str:
    """The query with the limits."""
    return f"{sql}\nSETTINGS {_SETTINGS}"


def read_limited(client: WarehouseClient, sql: str) -> pa.Table:
    """The answer to a query within the limits. TooMuch, or the DompetError that the client raises."""
    try:
        return client.read(limited(sql))
    except DompetError as error:
        if _TOO_MUCH.search(str(error)):
            raise TooMuch("the answer takes more memory or rows than one question may: narrow the filters") from None
        raise
