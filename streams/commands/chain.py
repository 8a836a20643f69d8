"""`dompet chain`: the heads of the hash chain over the log."""

import json
from typing import Annotated

import typer

from dompet.streams.commands import flags


def head(
    partition: Annotated[int | None, typer.Option("--partition", metavar="P", help="Of one partition alone.")] = None,
    kafka: flags.Kafka = None,
    warehouse: flags.Warehouse = None,
    home: flags.Home = None,
    log_topic: flags.LogTopic = None,
    chain_key: flags.ChainKey = None,
    config: flags.Config = None,
) -> int:
    """Print the chain's head of each partition as JSON, to be published outside.

    A head stands for everything that its partition holds below next_offset. Where --chain-key names a key they are
    signed. Kept where nobody who can change the log can change them, they prove that it was not: see `dompet verify
    --head`.
    """
    from dompet.streams.commands.local_kafka import with_kafka
    from dompet.streams.settings import read_settings
    from dompet.streams.terminal.console import write_whole
    from dompet.streams.verify.run import chain_head

    settings = read_settings(
        kafka=kafka, warehouse=warehouse, home=home, log_topic=log_topic, chain_key=chain_key, config=config
    )
    content = chain_head(with_kafka(settings), partition)
    write_whole(json.dumps(content, indent=2).encode() + b"\n")
    return 0
