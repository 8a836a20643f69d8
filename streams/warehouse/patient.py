"""A warehouse that outlasts the faults that heal: each insert and each query is done again until it succeeds.

Every insert may be repeated, whether the failed one happened or not: the same rows in the same places replace
themselves.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar

from dompet.streams.process.patience import Patience, Unavailable
from dompet.streams.warehouse.base import Warehouse, WarehouseError

if TYPE_CHECKING:
    import pyarrow as pa

_LOOK_AGAIN_S: Final = 0.5
_R = TypeVar("_R")


class PatientWarehouse:
    """Another warehouse, with patience. It is still the other's owner who closes it."""

    def __init__(self, warehouse: Warehouse, patience: Patience) -> None:
        self._warehouse = warehouse
        self._patience = patience

    @property
    def public(self) -> str:
        return self._warehouse.public

    @property
    def database(self) -> str:
        return self._warehouse.database

    def use(self, database: str) -> None:
        self._patience.through(self._retry_refusal, self._warehouse.use, database)

    def insert(self, table: str, rows: "pa.Table") -> None:
        self._patience.through(self._retry_refusal, self._warehouse.insert, table, rows)

    def read(self, sql: str, params: Mapping[str, Any] | None = None) -> "pa.Table":
        return self._patience.through(self._retry_refusal, self._warehouse.read, sql, params)

    def rows(self, sql: str, params: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        return self._patience.through(self._retry_refusal, self._warehouse.rows, sql, params)

    def execute(self, sql: str) -> None:
        self._patience.through(self._retry_refusal, self._warehouse.execute, sql)

    def answer(self, sql: str, form: str) -> bytes:
        """The caller waits for an answer, so a fault is reported at once."""
        return self._warehouse.answer(sql, form)

    def version(self) -> str:
        return self._warehouse.version()

    def tune(self) -> None:
        self._warehouse.tune()

    def stop(self) -> None:
        self._warehouse.stop()

    def close(self) -> None:
        self._warehouse.close()

    def _retry_refusal(self, call: Callable[..., _R], *args: Any) -> _R:
        """The call's result. A refusal counts where it is repeated: a server that is just stopping knows no tables any
        more, and refuses with the words of one that never had them.
        """
        try:
            return call(*args)
        except Unavailable:
            raise
        except WarehouseError:
            self._patience.wait(_LOOK_AGAIN_S)
            return call(*args)
