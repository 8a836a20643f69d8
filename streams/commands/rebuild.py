"""`dompet rebuild`: the journal rebuilt from the log, beside the live one."""

from typing import TYPE_CHECKING, Annotated, Final

import typer

from dompet.schemas.errors import DompetError
from dompet.streams.command_line.taking import with_settings

if TYPE_CHECKING:
    from dompet.streams.rebuild.run import Switched
    from dompet.streams.settings import Settings

PLACE: Final = ("Data", 5)


@with_settings(
    "kafka",
    "warehouse",
    "home",
    "log_topic",
    "rules",
    "accept_topic_settings",
    "batch",
    "batch_bytes",
    "outage_seconds",
)
def rebuild(
    settings: "Settings",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing; show what would differ.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="With --dry-run: as JSON, for scripts.")] = False,
    discard_old: Annotated[
        bool, typer.Option("--discard-old", help="Drop every generation but the live one, and make none.")
    ] = False,
    back: Annotated[bool, typer.Option("--back", help="Make the generation live again that was before.")] = False,
    other_log: Annotated[
        bool, typer.Option("--other-log", help="The log is meant to be another than the live journal's.")
    ] = False,
) -> int:
    """Rebuild the journal from the log, beside the live one, and switch to it in one step.

    What was live is kept until --discard-old. Cut short, it goes on where it was. With other --rules look at --dry-run
    first, and start the workers with the same rules afterwards: those that still run notice the switch and stop.
    """
    from dompet.streams.rebuild import run
    from dompet.streams.terminal.console import done

    if sum((dry_run, discard_old, back)) > 1:
        raise DompetError("--dry-run, --discard-old and --back: choose one")
    if discard_old:
        dropped = run.discard_old(settings)
        done(f"dropped: generation {', '.join(map(str, dropped))}" if dropped else "no generation but the live one")
        return 0
    if back:
        _report(run.go_back(settings))
        return 0
    if dry_run:
        return _dry_run(settings, as_json)
    return _rebuild(settings, other_log)


def _rebuild(settings: "Settings", other_log: bool) -> int:
    from dompet.streams.commands.local_kafka import with_kafka
    from dompet.streams.rebuild.run import rebuild as run
    from dompet.streams.terminal.console import done, note
    from dompet.streams.terminal.figures import plural
    from dompet.streams.terminal.metering import metered_bar

    with metered_bar("folding") as (meter, progress):
        switched = run(with_kafka(settings), note, progress, other_log=other_log)
    if switched.records:
        done(f"folded {plural(switched.records, 'record')}{meter}")
    _report(switched)
    return 0


def _dry_run(settings: "Settings", as_json: bool) -> int:
    import json
    import sys
    from dataclasses import asdict

    from dompet.streams.commands.local_kafka import with_kafka
    from dompet.streams.rebuild.dry_run import dry_run
    from dompet.streams.rebuild.dry_run_page import dry_run_page
    from dompet.streams.terminal.console import bar, out

    with bar("folding", 0) as show:
        found = dry_run(with_kafka(settings), show)
    if as_json:
        sys.stdout.write(json.dumps(asdict(found), indent=2) + "\n")
    else:
        out.print(dry_run_page(found))
    return 0


def _report(switched: "Switched") -> None:
    from dompet.streams.terminal.console import done, note

    done(f"generation {switched.number} is live, in {switched.database}")
    if switched.earlier:
        earlier = ", ".join(map(str, switched.earlier))
        note(f"kept: generation {earlier}; `dompet rebuild --back` returns to it, `--discard-old` drops it")
