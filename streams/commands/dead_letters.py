"""`dompet dead-letters list`, `show`, `discard` and `ahead`: records that break their contract."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dompet.schemas.errors import DompetError
from dompet.streams.commands import flags

if TYPE_CHECKING:
    from dompet.streams.dead_letters.letters import Wanted

Places = Annotated[
    list[str] | None, typer.Argument(metavar="[PARTITION:OFFSET]...", help="Letters by their place in the log.")
]


def wanted_of(
    reason: str | None, publisher: str | None, partition: int | None, since: str | None, until: str | None,
    status: str | None = None,
) -> "Wanted":  # fmt: skip
    """The letters that the filters mean."""
    from dompet.streams.dead_letters.letters import Wanted
    from dompet.streams.parsing.moments import since_us, until_us

    sender = "" if publisher == "unknown" else publisher
    begin = since_us("--since", since) if since is not None else None
    end = until_us("--until", until) if until is not None else None
    return Wanted(reason, sender, partition, begin, end, status)


def list_(
    reason: flags.Reason = None,
    publisher: flags.Publisher = None,
    partition: flags.Partition = None,
    since: flags.Since = None,
    until: flags.Until = None,
    still_open: Annotated[bool, typer.Option("--open", help="Only those that nobody redrove or discarded.")] = False,
    form: flags.Format = None,
    warehouse: flags.Warehouse = None,
    home: flags.Home = None,
    config: flags.Config = None,
) -> int:
    """Show dead letters, the newest first, and how many there are of each reason.

    Nothing of their content is shown. The publisher is read off the bytes where they still tell; `--publisher unknown`
    finds the others.
    """
    from dompet.streams.answers.asking import asking, rows
    from dompet.streams.answers.printing import print_answer
    from dompet.streams.dead_letters.letters import letters_sql, reasons_sql
    from dompet.streams.settings import read_settings
    from dompet.streams.terminal.console import out
    from dompet.streams.terminal.tables import print_whole, rows_table

    wanted = wanted_of(reason, publisher, partition, since, until, "open" if still_open else None)
    with asking(read_settings(warehouse=warehouse, home=home, config=config)) as ask:
        if form is None:
            counted = ("error", "letters", "still_open", "redriven", "discarded", "first_at", "last_at")
            print_whole(out, rows_table("By reason", rows(ask, reasons_sql(wanted)), counted))
            out.print()
        shown = ("recorded_at", "partition", "offset", "error", "publisher_id", "size", "status", "acted_by")
        print_answer(ask, letters_sql(wanted), form, "Dead letters", shown, ids=("partition", "offset"))
    return 0


def show(
    place: Annotated[str, typer.Argument(metavar="PARTITION:OFFSET", help="Where the record stands in the log.")],
    save: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the value's bytes, as they are.")] = None,
    personal: Annotated[
        bool, typer.Option("--personal", help="Show national id numbers, too, which are masked otherwise.")
    ] = False,
    warehouse: flags.Warehouse = None,
    home: flags.Home = None,
    log_topic: flags.LogTopic = None,
    config: flags.Config = None,
) -> int:
    """Show one dead letter: where it is from, what is wrong with it, and its bytes.

    Also what of the same person was rejected later, and what was done about it. Naming a letter is asking for its
    bytes; what has the form of a national id number stays masked.
    """
    from dompet.streams.parsing.places import read_place
    from dompet.streams.redrive.shown import show_letter
    from dompet.streams.settings import read_settings
    from dompet.streams.warehouse.client import warehouse_client

    at = read_place(place)
    settings = read_settings(warehouse=warehouse, home=home, log_topic=log_topic, config=config)
    with warehouse_client(settings) as opened:
        show_letter(opened, settings.topics.log.name, at, save, personal=personal)
    return 0


def discard(
    because: Annotated[str, typer.Option(metavar="TEXT", help="Why nothing is to be done about them.")],
    places: Places = None,
    reason: flags.Reason = None,
    publisher: flags.Publisher = None,
    partition: flags.Partition = None,
    since: flags.Since = None,
    until: flags.Until = None,
    everything: flags.Everything = False,
    by: flags.By = None,
    warehouse: flags.Warehouse = None,
    home: flags.Home = None,
    log_topic: flags.LogTopic = None,
    config: flags.Config = None,
) -> int:
    """Mark dead letters as looked at: by whom, when, and why nothing is to be done about them.

    They stay where they are. Of those that filters find, only open ones are marked.
    """
    from dompet.streams.dead_letters.actions import DISCARD, DONE, new_action, whoever, write_actions
    from dompet.streams.dead_letters.letters import letters_found
    from dompet.streams.settings import read_settings
    from dompet.streams.terminal.console import done
    from dompet.streams.terminal.figures import plural
    from dompet.streams.warehouse.client import warehouse_client

    if not because.strip() or len(because.encode("utf-8", "replace")) > 512:
        raise DompetError("--because must be a text of 1 to 512 bytes")
    who, wanted = whoever(by), wanted_of(reason, publisher, partition, since, until, "open")
    settings = read_settings(warehouse=warehouse, home=home, log_topic=log_topic, config=config)
    with warehouse_client(settings) as opened:
        found = letters_found(opened, settings.topics.log.name, places or [], wanted, everything=everything)
        actions = [new_action(settings.topics.log.name, place, DISCARD, DONE, who, because) for place in found]
        if actions:
            write_actions(opened, actions)
    done(f"discarded {plural(len(actions), 'dead letter')}")
    return 0


def ahead(
    at_most: Annotated[int, typer.Option(min=1, metavar="N", help="Records of a partition.")] = 1_000_000,
    kafka: flags.Kafka = None,
    warehouse: flags.Warehouse = None,
    home: flags.Home = None,
    log_topic: flags.LogTopic = None,
    config: flags.Config = None,
) -> int:
    """Look at dead letters that are not stored yet: where the flood guard stopped, and how far it goes.

    Reads the log from the checkpoints on and stores nothing.
    """
    from dompet.streams.commands.local_kafka import with_kafka
    from dompet.streams.kafka.records import reading
    from dompet.streams.redrive.pending import find_pending, stored_offsets
    from dompet.streams.settings import read_settings
    from dompet.streams.terminal.console import note, out, working
    from dompet.streams.terminal.figures import plural
    from dompet.streams.terminal.tables import print_whole, rows_table
    from dompet.streams.warehouse.client import warehouse_client

    settings = with_kafka(
        read_settings(kafka=kafka, warehouse=warehouse, home=home, log_topic=log_topic, config=config)
    )
    topic = settings.topics.log.name
    kafka_settings = settings.kafka_settings()
    with warehouse_client(settings) as opened, reading(kafka_settings, topic) as reader, working("reading the log"):
        found = find_pending(reader, stored_offsets(opened, topic), at_most)
    shown = [one.row() for one in found if one.dead]
    columns = ("partition", "records", "dead", "share", "first", "last", "mostly", "for_example")
    print_whole(
        out, rows_table("Dead letters ahead of the journal", shown, columns, ids=("partition", "first", "last"))
    )
    note(f"{plural(sum(one.records for one in found), 'record')} of the log are not stored yet")
    return 0
