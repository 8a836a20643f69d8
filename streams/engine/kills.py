"""`KILL QUERY` as clients send it to end a query of their own, by the id that they gave it."""

import re
from typing import Final

from dompet.streams.engine.guests import Statement
from dompet.streams.warehouse.base import escaped

_KILL: Final = re.compile(
    r"\s*KILL\s+QUERY\s+WHERE\s+query_id\s*=\s*'((?:[^'\\]|\\.)*)'\s*(?:A?SYNC|TEST)?\s*(?:FORMAT\s+(\w+))?\s*;?\s*",
    re.IGNORECASE,
)


def killed(sql: str) -> tuple[str, str] | None:
    """The id of the query that the statement ends, and the format of its answer; None where it is another one."""
    found = _KILL.fullmatch(sql)
    return (re.sub(r"\\(.)", r"\1", found[1]), found[2] or "") if found else None


def kill_answer(found: bool, query_id: str, user: str, form: str) -> Statement:
    """What ClickHouse answers: a row where there was such a query."""
    row = f"'waiting' AS kill_status, {escaped(query_id)} AS query_id, {escaped(user)} AS user"
    return Statement(f"SELECT {row}, '' AS query WHERE {int(found)}", form)
