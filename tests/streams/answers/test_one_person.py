"""What one look at a person's events gives is what the four questions give."""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest

from dompet.streams.answers.filters import Filters
from dompet.streams.answers.one_person import PERSON_QUESTIONS, person_sql, person_tables
from dompet.streams.answers.orders import ORDERS
from dompet.streams.answers.people import CLAWBACKS, TIMELINE, WALLET
from dompet.streams.answers.question import Question
from dompet.streams.warehouse import Warehouse
from dompet.streams.warehouse.client import OpenClient
from tests.support.answered import EVENTS
from tests.support.folding import PARTITIONS
from tests.support.ledger import Ledger
from tests.support.warehouses import KINDS, empty_warehouse, opened


@pytest.fixture(scope="module", params=KINDS)
def warehouse(request: pytest.FixtureRequest, clickhouse_server: str) -> Iterator[Warehouse]:
    with empty_warehouse(request.param, clickhouse_server) as url, opened(url) as one:
        Ledger(one).store(EVENTS)
        yield one


def looked_at(client: OpenClient, person: str, partitions: int | None) -> dict[str, pa.Table]:
    sql = person_sql(Filters(person=person, partitions=partitions))
    assert sql is not None
    found = person_tables(client.read(sql), person)
    assert found is not None
    return found


def asked(client: OpenClient, question: Question, person: str | None) -> list[dict[str, Any]]:
    found = client.read(question.page_sql(Filters(person=person), 10_000))
    return list(question.typed(found).to_pylist())


def people_of(client: OpenClient) -> list[str]:
    found = client.read("SELECT DISTINCT beneficiary_id FROM journal WHERE outcome != 'dead' ORDER BY beneficiary_id")
    return [str(one) for one in found.column(0).to_pylist()]


def test_one_look_at_a_persons_events_answers_as_the_questions_do(warehouse: Warehouse) -> None:
    client = OpenClient(warehouse)
    of_all = {one.name: asked(client, one, None) for one in (ORDERS, CLAWBACKS)}
    assert all(of_all.values()), "somebody has an order, and somebody a clawback"
    for number, person in enumerate(people_of(client)):
        found = looked_at(client, person, PARTITIONS if number % 2 else None)
        expected = {name: [row for row in rows if row["beneficiary_id"] == person] for name, rows in of_all.items()}
        if number % 6 < 2:  # each with and without knowing the person's partition
            expected |= {one.name: asked(client, one, person) for one in (WALLET, TIMELINE)}
        for question in PERSON_QUESTIONS:
            if question.name in expected:
                rows = question.first(found[question.name], 10_000).to_pylist()
                assert rows == expected[question.name], (question.name, person)


def test_nothing_is_known_of_nobody(warehouse: Warehouse) -> None:
    found = looked_at(OpenClient(warehouse), "nobody", PARTITIONS)
    assert {name: table.num_rows for name, table in found.items()} == dict.fromkeys(found, 0)


def test_what_is_filtered_further_is_left_to_the_questions() -> None:
    assert person_sql(Filters(person="p", happened_us=1)) is None
    assert person_sql(Filters(person="p", wave=3)) is None
    assert person_sql(Filters()) is None


def test_a_person_with_very_many_events_is_left_to_the_questions(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dompet.streams.answers.one_person.EVENTS_MOST", 2)
    client = OpenClient(warehouse)
    sql = person_sql(Filters(person=people_of(client)[0]))
    assert sql is not None
    assert person_tables(client.read(sql), "p") is None
