"""`dompet wallet`: one person's wallet and timeline, now and as of any moment."""

from typing import TYPE_CHECKING, Annotated, Final

import typer

from dompet.schemas.errors import DompetError
from dompet.streams.command_line.taking import with_settings
from dompet.streams.commands import flags

if TYPE_CHECKING:
    from dompet.streams.answers.asking import Ask
    from dompet.streams.answers.wallet import AsOf
    from dompet.streams.settings import Settings

PLACE: Final = ("Answers", 1)


@with_settings("warehouse", "home")
def wallet(
    settings: "Settings",
    beneficiary_id: Annotated[str, typer.Argument(metavar="ID", help="The person's beneficiary_id.")],
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="T", help="What had happened by T: a day, or a time with offset.")
    ] = None,
    known_at: Annotated[
        str | None, typer.Option("--known-at", metavar="T", help="What was known by T: recorded in the log.")
    ] = None,
    timeline: Annotated[bool, typer.Option("--timeline", help="With --format or --sql: the events instead.")] = False,
    form: flags.Format = None,
    sql: Annotated[bool, typer.Option("--sql", help="Show the query instead of its answer.")] = False,
) -> int:
    """Show a person's wallet and every event with its outcome, now or as of any moment.

    A day means its end in Asia/Jakarta. Money is the sum of the accepted events up to then; outcomes are never
    decided again, so where a report came late a balance may be negative. Exits with 1 where nobody of this id is known.
    """
    from dompet.streams.answers.asking import asking
    from dompet.streams.answers.wallet import AsOf, partition_in, timeline_sql, wallet_sql
    from dompet.streams.parsing.moments import until_us
    from dompet.streams.terminal.output import write_whole

    _check_id(beneficiary_id)
    happened_us = until_us("--as-of", as_of)
    known_us = until_us("--known-at", known_at)
    with asking(settings) as ask:
        asked = AsOf(beneficiary_id, happened_us, known_us, partition_in(ask, beneficiary_id))
        query = timeline_sql(asked) if timeline else wallet_sql(asked)
        if sql:
            write_whole(query.encode())
            return 0
        if not _known(ask, asked):
            return 1
        if form is not None:
            write_whole(ask(query, form))
        else:
            _show(ask, asked)
    return 0


def _check_id(beneficiary_id: str) -> None:
    from dompet.schemas.limits import id_fault

    try:
        size = len(beneficiary_id.encode())
    except UnicodeEncodeError:
        raise DompetError("the beneficiary_id is not UTF-8") from None
    if fault := id_fault("beneficiary_id", beneficiary_id, size):
        raise DompetError(str(fault))


def _known(ask: "Ask", asked: "AsOf") -> bool:
    """Whether there is any event of the person by then; if not, says so."""
    from functools import partial

    from dompet.streams.answers.asking import rows
    from dompet.streams.answers.wallet import known
    from dompet.streams.terminal.console import err
    from dompet.streams.warehouse.known import nearest_known

    if known(ask, asked):
        return True
    limited = " by then" if asked.happened_us is not None or asked.known_us is not None else ""
    hint = "" if limited else nearest_known(partial(rows, ask), "person", asked.beneficiary_id)
    sentence = f"the journal has no event of {asked.beneficiary_id}{limited}{hint}"
    err.print(f"dompet: {sentence}", markup=False, soft_wrap=True)
    return False


def _show(ask: "Ask", asked: "AsOf") -> None:
    from dompet.streams.answers.asking import rows
    from dompet.streams.answers.wallet import MONEY, timeline_sql, wallet_of
    from dompet.streams.terminal.console import note, out
    from dompet.streams.terminal.tables import facts_table, rows_table

    found = wallet_of(ask, asked)
    if found is None:
        note("there is no wallet: no credit was accepted")
    else:
        out.print(facts_table(found, tuple(found), MONEY))
        out.print()
    events = rows(ask, timeline_sql(asked))
    columns = ("occurred_at", "recorded_at", "type", "order_id", "amount", "outcome", "reason", "balance_after")
    out.print(rows_table("Timeline", events, columns, ("amount", "balance_after")))
