"""`dompet funnel`: of all orders bought, how many came how far."""

from typing import Annotated, Literal

import typer

from dompet.streams.commands import flags


def funnel(
    by: Annotated[
        Literal["platform", "institution", "course", "category", "wave"], typer.Option(help="What the rows are.")
    ] = "platform",
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="T", help="What had happened by T: a day, or a time with offset.")
    ] = None,
    form: flags.Format = None,
    warehouse: flags.Warehouse = None,
    home: flags.Home = None,
    config: flags.Config = None,
) -> int:
    """Show how many orders were bought, redeemed, attended, completed and reviewed.

    Per platform, institution, course, category of the course, or wave. An order counts at every step that it reached,
    also where it was refunded later; unfinished_paid is the price of those neither completed nor refunded.
    """
    from dompet.streams.answers.asking import asking
    from dompet.streams.answers.funnel import COUNTS, MONEY, funnel_sql, key_of
    from dompet.streams.answers.printing import print_answer
    from dompet.streams.parsing.moments import until_us
    from dompet.streams.settings import read_settings

    happened_us = until_us("--as-of", as_of) if as_of is not None else None
    key = key_of(by)
    with asking(read_settings(warehouse=warehouse, home=home, config=config)) as ask:
        print_answer(ask, funnel_sql(by, happened_us), form, f"Orders by {by}", (key, *COUNTS, *MONEY), MONEY, (key,))
    return 0
