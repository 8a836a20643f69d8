"""`dompet dead-letters discard`: dead letters about which nothing is to be done."""

from typing import TYPE_CHECKING, Annotated, Final

import typer

from dompet.schemas.errors import DompetError
from dompet.streams.command_line.taking import with_settings
from dompet.streams.commands import flags

if TYPE_CHECKING:
    from dompet.streams.settings import Settings

PLACE: Final = ("Commands", 4)


@with_settings("warehouse", "home", "log_topic")
def discard(
    settings: "Settings",
    because: Annotated[str, typer.Option(metavar="TEXT", help="Why nothing is to be done about them.")],
    places: flags.Places = None,
    reason: flags.Reason = None,
    publisher: flags.Publisher = None,
    partition: flags.Partition = None,
    since: flags.Since = None,
    until: flags.Until = None,
    everything: flags.Everything = False,
    by: flags.By = None,
) -> int:
    """Mark dead letters as looked at: by whom, when, and why nothing is to be done about them.

    They stay where they are. Of those that filters find, only open ones are marked.
    """
    from dompet.streams.dead_letters.actions import DISCARD, DONE, acting_user, new_action, write_actions
    from dompet.streams.dead_letters.letters import letters_found
    from dompet.streams.terminal.console import done
    from dompet.streams.terminal.figures import plural
    from dompet.streams.warehouse.client import warehouse_client
    from dompet.streams.warehouse.known import need_all_known, rows_of

    if not because.strip() or len(because.encode("utf-8", "replace")) > 512:
        raise DompetError("--because must be a text of 1 to 512 bytes")
    who, wanted = acting_user(by), flags.wanted_of(reason, publisher, partition, since, until, "open")
    with warehouse_client(settings) as opened:
        need_all_known(rows_of(opened), {"publisher": wanted.publisher or None})
        found = letters_found(opened, settings.topics.log.name, places or [], wanted, everything=everything)
        actions = [new_action(settings.topics.log.name, place, DISCARD, DONE, who, because) for place in found]
        if actions:
            write_actions(opened, actions)
    done(f"discarded {plural(len(actions), 'dead letter')}")
    return 0
