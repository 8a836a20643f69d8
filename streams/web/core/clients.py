"""Clients of the warehouse for many questions at once: opened when one is asked, let go when a question failed; and a
question that nobody waits for any more, which is ended where it runs.
"""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Final, TypeVar

from dompet.schemas.errors import DompetError
from dompet.streams.settings import Settings
from dompet.streams.warehouse.client import WarehouseClient, warehouse_client

_MOST: Final = 10
_GIVE_UP_AGAIN_S: Final = 0.2
_R = TypeVar("_R")


class GivenUp(DompetError):
    """Nobody waits for the answer any more."""


class Asking:
    """One question, which may be given up from another thread while it runs, waits, or has not begun."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._client: WarehouseClient | None = None
        self.given_up = False

    @contextmanager
    def by(self, client: WarehouseClient) -> Iterator[None]:
        """This client is asked while the block runs; GivenUp where nobody waits."""
        with self._turn:
            if self.given_up:
                raise GivenUp("nobody waits for the answer any more")
            self._client = client
        try:
            yield
        finally:
            with self._turn:
                self._client = None

    def give_up(self) -> bool:
        """End it at the warehouse. Whether it runs still: what was stopped just before it was sent goes on, and is to
        be given up once more.
        """
        with self._turn:
            self.given_up = True
            if self._client is None:
                return False
            self._client.stop()
            return True


def end(asking: Asking) -> None:
    """Give it up until it has ended; to be called in an event loop."""
    if asking.give_up():
        asyncio.get_running_loop().call_later(_GIVE_UP_AGAIN_S, end, asking)


class Clients:
    """Up to ten clients, each for one question at a time: six for readers, four for what all of them need."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._free: list[tuple[WarehouseClient, ExitStack]] = []
        self._turn = threading.Lock()
        self._places = threading.Semaphore(_MOST)
        self._closed = False

    def ask(self, question: Callable[[WarehouseClient], _R], asking: Asking) -> _R:
        """What the question gives. One that was open already and fails is tried once more with another: the server or
        engine may have started again. DompetError where that fails, too; GivenUp.
        """
        fresh = True
        try:
            with self._client() as (client, fresh), asking.by(client):
                return question(client)
        except DompetError:
            if fresh or asking.given_up:
                raise
        with self._client() as (client, _), asking.by(client):
            return question(client)

    def close(self) -> None:
        """Let go of all that is open; what is asked at this moment, once it has its answer."""
        with self._turn:
            self._closed = True
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
                if keep := not self._closed:
                    self._free.append(one)
            if not keep:
                one[1].close()

    def _opened(self) -> tuple[WarehouseClient, ExitStack]:
        with ExitStack() as stack:
            client = stack.enter_context(warehouse_client(self._settings))
            return client, stack.pop_all()
