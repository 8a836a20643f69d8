"""A broker that answers nothing for longer than a lease, and one that is killed and started again."""

import os
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from confluent_kafka.admin import AdminClient

from dompet.infra.broker import LocalBroker
from tests.support.inboxes import purchase, put
from tests.support.kafka import JARS
from tests.support.routers import routing, until

_LEASE_S: Final = 6
_TRIES: Final = 8
_RECORDS: Final = 2_500
_LOOKED_FOR: Final = "what of it is on the log is looked for"


@pytest.fixture(scope="module")
def broker() -> Iterator[LocalBroker]:
    """One that the tests may stop."""
    with tempfile.TemporaryDirectory(prefix="dompet-kafka-") as home, LocalBroker(Path(home), 0, libs=JARS) as broker:
        yield broker


def stop_for_a_while(broker: LocalBroker) -> None:
    """For longer than the lease: each record that is on its way has its report by half of it."""
    assert broker.pid is not None
    os.kill(broker.pid, signal.SIGSTOP)
    time.sleep(_LEASE_S + 1)
    os.kill(broker.pid, signal.SIGCONT)


@pytest.mark.server
def test_what_was_on_its_way_to_a_broker_that_stopped_is_looked_for_and_not_guessed(
    broker: LocalBroker, tmp_path: Path
) -> None:
    admin = AdminClient({"bootstrap.servers": broker.bootstrap, "log_level": 0})
    with routing(broker.bootstrap, admin, tmp_path) as run:
        [name] = run.inboxes
        inbox = run.inboxes[name].topic.name
        with run.router(batch=13, router_lease_seconds=_LEASE_S) as router:
            for turn in range(_TRIES):  # it may be stopped while a commit is on its way, and no record is
                numbers = range(turn * _RECORDS, (turn + 1) * _RECORDS)
                put(broker.bootstrap, inbox, [purchase(name, number, number % 50) for number in numbers])
                until(lambda: run.settled() > turn * _RECORDS + 100, router)  # noqa: B023  (within the turn)
                stop_for_a_while(broker)
                run.until_settled(router)
                if _LOOKED_FOR in router.said.read_text():
                    break
            assert _LOOKED_FOR in router.said.read_text()
            put(broker.bootstrap, inbox, [purchase(name, number, number % 50) for number in range(_RECORDS)])
            broker.kill()
            broker.start()
            run.until_settled(router)
            assert router.end() == 0, router.said.read_text()
        run.assert_whole()
