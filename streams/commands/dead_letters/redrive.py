"""`dompet dead-letters redrive`: dead letters into the log again, corrected or as they are."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from dompet.schemas.errors import DompetError
from dompet.streams.command_line.taking import with_settings
from dompet.streams.commands import flags

if TYPE_CHECKING:
    from dompet.streams.redrive.letter_items import Correction
    from dompet.streams.settings import Settings

PLACE: Final = ("Commands", 3)


@with_settings("kafka", "warehouse", "home", "log_topic")
def redrive(
    settings: "Settings",
    places: flags.Places = None,
    json_file: Annotated[
        str | None, typer.Option("--json", metavar="FILE", help="The event as it should be, as JSON; - reads it.")
    ] = None,
    value_file: Annotated[
        str | None, typer.Option("--value", metavar="FILE", help="The value's bytes as they should be; - reads them.")
    ] = None,
    rekey: Annotated[bool, typer.Option("--rekey", help="Key it by the person in its value.")] = False,
    even_if_dead: Annotated[bool, typer.Option("--even-if-dead", help="Also what would be dead again.")] = False,
    reason: flags.Reason = None,
    publisher: flags.Publisher = None,
    partition: flags.Partition = None,
    since: flags.Since = None,
    until: flags.Until = None,
    everything: flags.Everything = False,
    with_later: flags.WithLater = True,
    dry_run: flags.DryRun = False,
    force: flags.Force = False,
    by: flags.By = None,
) -> int:
    """Publish dead letters to the log again, each once, with headers that name its origin.

    Without --json or --value they are published as they were, each into its key's partition; what would be dead again
    is left out. Of letters that filters find, only open ones are taken. Those that are named are all redriven, or none.
    """
    from dompet.streams.commands.local_kafka import with_kafka
    from dompet.streams.dead_letters.actions import acting_user
    from dompet.streams.dead_letters.letters import letters_at, letters_found
    from dompet.streams.parsing.places import read_place
    from dompet.streams.redrive.report import report_done, report_plan
    from dompet.streams.redrive.run import redrive as carried_out
    from dompet.streams.redrive.run import redrive_session
    from dompet.streams.warehouse.known import need_all_known, rows_of

    correction, who = _correction(json_file, value_file, places or []), acting_user(by)
    wanted = flags.wanted_of(reason, publisher, partition, since, until, None if force else "open")
    settings = with_kafka(settings)
    topic = settings.topics.log.name
    with redrive_session(settings, who) as at:
        need_all_known(rows_of(at.client), {"publisher": wanted.publisher or None})
        found = letters_found(at.client, topic, places or [], wanted, everything=everything)
        letters = letters_at(at.client, found, topic)
        plan = at.letters(letters, correction, rekey=rekey, even_if_dead=even_if_dead, later=with_later)
        named = [read_place(place) for place in places or []]
        carried_out(at, plan, named, force=force, dry_run=dry_run, on_plan=report_plan, on_done=report_done)
    return 0


def _correction(json_file: str | None, value_file: str | None, places: list[str]) -> "Correction | None":
    """What a person says the letter should be; DompetError where it is not said of one letter, in one way."""
    from dompet.streams.redrive.drive import JSON, VALUE
    from dompet.streams.redrive.letter_items import Correction

    if json_file is None and value_file is None:
        return None
    if json_file is not None and value_file is not None:
        raise DompetError("--json and --value: choose one")
    if len(places) != 1:
        raise DompetError("a correction is of one letter: name it as PARTITION:OFFSET")
    name = json_file if json_file is not None else str(value_file)
    content = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    return Correction(JSON if json_file is not None else VALUE, name, content)
