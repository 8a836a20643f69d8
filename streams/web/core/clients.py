"""Clients of the warehouse for many questions at once: opened when one is asked, let go when a question failed."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Final, TypeVar

from dompet.schemas.errors import DompetError
from dompet.streams.settings import Settings
from dompet.streams.warehouse.client import WarehouseClient, warehouse_client

_MOST: Final = 4
_R = TypeVar("_R")


class Clients:
    """Up to four clients, each for one question at a time."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._free: list[tuple[WarehouseClient, ExitStack]] = []
        self._turn = threading.Lock()
        self._places = threading.Semaphore(_MOST)

    def ask(self, question: Callable[[WarehouseClient], _R]) -> _R:
        """What the question gives. One that was open already and fails is tried once more with another: the server or
        engine may have started anew. DompetError where that fails, too.
        """
        fresh = True
        try:
            with self._client() as (client, fresh):
                return question(client)
        except DompetError:
            if fresh:
                raise
        with self._client() as (client, _):
            return question(client)

    def close(self) -> None:
        """Let go of all that is open."""
        with self._turn:
            while self._free:
                self._free.pop()[1].close()

    @contextmanager
    def _client(self) -> Iterator[tuple[WarehouseClient, bool]]:
        """A client, and whether it was opened just now; one of which a question failed is not used again."""
        with self._places:
            with self._turn:
                fresh = not self._free
                one = self._opened() if fresh else self._free.pop()
            try:
                yield one[0], fresh
            except BaseException:
                one[1].close()
                raise
            with self._turn:
                self._free.append(one)

    def _opened(self) -> tuple[WarehouseClient, ExitStack]:
        with ExitStack() as stack:
            client = stack.enter_context(warehouse_client(self._settings))
            return client, stack.pop_all()
