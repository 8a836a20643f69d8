"""`dompet funnel`: of all orders bought, how many came how far."""

from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer

from dompet.streams.command_line.taking import with_settings
from dompet.streams.commands import flags

if TYPE_CHECKING:
    from dompet.streams.settings import Settings

PLACE: Final = ("Answers", 2)


@with_settings("warehouse", "home")
def funnel(
    settings: "Settings",
    by: Annotated[
        Literal["platform", "institution", "course", "category", "wave"], typer.Option(help="What the rows are.")
    ] = "platform",
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="T", help="What had happened by T: a day, or a time with offset.")
    ] = None,
    form: flags.Format = None,
) -> int:
    """Show how many orders were bought, redeemed, attended, completed and reviewed.

    Per platform, institution, course, category of the course, or wave. An order counts at every step that it reached,
    also where it was refunded later; unfinished_paid is the price of those neither completed nor refunded.
    """
    from dompet.streams.answers.asking import asking
    from dompet.streams.answers.funnel import COUNTS, MONEY, funnel_sql, key_of
    from dompet.streams.answers.printing import print_answer
    from dompet.streams.parsing.moments import until_us

    happened_us = until_us("--as-of", as_of)
    key = key_of(by)
    with asking(settings) as ask:
        print_answer(
            ask,
            funnel_sql(by, happened_us),
            form,
            f"Orders by {by}",
            (key, *COUNTS, *MONEY),
            MONEY,
            (key,),
            sums=(*COUNTS, *MONEY),
            empty="no order was bought",
        )
    return 0
