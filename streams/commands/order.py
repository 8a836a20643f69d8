"""`dompet order`: who has an order, and what became of it."""

from typing import TYPE_CHECKING, Annotated, Final

import typer

from dompet.streams.command_line.taking import with_settings
from dompet.streams.commands import flags

if TYPE_CHECKING:
    from dompet.streams.settings import Settings

PLACE: Final = ("Answers", 2)


@with_settings("warehouse", "home")
def order(
    settings: "Settings",
    order_id: Annotated[str, typer.Argument(metavar="ID", help="The order's id, as the platform gave it.")],
    platform: Annotated[str | None, typer.Option(metavar="P", help="Only on this platform.")] = None,
    form: flags.Format = None,
) -> int:
    """Show who has an order, how far it came, and every event that names it, the rejected ones too.

    Orders belong to their beneficiary: the same id under two people is two orders. With --format the events alone.
    Exits with 1 where no event names the order.
    """
    from functools import partial

    from dompet.streams.answers.asking import asking, rows
    from dompet.streams.answers.tracing import EVENT_COLUMNS, ORDER_FACTS, order_events_sql, orders_sql
    from dompet.streams.terminal.console import err, out
    from dompet.streams.terminal.output import write_whole
    from dompet.streams.terminal.tables import facts_table, rows_table
    from dompet.streams.warehouse.known import need_all_known

    with asking(settings) as ask:
        need_all_known(partial(rows, ask), {"platform": platform})
        events = rows(ask, order_events_sql(order_id, platform))
        if form is not None:
            write_whole(ask(order_events_sql(order_id, platform), form))
        else:
            for one in rows(ask, orders_sql(order_id, platform)):
                out.print(facts_table(one, ORDER_FACTS, ("price", "commission")))
                out.print()
            if events:
                columns = ("beneficiary_id", *EVENT_COLUMNS)
                out.print(rows_table(f"Events of order {order_id}", events, columns, ("amount",)))
    if not events:
        err.print(f"dompet: the journal has no event of order {order_id}", markup=False, soft_wrap=True)
    return 0 if events else 1
