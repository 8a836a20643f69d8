"""The digest of journal rows: a number a row, by plain arithmetic modulo 2^64, which any change of a number changes."""

from random import Random

import numpy as np
import pytest

from dompet.projections.columns import COLUMNS, Column, Kind
from dompet.projections.digest import DIGESTED, digest_sql, row_digests, weight
from dompet.projections.fold import Fold
from dompet.projections.journal import Nullable, journal_rows
from dompet.schemas.decode import decode
from dompet.schemas.rules import read_rules
from tests.schemas.log_records import any_record, batch
from tests.support.folding import Row, plain_rows


def by_the_book(row: Row) -> int:
    total = sum(int(row[column.name] or 0) * weight(place) for place, column in enumerate(DIGESTED))
    return total * (2 * int(row["offset"]) + 1) % 2**64


def test_the_digest_of_a_row_is_plain_arithmetic() -> None:
    rng = Random(1)
    decoded = decode(batch([any_record(rng.getrandbits(32)) for _ in range(300)]))
    fold = Fold(read_rules())
    journal = journal_rows(decoded, fold.apply(decoded), fold.state, fold.laws)
    assert row_digests(journal, 300).tolist() == [by_the_book(row) for row in plain_rows(journal, 300)]


def test_every_number_of_the_journal_counts() -> None:
    texts = {column.name for column in COLUMNS if column.kind in {Kind.STRING, Kind.CATEGORY}}
    assert {column.name for column in DIGESTED} == {column.name for column in COLUMNS} - texts
    assert len({weight(place) for place in range(len(DIGESTED))}) == len(DIGESTED)
    assert all(weight(place) % 2 == 1 and weight(place) < 2**64 for place in range(len(DIGESTED)))
    assert all(column.name in digest_sql() for column in DIGESTED)


@pytest.mark.parametrize("column", [column for column in DIGESTED if column.name != "offset"], ids=lambda one: one.name)
def test_a_number_that_changes_changes_the_digest(column: Column) -> None:
    offset = np.array([7, 8])
    before = row_digests({"offset": offset, column.name: np.array([0, 0])}, 2)
    changed: object = np.array([0, 1])
    if column.kind is Kind.NULLABLE:
        changed = Nullable(np.array([0, 1]), np.array([False, True]))
    after = row_digests({"offset": offset, column.name: changed}, 2)
    assert (before == after).tolist() == [True, False]
