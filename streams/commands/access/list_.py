"""`dompet access list`: who may enter."""

from typing import TYPE_CHECKING, Final

from dompet.streams.command_line.taking import with_settings

if TYPE_CHECKING:
    from dompet.streams.settings import Settings

PLACE: Final = ("Commands", 2)


@with_settings("kafka", "home")
def list_(settings: "Settings") -> int:
    """Show who may enter, with which roles, and since when. No token is shown: only its SHA-256 is stored."""
    from dompet.streams.access.topic import read_entries
    from dompet.streams.commands.local_kafka import with_kafka
    from dompet.streams.terminal.entries import print_entries

    rows = [
        {
            "name": one.name,
            "roles": ", ".join(sorted(one.roles)),
            "party": one.party,
            "tokens": ", ".join(made_at for _, made_at in one.tokens) or "revoked",
            "changed_by": one.changed_by,
            "changed_at": one.changed_at,
        }
        for one in read_entries(with_kafka(settings)).all()
    ]
    print_entries("Entries", rows, "nobody has an entry: `dompet access add` makes one")
    return 0
