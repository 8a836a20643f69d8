"""`dompet serve`: pages for people and an API for programs."""

from typing import Annotated

import typer

from dompet.streams.commands import flags


def serve(
    host: Annotated[str, typer.Option(metavar="HOST", help="The address to answer at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65_535, metavar="PORT", help="The port to answer at.")] = 8080,
    kafka: flags.Kafka = None,
    warehouse: flags.Warehouse = None,
    home: flags.Home = None,
    log_topic: flags.LogTopic = None,
    config: flags.Config = None,
) -> int:
    """Serve the pages and the API until Ctrl-C.

    On this machine alone nobody needs to sign in; at any other address it takes entries, which `dompet access add`
    makes.
    """
    from dompet.streams.commands.local_kafka import running_on
    from dompet.streams.settings import read_settings
    from dompet.streams.terminal.console import note
    from dompet.streams.web.serve import serve as served

    settings = read_settings(kafka=kafka, warehouse=warehouse, home=home, log_topic=log_topic, config=config)
    if not settings.kafka:
        settings = settings.changed(kafka=running_on(settings))
    note(f"the pages are at http://{host}:{port}/; Ctrl-C stops")
    return served(settings, host, port)
