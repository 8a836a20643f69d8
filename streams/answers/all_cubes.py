"""The cubes, as data: their columns and their queries."""

from typing import Final

from dompet.projections.columns import LATEST
from dompet.streams.answers.cubes import Cube, sums_of
from dompet.streams.answers.funnel import COUNTS
from dompet.streams.answers.funnel import MONEY as PAID
from dompet.streams.answers.parties import JUDGED_SUMS, SUMS
from dompet.streams.answers.programme import CONSERVED, DAY, DAY_SUMS, MONTH, OWED, WALLET_SUMS
from dompet.streams.answers.progress import CLAWBACK_SUMS, RENAMED
from dompet.streams.answers.sent import OUTCOME_SUMS, REASON_SUMS
from dompet.streams.answers.wave_incentives import WAVE_OWED, WAVE_OWED_SUMS
from dompet.streams.warehouse.narrowed import narrowed
from dompet.streams.warehouse.views import views

_DAYS: Final = ("credited", "sales", "sold", "refunds", "refunded", "completions", "incentives_paid")
_WALLETS: Final = ("people", "held_people", *CONSERVED, *OWED)
_STEPS: Final = {RENAMED.get(name, name): f"toInt64(sum(order_steps.{name}))" for name in (*COUNTS, *PAID)}
_STEP_SUMS: Final = ",\n    ".join(f"{made} AS {name}" for name, made in _STEPS.items())
_SENT: Final = ("day", "publisher_id", "platform_id", "type")
_RECORDED: Final = (f"{DAY.replace('occurred', 'recorded')} AS day", *_SENT[1:])
_OUTCOMES: Final = ("events", "accepted", "duplicate", "rejected")
_REASONS: Final = {**sums_of("events", "amount"), "first_at": "min", "last_at": "max"}


def _grouped(keys: str, sums: str, source: str) -> str:
    """Sums by keys: names, or `expression AS name` in lines of their own."""
    names = ", ".join(key.rpartition(" ")[2] for key in keys.split("\n"))
    selected = ",\n    ".join((*keys.split("\n"), sums))
    return f"SELECT\n    {selected}\nFROM {source}\nGROUP BY {names}"


def _journal(view: str, only_of: str, of: str) -> str:
    """A view of the journal's records of a kind. The condition is on the whole record: rows of one place are the same,
    so it is put before they are merged.
    """
    return narrowed(view, {"journal_rows": f"{only_of} AND ({of})" if of else only_of})


def _steps(view: str, of: str) -> str:
    return narrowed(view, {"step_rows": of}) if of else view


WALLETS: Final = Cube(
    "wallets",
    ("wave", "decree", "status", *_WALLETS),
    lambda _: _grouped(
        "wave\ndecree\nstatus", f"toInt64(countIf(held = 'yes')) AS held_people,\n    {WALLET_SUMS}", "wallets"
    ),
    sums_of(*_WALLETS),
    grows=False,
)
MONTHS: Final = Cube(
    "months",
    ("day", "wave", "decree", "platform_id", "institution_id", *_DAYS),
    lambda of: _grouped(
        f"{MONTH} AS day\nwave_after AS wave\ndecree_after AS decree\nplatform_id"
        "\norder_institution_id AS institution_id",
        DAY_SUMS,
        _journal("journal", "outcome = 'accepted'", of),
    ),
    sums_of(*_DAYS),
)
WAVES_OWED: Final = Cube(
    "waves_owed",
    ("wave", "decree", *WAVE_OWED),
    lambda of: _grouped(
        "wave_after AS wave\ndecree_after AS decree", WAVE_OWED_SUMS, _journal("journal", "outcome = 'accepted'", of)
    ),
    sums_of(*WAVE_OWED),
)
STEPS: Final = Cube(
    "steps",
    ("platform_id", "institution_id", "course_id", "wave", *_STEPS),
    lambda of: _grouped("platform_id\ninstitution_id\ncourse_id\nwave", _STEP_SUMS, _steps("order_steps", of)),
    sums_of(*_STEPS),
)
SETTLED: Final = Cube(
    "settled",
    ("day", "platform_id", "institution_id", *SUMS),
    lambda of: f"SELECT day, platform_id, institution_id, {', '.join(SUMS)}\nFROM {_steps('settlement', of)}",
    sums_of(*SUMS),
)
OUTCOMES: Final = Cube(
    "outcomes",
    (*_SENT, *_OUTCOMES),
    lambda of: _grouped("\n".join(_RECORDED), OUTCOME_SUMS, _journal("timeline", "outcome != 'dead'", of)),
    sums_of(*_OUTCOMES),
)
REASONS: Final = Cube(
    "reasons",
    (*_SENT, "reason", *_REASONS),
    lambda of: _grouped(
        "\n".join((*_RECORDED, "reason")), REASON_SUMS, _journal("timeline", "outcome = 'rejected'", of)
    ),
    _REASONS,
)
CLAWBACKS: Final = Cube(
    "clawbacks",
    ("beneficiary_id", "clawback_id", "wave", "decree", "ordered", "repaid", "ordered_us"),
    lambda of: _grouped(
        "beneficiary_id\nclawback_id\nwave_after AS wave\ndecree_after AS decree",
        CLAWBACK_SUMS,
        _journal("journal", "outcome = 'accepted' AND type IN ('ClawbackOrdered', 'ClawbackRepaid')", of),
    ),
    {**sums_of("ordered", "repaid"), "ordered_us": "max"},
)


def _judged(of: str) -> str:
    """The view of sales as the catalogue judges them, its orders read from the events that bought them: of an order's
    facts none that is judged changes later.
    """
    bought = "outcome = 'accepted' AND type = 'CoursePurchased'"
    columns = ", ".join(f"{source} AS {name}" for name, source in LATEST["order_rows"].items())
    where = f"{bought} AND ({of})" if of else bought
    source = f"FROM (SELECT {columns} FROM journal_rows FINAL PREWHERE {where}) AS order_rows"  # noqa: S608
    view = views()["sale_judgements"].query.replace("FROM order_rows FINAL", source)
    return f"(\n{view}\n) AS sale_judgements\nWHERE length(judgements) != 0"


JUDGED: Final = Cube(
    "judged",
    ("platform_id", "institution_id", "judgement", "sales", "paid"),
    lambda of: _grouped("platform_id\ninstitution_id\narrayJoin(judgements) AS judgement", JUDGED_SUMS, _judged(of)),
    sums_of("sales", "paid"),
    of_catalogue=True,
)
