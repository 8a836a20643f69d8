"""Whom the warehouse knows: platforms, institutions, publishers and people that a command is asked about."""

import tomllib
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final, Literal

from dompet.schemas.errors import DompetError
from dompet.streams.parsing.texts import near, shown
from dompet.streams.warehouse.base import bound
from dompet.streams.warehouse.client import WarehouseClient

Kind = Literal["platform", "institution", "publisher", "person"]
Rows = Callable[[str], Sequence[Mapping[str, Any]]]
"""Gives the rows of a query."""

_NEAR_MAX: Final = 1_000
_IN: Final[Mapping[Kind, tuple[tuple[str, str], ...]]] = MappingProxyType(
    {
        "platform": (("journal_rows", "platform_id"), ("platform_rows", "platform_id")),
        "institution": (
            ("journal_rows", "institution_id"),
            ("journal_rows", "order_institution_id"),
            ("institution_rows", "institution_id"),
        ),
        "publisher": (("journal_rows", "publisher_id"), ("dead_letter_publisher_rows", "publisher_id")),
        "person": (("journal_rows", "beneficiary_id"),),
    }
)
"""The tables and columns that name each."""


class Unknown(DompetError):
    """Nobody of this name is known: probably it is misspelt."""


def rows_of(client: WarehouseClient) -> Rows:
    """The rows that a client reads."""
    return lambda sql: client.read(sql).to_pylist()


def need_known(rows: Rows, kind: Kind, name: str) -> None:
    """Unknown, with the names that are nearest, where neither an event nor the catalogue has this name."""
    if not _is_known(rows, kind, name):
        raise Unknown(
            f"no {kind} {shown(name, 80)} is known, by any event or the catalogue{nearest_known(rows, kind, name)}"
        )


def need_all_known(rows: Rows, names: Mapping[Kind, str | None]) -> None:
    """`need_known` for each that is asked for."""
    for kind, name in names.items():
        if name is not None:
            need_known(rows, kind, name)


def nearest_known(rows: Rows, kind: Kind, name: str) -> str:
    """The end of a sentence that says that a name is not known: those nearest to it, if there are any."""
    few = [shown(one, 80) for one in near(name, _candidates(rows, kind, name))]
    return f"; the nearest {'is' if len(few) == 1 else 'are'} {', '.join(few)}" if few else ""


@cache
def _partners() -> tuple[str, ...]:
    """The platforms that partner at the start, which need no event to be known."""
    listed = tomllib.loads((files("dompet.schemas") / "catalogue.toml").read_text("utf-8"))
    return tuple(one["platform_id"] for one in listed["platforms"])


def _is_known(rows: Rows, kind: Kind, name: str) -> bool:
    return (kind in ("platform", "publisher") and name in _partners()) or any(
        rows(bound(f"SELECT 1 AS one FROM {table} WHERE {column} = %(name)s LIMIT 1", {"name": name}))  # noqa: S608
        for table, column in _IN[kind]
    )


def _candidates(rows: Rows, kind: Kind, name: str) -> list[str]:
    """Names that may be near: of people, who are many, those that begin or end alike."""
    half = max(len(name) // 2, 1)
    alike = "(startsWith({0}, %(begin)s) OR endsWith({0}, %(end)s))" if kind == "person" else "{0} != ''"
    params = {"begin": name[:half], "end": name[-half:]}
    found = list(_partners()) if kind in ("platform", "publisher") else []
    for table, column in _IN[kind]:
        chosen = alike.format(column)
        sql = f"SELECT DISTINCT {column} AS name FROM {table} WHERE {chosen} ORDER BY name LIMIT {_NEAR_MAX}"  # noqa: S608
        found += [str(row["name"]) for row in rows(bound(sql, params))]
    return found
