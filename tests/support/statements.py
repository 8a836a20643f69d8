"""A statement of somebody else's, read for April and May 2020."""

from collections.abc import Mapping
from pathlib import Path

from dompet.streams.reconciliation.mapping import Layout
from dompet.streams.reconciliation.reading import StatementFile
from dompet.streams.settlement.period import Period

APRIL_AND_MAY = Period.parsed("2020-04-01", "2020-05-31")


def statement(path: Path, data: bytes, keys: Mapping[str, object]) -> StatementFile:
    path.write_bytes(data)
    return StatementFile(path, Layout.model_validate({"order_id": "order", "amount": "paid", **keys}), APRIL_AND_MAY)


def amounts(file: StatementFile) -> list[tuple[str, int, int]]:
    """The order, the amount and the line of each line."""
    rows = [row for block in file.blocks() for row in block.to_pylist()]
    assert all(row["refund"] or row["amount"] >= 0 for row in rows)
    return [(row["order_id"], row["amount"], row["line"]) for row in rows]
