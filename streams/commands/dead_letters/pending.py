"""`dompet dead-letters pending`: dead letters of the log that are not stored yet."""

from typing import TYPE_CHECKING, Annotated, Final

import typer

from dompet.streams.command_line.taking import with_settings

if TYPE_CHECKING:
    from dompet.streams.settings import Settings

PLACE: Final = ("Commands", 5)


@with_settings("kafka", "warehouse", "home", "log_topic")
def pending(
    settings: "Settings",
    at_most: Annotated[int, typer.Option(min=1, metavar="N", help="Records of a partition.")] = 1_000_000,
) -> int:
    """Look at dead letters that are not stored yet: where the flood guard stopped, and how far it goes.

    Reads the log from the checkpoints on and stores nothing.
    """
    from dompet.streams.commands.local_kafka import with_kafka
    from dompet.streams.kafka.records import reading
    from dompet.streams.redrive.pending import find_pending, stored_offsets
    from dompet.streams.terminal.console import note, out, working
    from dompet.streams.terminal.figures import plural
    from dompet.streams.terminal.tables import rows_table
    from dompet.streams.warehouse.client import warehouse_client

    settings = with_kafka(settings)
    topic = settings.topics.log.name
    kafka_settings = settings.kafka_settings()
    with warehouse_client(settings) as opened, reading(kafka_settings, topic) as reader, working("reading the log"):
        found = find_pending(reader, stored_offsets(opened, topic), at_most)
    shown = [one.row() for one in found if one.dead]
    columns = ("partition", "records", "dead", "share", "first", "last", "mostly", "for_example")
    out.print(rows_table("Dead letters that are not stored yet", shown, columns, ids=("partition", "first", "last")))
    note(f"{plural(sum(one.records for one in found), 'record')} of the log are not stored yet")
    return 0
