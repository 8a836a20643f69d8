"""`dompet publishers list`: who may put events in."""

from typing import TYPE_CHECKING, Final

from dompet.streams.command_line.taking import with_settings

if TYPE_CHECKING:
    from dompet.streams.settings import Settings

PLACE: Final = ("Commands", 2)


@with_settings("kafka", "home")
def list_(settings: "Settings") -> int:
    """Show who may put events in. No token is shown: only its SHA-256 is stored."""
    from dompet.streams.commands.local_kafka import with_kafka
    from dompet.streams.publishers.topic import read_publishers
    from dompet.streams.terminal.entries import print_entries

    rows = [
        {
            "publisher": one.publisher_id,
            "kind": str(one.kind),
            "state": "suspended" if one.suspended else "active",
            "tokens": ", ".join(made_at for _, made_at in one.tokens),
            "keys": ", ".join(f"{key.algorithm} {key.added_at}" for key in one.keys),
            "quota": str(one.quota),
            "changed_by": one.changed_by,
            "changed_at": one.changed_at,
        }
        for one in read_publishers(with_kafka(settings)).all()
    ]
    print_entries("Publishers", rows, "there is no publisher: `dompet publishers add` makes one")
    return 0
