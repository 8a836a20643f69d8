"""A log of all sixteen event types for tests of answers: what the model says of it, and warehouses that hold it."""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from dompet.streams.answers.filters import filters_of
from dompet.streams.answers.registry import QUESTIONS
from dompet.streams.warehouse import Warehouse
from tests.model import Model, Rulebook
from tests.model.state import OrderKey
from tests.support.crowd import crowd
from tests.support.folding import Folding, Modelling, Row, records
from tests.support.stored import folded, store

EVENTS: Final = crowd(29, 60)


@cache
def modelled() -> tuple[Model, list[Row]]:
    """The model after the events, and the journal's rows as it has them."""
    model = Model(Rulebook.load())
    return model, Modelling(model).rows(EVENTS)


def accepted() -> list[Row]:
    """The rows of the accepted events."""
    return [row for row in modelled()[1] if row["outcome"] == "accepted"]


def store_twice(warehouse: Warehouse) -> None:
    """Store the events in batches, and once more in other pieces."""
    folding = Folding()
    tables = [folded(folding, records(EVENTS[at : at + 300], at))[0] for at in range(0, len(EVENTS), 300)]
    store(warehouse, [*tables, *(one.slice(at, 150) for one in tables for at in (150, 0))])


def asked(warehouse: Warehouse, name: str, given: Mapping[str, str], limit: int = 100_000) -> list[dict[str, Any]]:
    """The first rows of the answer to a question, by name, under these filters."""
    question = QUESTIONS[name]
    sql = question.page_sql(filters_of(question.takes, given), limit)
    found: list[dict[str, Any]] = question.typed(warehouse.read(sql)).to_pylist()
    return found


def of_orders(row: Row) -> OrderKey:
    """The key of a row's order."""
    return row["beneficiary_id"], row["platform_id"], row["order_id"]
