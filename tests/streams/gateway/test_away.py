"""A broker that is away, and an entrance that nobody may use: nothing is accepted and lost."""

import http.client
import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest

from dompet.infra.broker import LocalBroker
from dompet.infra.ports import HOST, free_port
from dompet.schemas.topics import declared_topics
from dompet.schemas.wire import decode
from dompet.streams.kafka.admin import admin_client
from dompet.streams.kafka.topics import ensure_topics
from dompet.streams.settings import read_settings
from tests.support.command import dompet
from tests.support.figures import figures
from tests.support.gateway import LINES, Gateway, publisher, review, running_gateway, until_taken
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


QUEUE: Final = 1_500


@pytest.mark.server
def test_where_the_queue_is_full_each_event_is_stored_or_to_be_sent_again(
    own_broker: LocalBroker, tmp_path: Path
) -> None:
    """A broker that stops answering: one request finds room, the next for a part of it, the last for nothing."""
    entry, token = publisher(read_settings(kafka=own_broker.bootstrap, home=tmp_path))
    room = {"DOMPET_KAFKA__QUEUE_BUFFERING_MAX_MESSAGES": str(QUEUE)}
    with running_gateway(own_broker.bootstrap, declared_topics().log.name, tmp_path, **room) as gateway:
        until_taken(gateway, token)
        sizes = {"whole": 1_000, "part": 3_000, "none": 1}
        batches = [
            [review(entry.publisher_id, f"{name}-{one}", beneficiary_id=f"b-{one % 50}") for one in range(size)]
            for name, size in sizes.items()
        ]
        with ExitStack() as stack:
            # They are let in while the broker answers, and bring their events once it does not.
            asked = [stack.enter_context(let_in(gateway, token, batch)) for batch in batches]
            os.kill(own_broker.pid or 0, signal.SIGSTOP)
            try:
                for one, waiting in zip(asked[:2], (sizes["whole"], QUEUE), strict=True):
                    one.bring()
                    until(partial(as_many_wait, gateway, waiting))
                asked[2].bring()
                none = asked[2].answer()
            finally:
                os.kill(own_broker.pid or 0, signal.SIGCONT)
            answers = [asked[0].answer(), asked[1].answer(), none]
        first = [results_of(answer, batch) for answer, batch in zip(answers, batches, strict=True)]
        assert [answer.status for answer in answers] == [200, 503, 503]
        assert [answer.headers.get("retry-after") for answer in answers] == [None, "2", "2"]
        assert [one.count("") for one in first] == [sizes["whole"], QUEUE - sizes["whole"], 0]
        assert {why for one in first for why in one} == {"", "the gateway's queue is full"}
        again = [event for whys, batch in zip(first, batches, strict=True) for event in to_send_again(whys, batch)]
        assert ids_on(gateway, entry.publisher_id) == sorted(sent_ids(batches) - sent_ids([again]))
        until(lambda: gateway.ask("GET", "/ready").status == 200)
        while again:
            part, rest = again[:500], again[500:]
            again = to_send_again(results_of(gateway.send(*part, token=token), part), part) + rest
        assert ids_on(gateway, entry.publisher_id) == sorted(sent_ids(batches))


def sent_ids(batches: list[list[dict[str, Any]]]) -> set[str]:
    return {one["event_id"] for batch in batches for one in batch}


def ids_on(gateway: Gateway, publisher_id: str) -> list[str]:
    """The ids of a publisher's events on the log, each as often as it is there."""
    events = [decode(one[1])[1] for one in gateway.records()]
    return sorted(str(one["event_id"]) for one in events if one["publisher_id"] == publisher_id)


def results_of(answer: Answer, batch: list[dict[str, Any]]) -> list[str]:
    """Why each event is to be sent again; empty where it is stored. There is a result for each, in order."""
    results = answer.json["results"]
    assert [one["event_id"] for one in results] == [one["event_id"] for one in batch]
    assert {one["result"] for one in results} <= {"stored", "retry"}
    assert all((one["result"] == "stored") is (one["reason"] is None) for one in results)
    return [one["reason"] or "" for one in results]


def to_send_again(whys: list[str], batch: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [event for why, event in zip(whys, batch, strict=True) if why]


def as_many_wait(gateway: Gateway, count: int) -> bool:
    return figures(gateway.metrics_port).of("dompet_gateway_waiting_records") == count


@dataclass(frozen=True)
class LetIn:
    """A request that was let in, and whose body is waited for."""

    connection: http.client.HTTPConnection
    body: bytes

    def bring(self) -> None:
        self.connection.send(self.body)

    def answer(self) -> Answer:
        answer = self.connection.getresponse()
        return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())


@contextmanager
def let_in(gateway: Gateway, token: str, batch: list[dict[str, Any]]) -> Iterator[LetIn]:
    body = b"".join(json.dumps(one).encode() + b"\n" for one in batch)
    with closing(http.client.HTTPConnection(HOST, gateway.port, timeout=120)) as connection:
        connection.putrequest("POST", "/v1/events")
        headers = {"Authorization": f"Bearer {token}", "Content-Type": LINES, "Expect": "100-continue"}
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            connection.putheader(name, value)
        connection.endheaders()
        assert connection.sock.recv(1_000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        yield LetIn(connection, body)


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
