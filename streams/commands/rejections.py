"""`dompet rejections`: every rejected event with its reason, for the publisher who sent it; and their redrive."""

from typing import Annotated

import typer

from dompet.schemas.errors import DompetError
from dompet.streams.commands import flags


def rejections(
    context: typer.Context,
    publisher: Annotated[str | None, typer.Option(metavar="P", help="The publisher who sent them.")] = None,
    since: Annotated[
        str | None, typer.Option(metavar="T", help="Recorded since T: a day, or a time with offset.")
    ] = None,
    form: flags.Format = None,
    warehouse: flags.Warehouse = None,
    home: flags.Home = None,
    config: flags.Config = None,
) -> int | None:
    """Show rejected events with their reasons, the newest first.

    --since looks at when the log recorded them, so that nothing is missed that came late; a day begins in Asia/Jakarta.
    """
    from dompet.streams.answers.asking import asking
    from dompet.streams.answers.printing import print_answer
    from dompet.streams.answers.rejections import rejections_sql
    from dompet.streams.parsing.moments import since_us
    from dompet.streams.settings import read_settings

    if context.invoked_subcommand is not None:
        return None
    begin_us = since_us("--since", since) if since is not None else None
    columns = ("recorded_at", "occurred_at", "type", "event_id", "beneficiary_id", "order_id", "amount", "reason")
    title = f"Rejected events of {publisher}" if publisher is not None else "Rejected events"
    with asking(read_settings(warehouse=warehouse, home=home, config=config)) as ask:
        print_answer(ask, rejections_sql(publisher, begin_us), form, title, columns, ("amount",))
    return 0


def redrive(
    reason: flags.Reason = None,
    publisher: flags.Publisher = None,
    person: Annotated[str | None, typer.Option(metavar="ID", help="Only those of this beneficiary_id.")] = None,
    partition: flags.Partition = None,
    since: flags.Since = None,
    until: flags.Until = None,
    everything: flags.Everything = False,
    with_later: flags.WithLater = True,
    dry_run: flags.DryRun = False,
    force: flags.Force = False,
    by: flags.By = None,
    kafka: flags.Kafka = None,
    warehouse: flags.Warehouse = None,
    home: flags.Home = None,
    log_topic: flags.LogTopic = None,
    config: flags.Config = None,
) -> int:
    """Publish rejected events to the log again, as they were, each once, to be judged anew.

    For what was reported out of order: `--reason unknown_order` once the purchases are there. What the same person's
    later events were rejected for because of it goes along, in the log's order.
    """
    from dompet.streams.commands.local_kafka import with_kafka
    from dompet.streams.dead_letters.actions import whoever
    from dompet.streams.parsing.moments import since_us, until_us
    from dompet.streams.redrive.rejected import Chosen, chosen_with_people
    from dompet.streams.redrive.report import report_done, report_plan
    from dompet.streams.redrive.run import redrive as carried_out
    from dompet.streams.redrive.run import redrive_session
    from dompet.streams.settings import read_settings

    begin = since_us("--since", since) if since is not None else None
    end = until_us("--until", until) if until is not None else None
    chosen, who = Chosen(reason, publisher, person, partition, begin, end), whoever(by)
    if chosen.everything and not everything:
        raise DompetError("say which: a filter such as --reason unknown_order, or --all")
    settings = with_kafka(
        read_settings(kafka=kafka, warehouse=warehouse, home=home, log_topic=log_topic, config=config)
    )
    with redrive_session(settings, who) as at:
        plan = at.rejected(*chosen_with_people(at.client, chosen), later=with_later)
        carried_out(at, plan, [], force=force, dry_run=dry_run, tell=report_plan, told=report_done)
    return 0
