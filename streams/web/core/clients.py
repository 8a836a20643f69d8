"""Clients of the warehouse for many questions at once: opened when one is asked, let go when broken or not needed."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Final, TypeVar

from dompet.schemas.errors import DompetError
from dompet.streams.settings import Settings
from dompet.streams.warehouse.client import WarehouseClient, warehouse_client

_MOST: Final = 4
_IDLE_S: Final = 5.0
"""An embedded warehouse that nobody asks for so long is let go: a worker may want it."""
_R = TypeVar("_R")


class Clients:
    """A server has up to four clients, each for one question at a time; an embedded warehouse has one for all."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._shared = settings.warehouse_folder is not None
        self._free: list[tuple[WarehouseClient, ExitStack]] = []
        self._turn = threading.Lock()
        self._places = threading.Semaphore(_MOST)
        self._asking = 0
        self._asked_s = 0.0

    def ask(self, question: Callable[[WarehouseClient], _R]) -> _R:
        """What the question gives. One that was open already and fails is tried once more with another: the process
        that held the warehouse may have ended. DompetError where that fails, too.
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

    def rest(self) -> None:
        """Let go of an embedded warehouse that was not asked for a while."""
        with self._turn:
            if self._shared and not self._asking and time.monotonic() - self._asked_s > _IDLE_S:
                self._drop_all()

    def close(self) -> None:
        """Let go of all that is open."""
        with self._turn:
            self._drop_all()

    @contextmanager
    def _client(self) -> Iterator[tuple[WarehouseClient, bool]]:
        """A client, and whether it was opened just now; one of which a question failed is not used again."""
        with self._places:
            with self._turn:
                fresh = not self._free
                one = self._opened() if fresh else self._free[-1] if self._shared else self._free.pop()
                if fresh and self._shared:
                    self._free.append(one)
                self._asking += 1
            failed = True
            try:
                yield one[0], fresh
                failed = False
            finally:
                self._given_back(one, failed)

    def _given_back(self, one: tuple[WarehouseClient, ExitStack], failed: bool) -> None:
        with self._turn:
            self._asking -= 1
            self._asked_s = time.monotonic()
            if failed and (not self._shared or (one in self._free and not self._asking)):
                self._free = [other for other in self._free if other is not one]
                one[1].close()
            elif not self._shared:
                self._free.append(one)

    def _opened(self) -> tuple[WarehouseClient, ExitStack]:
        with ExitStack() as stack:
            client = stack.enter_context(warehouse_client(self._settings))
            return client, stack.pop_all()

    def _drop_all(self) -> None:
        while self._free:
            self._free.pop()[1].close()
