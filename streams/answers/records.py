"""What was issued and compared: statements and reconciliations, with their lines."""

from typing import Final

from dompet.streams.answers.filters import Filters
from dompet.streams.answers.parties import SUMS
from dompet.streams.answers.question import Question
from dompet.streams.answers.rows_behind import Rows

_PARTY: Final = {
    "platform": "party = 'platform' AND party_id = %(platform)s",
    "institution": "party = 'institution' AND party_id = %(institution)s",
}
_STATEMENT: Final = ("party", "party_id", "number", "from_day", "to_day", "issued_at", "statement_id", "lines", *SUMS)
_LINE: Final = ("kind", "day", "platform_id", "institution_id", *SUMS)
_SIDES: Final = ("their_lines", "their_amount", "our_lines", "our_amount")
_FOUND: Final = ("matched", "amount_differs", "only_theirs", "only_ours", "twice_in_theirs")
_RUN: Final = (
    *("at", "platform_id", "from_day", "to_day", "file", *_SIDES, *_FOUND, "outside_lines", "outside_amount"),
    *("run_id", "file_sha256"),
)
_RUN_LINE: Final = (
    *("status", "line", "order_id", "beneficiary_id", "their_amount", "our_amount", "partition", "offset"),
)


def statements_sql(filters: Filters) -> str:
    """The query for statements that were issued."""
    where = filters.where({**_PARTY, "statement": "statement_id = %(statement)s"})
    return f"SELECT {', '.join(_STATEMENT)}\nFROM statements\nWHERE {where}"


def statement_lines_sql(filters: Filters) -> str:
    """The query for a statement's lines."""
    where = filters.where({"statement": "statement_id = %(statement)s"})
    return f"SELECT {', '.join(_LINE)}\nFROM statement_lines\nWHERE {where}"


def reconciliations_sql(filters: Filters) -> str:
    """The query for reconciliations, the newest first."""
    where = filters.where({"platform": "platform_id = %(platform)s", "run": "run_id = %(run)s"})
    return f"SELECT {', '.join(_RUN)}\nFROM reconciliations\nWHERE {where}"


def reconciliation_lines_sql(filters: Filters) -> str:
    """The query for a reconciliation's lines; `line` is 0 where only the journal has it."""
    where = filters.where({"run": "run_id = %(run)s", "status": "reconciliation_lines.status = %(status)s"})
    return f"""SELECT status, ifNull(reconciliation_lines.line, 0) AS line, order_id, beneficiary_id, their_amount,
    our_amount, ifNull(reconciliation_lines.partition, -1) AS partition,
    ifNull(reconciliation_lines.offset, -1) AS offset
FROM reconciliation_lines
WHERE {where}"""  # noqa: S608


STATEMENTS: Final = Question(
    "statements",
    "Statements that were issued to platforms and institutions.",
    _STATEMENT,
    statements_sql,
    ("platform", "institution", "statement"),
    ("party", "party_id", "-number"),
    {"lines": Rows("statement-lines", {}, {"statement": "statement_id"})},
)
STATEMENT_LINES: Final = Question(
    "statement-lines",
    "A statement's lines; an adjustment became known of a closed period after it was issued.",
    _LINE,
    statement_lines_sql,
    ("statement",),
    ("-kind", "day", "platform_id", "institution_id"),
    needs=("statement",),
)
RECONCILIATIONS: Final = Question(
    "reconciliations",
    "Somebody's statements compared with the journal, the newest first.",
    _RUN,
    reconciliations_sql,
    ("platform", "run"),
    ("-at", "run_id"),
    {
        **{name: Rows("reconciliation-lines", {"status": name}, {"run": "run_id"}) for name in _FOUND},
        "their_lines": Rows("reconciliation-lines", {}, {"run": "run_id"}),
    },
)
RECONCILIATION_LINES: Final = Question(
    "reconciliation-lines",
    "A reconciliation's lines: matched, amount differs, only theirs, only ours, twice in theirs.",
    _RUN_LINE,
    reconciliation_lines_sql,
    ("run", "status"),
    ("status", "line", "partition", "offset"),
    personal=True,
    needs=("run",),
)
