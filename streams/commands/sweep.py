"""`dompet sweep`: the deadlines by hand."""

from typing import TYPE_CHECKING, Annotated, Final

import typer

from dompet.streams.command_line.taking import with_settings

if TYPE_CHECKING:
    from dompet.streams.settings import Settings

PLACE: Final = ("Run", 5)

_SHOWN = 10


@with_settings("kafka", "warehouse", "home", "log_topic")
def sweep(
    settings: "Settings",
    as_of: Annotated[
        str,
        typer.Option(
            "--as-of", metavar="T", help="Deadlines before T: a day's end in Asia/Jakarta, or a time with offset."
        ),
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what it would revoke, and publish nothing.")] = False,
) -> int:
    """Revoke the wallets past a deadline: no purchase by the first one's, or a balance past the year's.

    Publishes a SaldoRevoked for each to the log; the fold decides. Doing it again changes nothing. A worker does the
    same by itself with --sweep-seconds.
    """
    from dompet.streams.commands.local_kafka import with_kafka
    from dompet.streams.kafka.admin import admin_client
    from dompet.streams.kafka.topic_guard import check_for_a_sweep
    from dompet.streams.parsing.moments import until_us
    from dompet.streams.publish import Publisher
    from dompet.streams.publish.deadlines import OVERDUE_SQL, overdue_in, publish
    from dompet.streams.terminal.console import done, note, out
    from dompet.streams.terminal.figures import plural, rupiah
    from dompet.streams.warehouse.client import warehouse_client

    as_of_us = until_us("--as-of", as_of)
    if not dry_run:
        settings = with_kafka(settings)
        check_for_a_sweep(settings, admin_client(settings))
    with warehouse_client(settings) as opened:
        rows = opened.read(OVERDUE_SQL, {"as_of_us": as_of_us}).to_pylist()
    due = list(overdue_in(rows))
    for one in due[:_SHOWN] if dry_run else []:
        out.print(f"{one.beneficiary_id}  {one.reason}")
    if dry_run and len(due) > _SHOWN:
        out.print(f"… and {len(due) - _SHOWN:,} more")
    worth = f"{plural(len(due), 'wallet')} past a deadline, with {rupiah(sum(row['balance'] for row in rows))} in them"
    if dry_run:
        note(f"{worth}; nothing was published")
        return 0
    with Publisher(str(settings.kafka), settings.topics.log.name, settings.client_config()) as publisher:
        publish(publisher, due)
    done(f"{worth}: revocations published; the worker folds them")
    return 0
