"""What a warehouse should hold and show: rows of the journal as they are stored, and as its views show them."""

import json
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from dompet.projections.journal import journal_rows
from dompet.projections.vocabulary import Flag
from dompet.schemas.decode import decode
from dompet.schemas.records import Records
from dompet.streams.warehouse import Warehouse, WarehouseError
from dompet.streams.warehouse.rows import arrow_table, latest_table
from tests.model import Model, Order, Wallet
from tests.support.folding import Folding, Row, plain_rows
from tests.support.warehouses import rows_of

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def folded(folding: Folding, batch: Records) -> tuple[pa.Table, list[Row]]:
    """A batch, folded: the table to insert, and the same as rows."""
    decoded = decode(batch)
    result = folding.fold.apply(decoded)
    journal = journal_rows(decoded, result, folding.fold.state, folding.fold.laws)
    return arrow_table(journal), plain_rows(journal, len(batch))


def store(warehouse: Warehouse, journals: Iterable[pa.Table]) -> None:
    """Insert rows of the journal, batch by batch, and of each wallet and order the last accepted one of them."""
    for journal in journals:
        warehouse.insert("journal_rows", journal)
        for name, places in _latest(journal).items():
            warehouse.insert(name, latest_table(name, journal, np.array(sorted(places), dtype=np.int64)))


def _latest(journal: pa.Table) -> dict[str, Iterable[int]]:
    names = ("outcome", "beneficiary_id", "platform_id", "order_id")
    wallets: dict[str, int] = {}
    orders: dict[tuple[str, ...], int] = {}
    for place, row in enumerate(journal.select([n for n in names if n in journal.column_names]).to_pylist()):
        if row["outcome"] == "accepted":
            wallets[row["beneficiary_id"]] = place
            if row.get("order_id"):
                orders[tuple(row.values())] = place
    return {"wallet_rows": wallets.values(), "order_rows": orders.values()}


def stored_rows(warehouse: Warehouse, where: str = "1") -> list[Row]:
    """The rows of `journal_rows`, each once, by partition and offset."""
    return rows_of(warehouse, f"SELECT * FROM journal_rows FINAL WHERE {where} ORDER BY partition, offset")


def shown(warehouse: Warehouse, sql: str) -> list[Row]:
    """What a query answers, as people get it."""
    return [json.loads(line) for line in warehouse.answer(sql, "JSONEachRow").splitlines()]


def types_of(warehouse: Warehouse, view: str) -> dict[str, str]:
    """The columns of a view or table with ClickHouse's names for their types, in order."""
    return {str(row["name"]): str(row["type"]) for row in rows_of(warehouse, f"DESCRIBE TABLE {view}")}


def moment(micros: int | None) -> str | None:
    """A time as the views show it: whole seconds in UTC, and nothing where there is none."""
    return second(micros) if micros else None


def second(micros: int) -> str:
    """The second in UTC."""
    return (_EPOCH + timedelta(seconds=micros // 1_000_000)).strftime("%Y-%m-%d %H:%M:%S")


def jakarta_day(micros: int) -> str:
    """The day in Jakarta."""
    return (_EPOCH + timedelta(seconds=micros // 1_000_000 + 7 * 3600)).strftime("%Y-%m-%d")


def yes_no(value: int) -> str:
    """As the views show it."""
    return "yes" if value else "no"


def numbers(bits: int) -> list[int]:
    """The numbers that the bits represent."""
    return [number for number in range(1, 64) if bits >> (number - 1) & 1]


def as_journal(row: Row) -> Row:
    """A stored row as the view `journal` shows it."""
    view = dict(row)
    for name in [name for name in row if name.endswith("_us")]:
        view[name.removesuffix("_us")] = moment(row[name]) if name != "recorded_at_us" else second(row[name])
        if name.endswith("_at_us"):
            at = row[name] or name == "recorded_at_us"
            view[f"{name.removesuffix('_at_us')}_on"] = jakarta_day(row[name]) if at else None
    view["flags"] = _flags(view.pop("flag_bits"))
    view["order_flags"] = _flags(view.pop("order_flag_bits"))
    for name in ("certificate_id", "order_certificate_id"):
        view[name] = row[name] or None
    view["order_rating"] = row["order_rating"] or None
    view["rating"] = row["rating"] if row["type"] == "CourseReviewed" else None
    view["present"] = yes_no(row["present"]) if row["type"] == "AttendanceRecorded" else None
    for name in ("entitled_after", "held_after", "order_refunded", "order_cleared"):
        view[name] = yes_no(row[name])
    for name in ("surveys_after", "order_sessions", "order_attended"):
        view[name] = numbers(row[name])
    if row["type"] in ("SaldoRevoked", "BeneficiarySanctioned"):
        view["amount"] = row["returned_change"]
    return view


def as_wallets(model: Model, names: Iterable[str]) -> list[Row]:
    """The model's wallets as the view `wallets` shows these columns, by beneficiary."""
    return [_shown_state(names, wallet, {"beneficiary_id": key}) for key, wallet in sorted(model.wallets.items())]


def as_orders(model: Model, names: Iterable[str]) -> list[Row]:
    """The model's orders as the view `orders` shows these columns, by beneficiary, platform and id."""
    keys = ("beneficiary_id", "platform_id", "order_id")
    return [
        _shown_state(names, order, dict(zip(keys, key, strict=True))) for key, order in sorted(model.orders.items())
    ]


_NUMBERS = ("surveys", "sessions", "attended")
_TIMES = ("first_purchase_due", "spend_by", "purchased_at", "redeemed_at", "completed_at", "reviewed_at")


def _shown_state(names: Iterable[str], state: Wallet | Order, key: Mapping[str, str]) -> Row:
    row: dict[str, Any] = {name: key.get(name, getattr(state, name, None)) for name in names}
    for name, value in row.items():
        if name in _TIMES:
            row[name] = moment(value)
        elif name.endswith("_on"):
            at = getattr(state, name.removesuffix("_on"), getattr(state, f"{name.removesuffix('_on')}_at", None))
            row[name] = jakarta_day(at) if at else None
        elif name in _NUMBERS:
            row[name] = numbers(value)
        elif isinstance(value, bool):
            row[name] = yes_no(value)
        elif isinstance(value, tuple):
            row[name] = sorted(value, key=lambda flag: Flag[flag.upper()])
    return row


def _flags(bits: int) -> list[str]:
    return [str(flag.name).lower() for flag in Flag if bits & flag]


def delete(warehouse: Warehouse, table: str, where: str) -> None:
    """Take rows out of a table for good, as an accident would."""
    for settings in (" SETTINGS mutations_sync = 1", ""):
        try:
            warehouse.execute(f"ALTER TABLE {table} DELETE WHERE {where}{settings}")
            break
        except WarehouseError:  # the oldest servers know no such setting: there one waits
            continue
    deadline = time.monotonic() + 30
    while rows_of(warehouse, f"SELECT 1 AS n FROM {table} WHERE {where} LIMIT 1"):
        assert time.monotonic() < deadline
        time.sleep(0.01)
