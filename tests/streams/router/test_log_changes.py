"""A log that is not as a router needs it, or does not stay so: the router ends, and says why."""

from pathlib import Path

import pytest
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # its stubs re-export only some of these
    AdminClient,
    NewPartitions,
)

from dompet.schemas.topics import declared_topics
from dompet.streams.kafka.topics import ensure_topics
from tests.support.inboxes import purchase, put
from tests.support.logs import alter
from tests.support.routers import LIMIT_S, RouterProcess, Routing, routing

pytestmark = pytest.mark.server


def routed_one(run: Routing, router: RouterProcess, kafka: str) -> None:
    """Wait until the router has routed a record."""
    [name] = run.inboxes
    put(kafka, run.inboxes[name].topic.name, [purchase(name, 1)])
    run.until_settled(router)


def ended(router: RouterProcess) -> str:
    """What it said last, once it has ended with 2."""
    assert router.process.wait(LIMIT_S) == 2, router.said.read_text()
    return router.said.read_text().splitlines()[-1]


def test_partitions_that_are_added_while_it_runs_end_it(kafka: str, kafka_admin: AdminClient, tmp_path: Path) -> None:
    with routing(kafka, kafka_admin, tmp_path) as run, run.router() as router:
        routed_one(run, router, kafka)
        [more] = kafka_admin.create_partitions([NewPartitions(run.log, 14)]).values()
        more.result()
        assert ended(router) == (
            f"dompet: topic {run.log}: it has 14 partitions now, and had 12 when this router started: a person's "
            "events would lie in two of them, so nothing more is routed"
        )


def test_a_setting_that_loses_events_ends_it(kafka: str, kafka_admin: AdminClient, tmp_path: Path) -> None:
    with routing(kafka, kafka_admin, tmp_path) as run, run.router() as router:
        routed_one(run, router, kafka)
        alter(kafka_admin, run.log, "cleanup.policy", "compact")
        said = ended(router)
        assert said.startswith(f"dompet: topic {run.log}: cleanup.policy is compact, where delete is needed: ")
        assert said.endswith(": change the topic, or insist with --accept-topic-settings")


def test_a_log_that_is_made_again_while_it_runs_ends_it(kafka: str, kafka_admin: AdminClient, tmp_path: Path) -> None:
    with routing(kafka, kafka_admin, tmp_path) as run, run.router() as router:
        routed_one(run, router, kafka)
        [deleted] = kafka_admin.delete_topics([run.log]).values()
        deleted.result()
        ensure_topics(kafka_admin, [declared_topics(log=run.log).log])
        assert ended(router) == f"dompet: topic {run.log}: was deleted and made again while this router ran"
