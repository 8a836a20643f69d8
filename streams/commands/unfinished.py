"""`dompet unfinished`: what was paid for courses that nobody finished, as of a day."""

from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer

from dompet.streams.command_line.taking import with_settings
from dompet.streams.commands import flags

if TYPE_CHECKING:
    from dompet.streams.settings import Settings

PLACE: Final = ("Answers", 3)


@with_settings("warehouse", "home")
def unfinished(
    settings: "Settings",
    by: Annotated[
        Literal["platform", "institution", "course", "wave"], typer.Option(help="What the rows are.")
    ] = "platform",
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", metavar="T", help="As it was at T: a day, or a time with offset, to the second."),
    ] = None,
    orders: Annotated[bool, typer.Option("--orders", help="The orders themselves, the dearest first.")] = False,
    form: flags.Format = None,
) -> int:
    """Show orders that are paid and neither completed nor refunded, and how many of them were not even redeemed.

    Per platform, institution, course or wave; now, or as it was at the end of a day.
    """
    from dompet.streams.answers.asking import asking
    from dompet.streams.answers.printing import print_answer
    from dompet.streams.answers.unfinished import KEYS, MONEY, ORDER, SUMS, unfinished_orders_sql, unfinished_sql
    from dompet.streams.parsing.moments import until_us

    happened_us = until_us("--as-of", as_of)
    with asking(settings) as ask:
        if orders:
            sql = unfinished_orders_sql(happened_us)
            print_answer(ask, sql, form, "Paid and not finished", ORDER, ("price",), ORDER[:5], ("price",))
        else:
            sql, key = unfinished_sql(by, happened_us), KEYS[by]
            print_answer(ask, sql, form, f"Paid and not finished, by {by}", (key, *SUMS), MONEY, (key,), SUMS)
    return 0
