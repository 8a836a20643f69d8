"""A page of a long list in two queries: first the keys of its rows, then these rows alone.

A list of orders joins every order's owner and ending before it sorts them, for fifty rows: 5 s of 1,000,000 orders. The
keys, of one table and few columns, take 0.4 s, and the rows of fifty keys 0.6 s.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from dompet.streams.answers.filters import Filters
from dompet.streams.parsing.places import Place, in_places
from dompet.streams.warehouse.base import bound
from dompet.streams.warehouse.narrowed import narrowed

ROWS_MOST: Final = 500
"""A page of more rows is asked in one query: so many keys would be a longer query than servers take."""

_NAMES: Final = ("beneficiary_id", "platform_id", "order_id")
_ORDER: Final = "(%(beneficiary_id)s, %(platform_id)s, %(order_id)s)"
Keys = Iterable[Mapping[str, Any]]


@dataclass(frozen=True)
class ByKeys:
    """How a question is asked so. Neither a row's keys nor what it is sorted by may ever change: so a row that changes
    between the queries is shown as it is by then, and none is missing.
    """

    keys: Callable[[Filters], str | None]
    """The query for the columns that rows are sorted by, of all rows; None where a filter needs the long way."""
    rows: Callable[[Keys], str]
    """The query for the rows of these keys."""


def orders_of_keys(columns: Iterable[str]) -> Callable[[Keys], str]:
    """The query for these columns of orders."""
    names = ", ".join(columns)

    def rows(keys: Keys) -> str:
        keys = list(keys)
        people = bound("beneficiary_id IN %(people)s", {"people": tuple({one["beneficiary_id"] for one in keys})})
        view = narrowed("order_history", dict.fromkeys(("order_rows", "wallet_rows", "journal_rows"), people))
        orders = ", ".join(bound(_ORDER, {name: one[name] for name in _NAMES}) for one in keys)
        return f"SELECT {names}\nFROM {view}\nWHERE (beneficiary_id, platform_id, order_id) IN ({orders})"

    return rows


def records_of_keys(view: str, columns: Iterable[str]) -> Callable[[Keys], str]:
    """The query for these columns of a view that has a row for a record of the log."""
    names = ", ".join(columns)

    def rows(keys: Keys) -> str:
        places = in_places(Place(one["partition"], one["offset"]) for one in keys)
        return f"SELECT {names}\nFROM {narrowed(view, {'journal_rows': places})}"

    return rows
