"""By which way an event reaches the log: whose events a gateway takes, whose an inbox, and how each is sent there. All
others are published to the log itself.
"""

import http.client
import json
import queue
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from confluent_kafka import KafkaError, Producer

from dompet.schemas.topics import inbox_of
from dompet.schemas.wire import encode_fields
from tests.faults.events import Numbered
from tests.faults.stills import Stills

BY_GATEWAY: Final = ("tokopedia", "ruangguru")
BY_INBOX: Final = ("bukalapak", "maubelajarapa")
"""Two ways with two platforms each: about a third of all events."""

_BATCH: Final = 500
_PAUSE_S: Final = 0.2
_ANSWER_S: Final = 60.0
_AGAIN: Final = (408, 429, 503)

Heard = Callable[[int, bool], None]
"""Of an event by its number: whether it was refused for good; else it is acknowledged."""


class Way(Protocol):
    """Where some events go."""

    def send(self, event: Numbered) -> None:
        """Hand it over for delivery."""

    def listen(self) -> None:
        """Hear what became of what was sent, as far as it is known."""

    def finish(self) -> None:
        """Return once all are acknowledged, or refused for good."""


class GatewayWay:
    """Posts a publisher's events to a gateway in their order, a batch at a time, each until every event has its result:
    a gateway may be away, or answer that some are to be sent again.
    """

    def __init__(self, url: str, token: str, heard: Heard) -> None:
        self._place = urlsplit(url).netloc
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/x-ndjson"}
        self._heard = heard
        self._waiting: queue.SimpleQueue[Numbered | None] = queue.SimpleQueue()
        self._connection: http.client.HTTPConnection | None = None
        self._fault: Exception | None = None
        # A publisher that could not begin ends, whatever waits here.
        self._posting = threading.Thread(target=self._post, name="posts to the gateway", daemon=True)
        self._posting.start()

    def send(self, event: Numbered) -> None:
        """See Way."""
        self._waiting.put(event)

    def listen(self) -> None:
        """See Way."""
        if self._fault:
            raise self._fault

    def finish(self) -> None:
        """See Way."""
        self._waiting.put(None)
        self._posting.join()
        self.listen()

    def _post(self) -> None:
        try:
            self._post_all()
        except Exception as fault:  # noqa: BLE001  (the main thread raises it)
            self._fault = fault

    def _post_all(self) -> None:
        is_over = False
        while not is_over:
            batch = [self._waiting.get()]
            while len(batch) < _BATCH and not self._waiting.empty():
                batch.append(self._waiting.get())
            is_over = batch[-1] is None
            left = [event for event in batch if event is not None]
            while left:
                before, left = len(left), self._posted(left)
                if len(left) == before:
                    time.sleep(_PAUSE_S)

    def _posted(self, events: list[Numbered]) -> list[Numbered]:
        """Those that are to be sent again."""
        body = "\n".join(json.dumps({"type": event.type_name, **event.fields}) for event in events).encode()
        try:
            self._connection = self._connection or http.client.HTTPConnection(self._place, timeout=_ANSWER_S)
            self._connection.request("POST", "/v1/events", body, self._headers)
            answer = self._connection.getresponse()
            content = json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError):
            if self._connection:
                self._connection.close()
            self._connection = None
            return events
        results = content.get("results", [])
        if not results and answer.status not in _AGAIN:
            raise RuntimeError(f"the gateway answers {answer.status}: {content}")
        return self._judged(events, results)

    def _judged(self, events: list[Numbered], results: list[dict[str, Any]]) -> list[Numbered]:
        """Tell of those that have a result that lasts; a result without its event would be a gateway's fault."""
        for event, result in zip(events, results, strict=False):
            if result["event_id"] != event.identity:
                raise RuntimeError(f"the gateway answers {result} for {event.identity}")
            if result["result"] != "retry":
                self._heard(event.number, result["result"] != "stored")
        last = {one["event_id"] for one in results if one["result"] != "retry"}
        return [event for event in events if event.identity not in last]


class InboxWay:
    """Produces a publisher's events into its inbox, as any client does: by librdkafka's own partitioner."""

    def __init__(self, bootstrap: str, publisher: str, heard: Heard) -> None:
        self._topic = inbox_of(publisher).topic.name
        self._heard = heard
        self._producer = Producer(
            {"bootstrap.servers": bootstrap, "enable.idempotence": True, "linger.ms": 5, "log_level": 0}
        )
        self._stills = Stills(self._producer, bootstrap)

    def send(self, event: Numbered) -> None:
        """See Way."""

        def heard(error: KafkaError | None, _: Any) -> None:
            self._heard(event.number, error is not None)

        key, value = event.fields["beneficiary_id"].encode(), encode_fields(event.type_name, event.fields)
        while True:
            try:
                self._producer.produce(self._topic, value, key, on_delivery=heard)
                return
            except BufferError:
                self._producer.poll(_PAUSE_S)
                self._stills.look()

    def listen(self) -> None:
        """See Way."""
        self._producer.poll(0)
        self._stills.look()

    def finish(self) -> None:
        """See Way."""
        while self._producer.flush(_PAUSE_S):
            self._stills.look()


def ways(bootstrap: str, gateway: str, tokens: Iterable[tuple[str, str]], heard: Heard) -> dict[str, Way]:
    """By publisher, where its events go that are not published to the log itself. `tokens`: of BY_GATEWAY."""
    found: dict[str, Way] = {name: GatewayWay(gateway, token, heard) for name, token in tokens}
    return found | {name: InboxWay(bootstrap, name, heard) for name in BY_INBOX}
