"""A broker that is away, and an entrance that nobody may use: nothing is accepted and lost."""

import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dompet.infra.broker import LocalBroker
from dompet.infra.ports import free_port
from dompet.schemas.topics import declared_topics
from dompet.schemas.wire import decode
from dompet.streams.kafka.admin import admin_client
from dompet.streams.kafka.topics import ensure_topics
from dompet.streams.settings import read_settings
from tests.support.command import dompet
from tests.support.gateway import Gateway, publisher, review, running_gateway
from tests.support.kafka import JARS
from tests.support.web import Answer


@pytest.fixture(scope="module")
def own_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalBroker]:
    """A broker that may be killed, on which nobody has an entry at first."""
    with LocalBroker(tmp_path_factory.mktemp("own"), 0, libs=JARS) as broker:
        ensure_topics(admin_client(read_settings(kafka=broker.bootstrap, home=broker.home)), declared_topics())
        yield broker


@pytest.mark.server
def test_beyond_loopback_it_refuses_to_begin_without_publishers(own_broker: LocalBroker, tmp_path: Path) -> None:
    place = ("--gateway-host", "0.0.0.0", "--gateway-port", str(free_port()))  # noqa: S104
    ran = dompet("gateway", *place, "--kafka", own_broker.bootstrap, cwd=tmp_path)
    assert ran.code == 2
    assert "nobody could send events: `dompet publishers add NAME" in ran.complaint


@pytest.mark.server
def test_while_the_broker_is_away_nothing_is_accepted_and_lost(own_broker: LocalBroker, tmp_path: Path) -> None:
    """Clients send each event until it is stored, while the broker is killed and comes back."""
    entry, token = publisher(read_settings(kafka=own_broker.bootstrap, home=tmp_path))
    with running_gateway(own_broker.bootstrap, declared_topics().log.name, tmp_path) as gateway:
        sending = Senders(gateway, entry.publisher_id, token)
        with sending.at_work(3):
            until(lambda: len(sending.stored) > 20)
            os.kill(own_broker.pid or 0, signal.SIGKILL)
            until(lambda: 503 in sending.statuses and gateway.ask("GET", "/ready").status == 503)
            assert gateway.ask("GET", "/health").status == 200
            refused = gateway.send(review(entry.publisher_id), token=token)
            assert (refused.status, refused.headers["retry-after"]) == (503, "2")
            event = json.dumps(review(entry.publisher_id)).encode()
            assert gateway.post(event, token, path="/v1/events?dry_run=1").status == 200
            own_broker.stop()
            own_broker.start()
            until(lambda: gateway.ask("GET", "/ready").status == 200)
            enough = len(sending.stored) + 20
            until(lambda: len(sending.stored) > enough)
        on_log = {str(decode(one[1])[1]["event_id"]) for one in gateway.records()}
    assert sending.stored <= on_log
    assert sending.statuses <= {200, 503}


class Senders:
    """Clients that send each event again until it is stored."""

    def __init__(self, gateway: Gateway, publisher_id: str, token: str) -> None:
        self._gateway, self._publisher_id, self._token = gateway, publisher_id, token
        self.stored: set[str] = set()
        self.statuses: set[int] = set()

    @contextmanager
    def at_work(self, count: int) -> Iterator[None]:
        """So many of them send while the block runs."""
        over = threading.Event()
        threads = [threading.Thread(target=self._send_on, args=(over, one), daemon=True) for one in range(count)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            over.set()
            for thread in threads:
                thread.join()

    def _send_on(self, over: threading.Event, number: int) -> None:
        count = 0
        while not over.is_set():
            count += 1
            events = [review(self._publisher_id, f"{number}-{count}-{one}") for one in range(3)]
            while (answer := self._gateway.send(*events, token=self._token)).status != 200 and not over.is_set():
                self._note(answer)
                time.sleep(0.2)
            self._note(answer)

    def _note(self, answer: Answer) -> None:
        self.statuses.add(answer.status)
        results = answer.json.get("results", [])
        self.stored.update(one["event_id"] for one in results if one["result"] == "stored")


def until(holds: Callable[[], bool], limit_s: float = 120) -> None:
    deadline = time.monotonic() + limit_s
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)
