"""Views of a few rows: their queries with a condition at each table that they read.

A server pushes a condition on a view into none of the tables that the view joins, nor into one that it reads with
FINAL: it would read all of them for one person's rows, or for those that came since a moment ago.
"""

import re
from collections.abc import Mapping

from dompet.streams.warehouse.views import views

_FINAL = re.compile(r"\bFROM (\w+) FINAL\b(\s+PREWHERE )?")


def narrowed(view: str, conditions: Mapping[str, str]) -> str:
    """A view as a subquery of the same name that reads, of each of these tables, only what fulfils its condition.

    A condition is on what all rows of one key have in common: it is put before rows are merged. ValueError where the
    view does not read one of the tables with FINAL.
    """
    query = views()[view].query
    if missing := conditions.keys() - {found[1] for found in _FINAL.finditer(query)}:
        raise ValueError(f"the view {view} does not read {', '.join(sorted(missing))} with FINAL")

    def put(found: re.Match[str]) -> str:
        condition = conditions.get(found[1])
        if condition is None:
            return found[0]
        return f"FROM {found[1]} FINAL PREWHERE ({condition})" + (" AND " if found[2] else "")

    return f"(\n{_FINAL.sub(put, query)}\n) AS {view}"
