"""`dompet rejections redrive`: rejected events into the log again."""

from typing import TYPE_CHECKING, Annotated, Final

import typer

from dompet.schemas.errors import DompetError
from dompet.streams.command_line.taking import with_settings
from dompet.streams.commands import flags

if TYPE_CHECKING:
    from dompet.streams.settings import Settings

PLACE: Final = ("Commands", 1)


@with_settings("kafka", "warehouse", "home", "log_topic")
def redrive(
    settings: "Settings",
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
) -> int:
    """Publish rejected events to the log again, as they were, each once, to be judged again.

    For what was reported out of order: `--reason unknown_order` once the purchases are there. What the same person's
    later events were rejected for because of it goes along, in the log's order.
    """
    from dompet.streams.commands.local_kafka import with_kafka
    from dompet.streams.dead_letters.actions import acting_user
    from dompet.streams.parsing.moments import since_us, until_us
    from dompet.streams.redrive.rejected import Chosen, chosen_with_people
    from dompet.streams.redrive.report import report_done, report_plan
    from dompet.streams.redrive.run import redrive as carried_out
    from dompet.streams.redrive.run import redrive_session
    from dompet.streams.warehouse.known import need_all_known, rows_of

    begin = since_us("--since", since)
    end = until_us("--until", until)
    chosen, who = Chosen(reason, publisher, person, partition, begin, end), acting_user(by)
    if chosen.everything and not everything:
        raise DompetError("say which: a filter such as --reason unknown_order, or --all")
    settings = with_kafka(settings)
    with redrive_session(settings, who) as at:
        need_all_known(rows_of(at.client), {"publisher": publisher, "person": person})
        plan = at.rejected(*chosen_with_people(at.client, chosen), later=with_later)
        carried_out(at, plan, [], force=force, dry_run=dry_run, on_plan=report_plan, on_done=report_done)
    return 0
