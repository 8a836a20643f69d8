"""`dompet rejections`: every rejected event with its reason, for the publisher who sent it."""

from typing import Annotated

import typer

from dompet.streams.commands import flags


def rejections(
    publisher: Annotated[str | None, typer.Option(metavar="P", help="The publisher who sent them.")] = None,
    since: Annotated[
        str | None, typer.Option(metavar="T", help="Recorded since T: a day, or a time with offset.")
    ] = None,
    form: Annotated[
        str | None, typer.Option("--format", metavar="FORMAT", help="Any of ClickHouse's: CSVWithNames, JSONEachRow, …")
    ] = None,
    warehouse: flags.Warehouse = None,
    home: flags.Home = None,
    config: flags.Config = None,
) -> int:
    """Show rejected events with their reasons, the newest first.

    --since looks at when the log recorded them, so that nothing is missed that came late; a day begins in Asia/Jakarta.
    """
    from dompet.streams.answers.asking import asking
    from dompet.streams.answers.moments import since_us
    from dompet.streams.answers.printing import print_answer
    from dompet.streams.answers.turned_away import rejections_sql
    from dompet.streams.settings import read_settings

    begin_us = since_us("--since", since) if since is not None else None
    columns = ("recorded_at", "occurred_at", "type", "event_id", "beneficiary_id", "order_id", "amount", "reason")
    title = f"Rejected events of {publisher}" if publisher is not None else "Rejected events"
    with asking(read_settings(warehouse=warehouse, home=home, config=config)) as ask:
        print_answer(ask, rejections_sql(publisher, begin_us), form, title, columns, ("amount",))
    return 0
