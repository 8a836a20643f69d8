"""`dompet sweep`: the deadlines by hand."""

from typing import Annotated

import typer

from dompet.streams.commands import flags

_SHOWN = 10


def sweep(
    as_of: Annotated[
        str,
        typer.Option("--as-of", metavar="T", help="Up to when deadlines count: 2020-12-16T00:00:00+07:00, or a day."),
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what it would revoke, and publish nothing.")] = False,
    kafka: flags.Kafka = None,
    warehouse: flags.Warehouse = None,
    home: flags.Home = None,
    log_topic: flags.LogTopic = None,
    config: flags.Config = None,
) -> int:
    """Revoke the wallets past a deadline: no purchase by the first one's, or a balance past the year's.

    Publishes a SaldoRevoked for each to the log; the fold decides. Doing it again changes nothing. A worker does the
    same by itself with --sweep-seconds.
    """
    from dompet.streams.commands.local_kafka import with_kafka
    from dompet.streams.parsing.moments import since_us
    from dompet.streams.publish import Publisher
    from dompet.streams.publish.deadlines import OVERDUE_SQL, overdue_in, publish
    from dompet.streams.settings import read_settings
    from dompet.streams.terminal.console import done, note, out
    from dompet.streams.terminal.figures import plural, rupiah
    from dompet.streams.warehouse.client import warehouse_client

    as_of_us = since_us("--as-of", as_of)
    settings = read_settings(kafka=kafka, warehouse=warehouse, home=home, log_topic=log_topic, config=config)
    if not dry_run:
        settings = with_kafka(settings)
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
    with Publisher(str(settings.kafka), settings.topics.log.name, settings.kafka_config) as publisher:
        publish(publisher, due)
    done(f"{worth}: revocations published; the worker folds them")
    return 0
