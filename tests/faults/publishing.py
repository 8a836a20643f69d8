"""Publishers in a process of their own: they publish what is not acknowledged yet, as far as they may go.

Started again after a kill -9 it publishes once more what it had sent and not heard of, as a publisher should. Run it
as `python -m tests.faults.publishing --help`.
"""

import argparse
import json
import sys
import threading
import time
from pathlib import Path
from typing import Any, Final

import numpy as np
from confluent_kafka import KafkaError, Producer
from numpy.typing import NDArray

from dompet.schemas.errors import DompetError
from dompet.schemas.events import Event
from dompet.streams.publish import DeliveryError, DeliveryFailed, Publisher
from tests.faults.entrance import Way, ways
from tests.faults.events import EventFile, Numbered
from tests.faults.ledger import Acknowledged, Leash
from tests.faults.stills import Stills

_WAIT_S: Final = 0.02


class Publishing:
    """By the ways of those that have one; else two producers: dompet's own for events, a bare one for what it would
    refuse.
    """

    def __init__(self, options: argparse.Namespace) -> None:
        bootstrap = options.bootstrap_servers
        self._topic = topic = options.topic
        self._acknowledged = Acknowledged(options.acknowledged)
        self._refused = 0
        self._turn = threading.Lock()
        tokens = json.loads(options.tokens.read_text())
        self._ways: dict[str, Way] = ways(bootstrap, options.gateway, tokens.items(), self._count)
        self._publisher = Publisher(bootstrap, topic, {"linger.ms": 5}, self._heard)
        self._poisoner = Producer(
            {"bootstrap.servers": bootstrap, "partitioner": "murmur2_random", "enable.idempotence": True}
        )
        self._stills = Stills(self._poisoner, bootstrap)

    def send(self, event: Numbered) -> None:
        """Hand it over for delivery."""
        way = self._ways.get(event.fields.get("publisher_id", ""))
        if way is not None:
            way.send(event)
        elif event.type_name:
            self._publisher.publish_fields(event.type_name, event.fields)
        else:

            def heard(error: KafkaError | None, _: Any) -> None:
                self._count(event.number, error is not None)

            self._poisoner.produce(self._topic, event.identity.encode(), event.fields["key"], on_delivery=heard)

    def listen(self) -> None:
        """Hear for a moment what became of what was sent."""
        self._poisoner.poll(0)
        self._stills.look()
        for way in self._ways.values():
            way.listen()
        try:
            self._publisher.flush(_WAIT_S)
        except DeliveryFailed:  # not within the moment
            return
        time.sleep(_WAIT_S)

    def finish(self) -> int:
        """Wait until nothing is under way; how many events were not taken."""
        for way in self._ways.values():
            way.finish()
        self._publisher.flush()
        while self._poisoner.flush(_WAIT_S):
            self._stills.look()
        return self._refused

    def _heard(self, event: Event, error: DeliveryError | None) -> None:
        self._count(int(event.event_id.rpartition("-")[2]), error is not None)

    def _count(self, number: int, failed: bool) -> None:
        with self._turn:
            if failed:
                self._refused += 1
            else:
                self._acknowledged.add(number)


def publish(options: argparse.Namespace) -> int:
    """Publish what is left; how many events were refused."""
    left: NDArray[np.bool_] = np.ones(options.count, dtype=bool)
    left[Acknowledged.numbers(options.acknowledged)] = False
    publishing = Publishing(options)
    with Leash(options.leash) as leash:
        length = 0
        for event in EventFile(options.events).read(left):
            while event.number >= length:
                length = leash.length
                if event.number >= length:
                    publishing.listen()
            publishing.send(event)
    return publishing.finish()


def main() -> int:
    """0 where every event is acknowledged."""
    parser = argparse.ArgumentParser(description="Publish events that are not acknowledged yet.")
    parser.add_argument("--bootstrap-servers", required=True)
    parser.add_argument("--topic", required=True)
    parser.add_argument("--count", type=int, required=True, help="how many events there are")
    parser.add_argument("--events", type=Path, required=True, help="the file of events")
    parser.add_argument("--acknowledged", type=Path, required=True, help="the file of acknowledged numbers")
    parser.add_argument("--leash", type=Path, required=True, help="the file that says how far to go")
    parser.add_argument("--gateway", required=True, help="the gateway's address")
    parser.add_argument("--tokens", type=Path, required=True, help="a file of JSON: by publisher, its token there")
    try:
        refused = publish(parser.parse_args())
    except DompetError as error:
        print(f"publisher: {error}", file=sys.stderr)
        return 2
    if refused:
        print(f"publisher: {refused} events were not taken", file=sys.stderr)
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
