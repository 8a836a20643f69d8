"""`dompet chain head`: the heads of the hash chain over the log."""

import json
from typing import TYPE_CHECKING, Annotated, Final

import typer

from dompet.streams.command_line.taking import with_settings

if TYPE_CHECKING:
    from dompet.streams.settings import Settings

PLACE: Final = ("Commands", 1)


@with_settings("kafka", "warehouse", "home", "log_topic", "chain_key")
def head(
    settings: "Settings",
    partition: Annotated[int | None, typer.Option("--partition", metavar="P", help="Of one partition alone.")] = None,
) -> int:
    """Print the chain's head of each partition as JSON, to be published outside.

    A head covers everything that its partition holds below next_offset. Where --chain-key names a key they are
    signed. Kept where nobody who can change the log can change them, they prove that it was not: see `dompet verify
    --head`.
    """
    from dompet.streams.commands.local_kafka import with_kafka
    from dompet.streams.terminal.output import write_whole
    from dompet.streams.verify.run import chain_head

    content = chain_head(with_kafka(settings), partition)
    write_whole(json.dumps(content, indent=2).encode() + b"\n")
    return 0
