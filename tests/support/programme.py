"""The demo's programme, small, served on each warehouse: one for all browser tests of a process."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import pytest
from confluent_kafka.admin import AdminClient

from dompet.streams.demo.programme.catalogue import catalogue
from dompet.streams.demo.programme.programme import DEFAULT, programme_fields
from dompet.streams.publish.publisher import Publisher
from dompet.streams.settings import Settings
from tests.support.catalogue import rows_of_listings
from tests.support.kafka import made_log
from tests.support.letters import RECORDS
from tests.support.logs import write
from tests.support.pipelines import SettingsMaker, fold_to_end
from tests.support.warehouses import empty_warehouse, opened
from tests.support.web import Served, served

PEOPLE: Final = 120


@dataclass(frozen=True)
class Programme:
    """The pages of a small programme, and things in it to look at."""

    pages: Served
    settings: Settings
    held: list[dict[str, Any]]
    """Orders that an officer may clear."""

    @property
    def person(self) -> str:
        return str(self.held[0]["beneficiary_id"])

    @property
    def order(self) -> str:
        """The path of an order that may be cleared, and that no test clears."""
        return order_path(self.held[0])

    @property
    def paths(self) -> dict[str, str]:
        """Every page, by a name for its screenshot."""
        first = self.held[0]
        letter = self.rows("/api/v1/dead-letters?limit=1")[0]
        return {
            "programme": "/",
            "platforms": "/platforms",
            "platform": "/platform?platform=tokopedia",
            "institutions": "/institutions",
            "institution": f"/institution?institution={first['institution_id']}",
            "catalogue": "/catalogue",
            "course": f"/course?course={first['course_id']}",
            "exceptions": "/exceptions",
            "rejections": "/rejections",
            "redrive": "/rejections/redrive?reason=unknown_order",
            "dead-letters": "/dead-letters",
            "dead-letter": f"/dead-letter?place={letter['partition']}:{letter['offset']}",
            "settlement": "/settlement?platform=tokopedia&from=2020-04-01&to=2020-12-31",
            "reconcile": "/reconcile",
            "pipeline": "/pipeline",
            "person": f"/person?person={self.person}",
            "export": f"/person/export?person={self.person}&format=html",
            "order": self.order,
            "event": "/event?place=0:0",
            "find": "/find?text=nobody",
            "list": "/list/orders?step=completed",
            "wrong": "/list/orders?wave=soon",
            "api": "/api",
            "missing": "/nothing",
        }

    def rows(self, path: str) -> list[dict[str, Any]]:
        """What the API answers."""
        answer = self.pages.get(path)
        assert answer.status == 200, answer.text
        found: list[dict[str, Any]] = answer.json["rows"]
        return found

    def fold(self) -> None:
        """Fold what was published meanwhile, as a worker would."""
        fold_to_end(self.settings)
        self.pages.asker.forget()


def order_path(row: dict[str, Any]) -> str:
    """The path of an order's page."""
    return f"/order?person={row['beneficiary_id']}&platform={row['platform_id']}&order={row['order_id']}"


@pytest.fixture(scope="session")
def programme_log(kafka: str, kafka_admin: AdminClient) -> str:
    """A log with the demo's programme on it, and records that break their contract or came too early."""
    topic = made_log(kafka_admin)
    with Publisher(kafka, topic) as publisher:
        for name, fields in programme_fields(PEOPLE, 1):
            publisher.publish_fields(name, fields)
    write(kafka, topic, RECORDS)
    return topic


@contextmanager
def _programme(settings: Settings) -> Iterator[Programme]:
    with opened(settings.warehouse) as warehouse:
        for table, listed in rows_of_listings(catalogue(1, DEFAULT).records()).items():
            warehouse.insert(table, listed)
    fold_to_end(settings)
    with served(settings) as pages:
        flagged = Programme(pages, settings, []).rows("/api/v1/flagged?limit=1000")
        held = [one for one in flagged if one["completed_at"] and not one["cleared_at"]]
        yield Programme(pages, settings, held)


@pytest.fixture(scope="session")
def embedded_programme(programme_log: str, settings_for: SettingsMaker) -> Iterator[Programme]:
    """On the embedded warehouse, behind its engine."""
    with empty_warehouse("embedded", "") as url, _programme(settings_for(programme_log, url)) as one:
        yield one


@pytest.fixture(scope="session")
def server_programme(programme_log: str, clickhouse_server: str, settings_for: SettingsMaker) -> Iterator[Programme]:
    """On a ClickHouse server."""
    with empty_warehouse("server", clickhouse_server) as url, _programme(settings_for(programme_log, url)) as one:
        yield one


@pytest.fixture(params=["embedded", "server"])
def programme(request: pytest.FixtureRequest) -> Programme:
    """Each in turn."""
    found: Programme = request.getfixturevalue(f"{request.param}_programme")
    return found
