"""The questions that every client of the engine asks, and what they are answered: declared once, in
`tests/streams/engine/clients/questions.json`, which the programs in other languages read, too.

Values are JSON's: integers, numbers, texts, null, lists. A moment is `2020-04-10T08:00:00Z`, a day `2020-04-10`.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa

from dompet.streams.warehouse import Warehouse

CLIENTS: Final = Path(__file__).parents[1] / "streams" / "engine" / "clients"
QUESTIONS: Final = CLIENTS / "questions.json"

CAPPED: Final = 3
Rows = list[list[Any]]


@dataclass(frozen=True)
class Question:
    """One of the ten queries: its columns with their types in ClickHouse, and its rows."""

    name: str
    sql: str
    columns: list[list[str]]
    rows: Rows

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.columns]


@dataclass(frozen=True)
class Questions:
    """All that a client is to do. `text` is sent as a parameter and comes back; `long` is an answer of many pieces;
    `write` is refused.
    """

    queries: tuple[Question, ...]
    table: str
    text: str
    long: str
    long_rows: int
    write: str


@dataclass(frozen=True)
class Found:
    """What a client found: of `columns` the name and the type, of `answers` the columns' names and the rows."""

    databases: list[str]
    tables: list[str]
    columns: list[list[str]]
    answers: list[tuple[list[str], Rows]]
    text: str
    long: tuple[int, int]
    """How many rows there were, and their sum."""
    refused: str
    capped: int = CAPPED
    """How many rows of many there were where so many were wanted, of a client that says so in a way of its own."""

    @classmethod
    def of(cls, printed: str) -> "Found":
        """From what a program printed: the same, as JSON."""
        found = json.loads(printed)
        found["answers"] = [(answer["columns"], answer["rows"]) for answer in found["answers"]]
        return cls(**{**found, "long": tuple(found["long"])})


def declared_questions() -> Questions:
    """Those of the file."""
    declared = json.loads(QUESTIONS.read_text("utf-8"))
    return Questions(**{**declared, "queries": tuple(Question(**one) for one in declared["queries"])})


def plain(value: Any) -> Any:
    """A value as a Python client gives it, as it is declared. A time without a zone is in UTC."""
    match value:
        case datetime():
            moment = value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
            return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
        case date():
            return value.isoformat()
        case np.generic():
            return value.item()
        case list() | tuple() | np.ndarray():
            return [plain(one) for one in value]
    return value


def plain_rows(rows: Iterable[Sequence[Any]]) -> Rows:
    """The rows of a Python client, as they are declared."""
    return [[plain(value) for value in row] for row in rows]


def put_rows(warehouse: Warehouse) -> None:
    """Into a warehouse with its tables, the wallets and the orders that two of the queries read."""
    day_us = 86_400_000_000
    from_us = 1_586_505_600_000_000  # 2020-04-10 08:00 in UTC
    wallets = {
        "beneficiary_id": ["b-1", "b-2"],
        "rules": ["2020", "2021"],
        "status": ["active", "revoked"],
        "credits": pa.array([1, 2], pa.int32()),
        "credited": [1_000_000, 9_007_199_254_740_993],
        "balance": [650_000, 0],
        "spend_by_us": [from_us, from_us + 300 * day_us],
        "purchases": pa.array([1, 0], pa.int32()),
        "surveys": [0, 0b101],
    }
    orders = {
        "beneficiary_id": ["b-1", "b-1"],
        "platform_id": ["toko", "toko"],
        "order_id": ["INV/1", "INV/2 'ñ' \"東京\""],
        "price": [350_000, 100_000],
        "purchased_at_us": [from_us, from_us + day_us],
        "redeemed_at_us": [0, from_us + 2 * day_us],
        "attended": [0, 0b110],
        "certificate_id": ["", "C-7"],
        "score": [None, 91],
        "rating": pa.array([0, 5], pa.uint8()),
        "refunded": pa.array([1, 0], pa.uint8()),
        "flag_bits": pa.array([0, 3], pa.uint8()),
    }
    warehouse.insert("wallet_rows", pa.table(wallets))
    warehouse.insert("order_rows", pa.table(orders))
