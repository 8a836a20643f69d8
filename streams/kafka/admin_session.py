"""An admin client for a worker's whole life."""

import logging
from collections.abc import Callable
from typing import Any, Final, TypeVar

from confluent_kafka import Consumer
from confluent_kafka.admin import AdminClient

from dompet.schemas.errors import DompetError
from dompet.streams.kafka.consumer import reader
from dompet.streams.kafka.faults import LogUnavailable
from dompet.streams.settings import Settings

LIMIT_S: Final = 3.0
"""How long a running worker waits for an answer: less than its stop may take."""
_R = TypeVar("_R")


class AdminSession:
    """Asks the broker; after a failure by another client, for librdkafka does not always find its brokers again."""

    def __init__(self, settings: Settings, client: AdminClient | None = None) -> None:
        self._settings = settings
        self._client = client

    @property
    def client(self) -> AdminClient:
        """To be asked."""
        if self._client is None:
            self._client = AdminClient({**self._settings.kafka_settings()}, logger=logging.getLogger("rdkafka"))
        return self._client

    def consumer(self, group: str) -> Consumer:
        """A consumer that asks about a group and does not join it; the caller closes it."""
        return reader(self._settings.kafka_settings(), "group", {"group.id": group})

    def ask(self, call: Callable[..., _R], *args: Any) -> _R:
        """The result of a call that takes the client first. Raises LogUnavailable where it fails."""
        try:
            return call(self.client, *args)
        except DompetError as error:
            self.failed()
            raise LogUnavailable(str(error)) from None

    def failed(self) -> None:
        """It did not answer."""
        self._client = None
