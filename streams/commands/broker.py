"""`dompet broker`: the local Kafka in the foreground."""

import threading
from typing import TYPE_CHECKING, Annotated, Final

import typer

from dompet.streams.command_line.taking import with_settings
from dompet.streams.commands.flags import Secure

if TYPE_CHECKING:
    from dompet.streams.settings import Settings

PLACE: Final = ("Run", 2)


@with_settings("home")
def broker(
    settings: "Settings",
    port: Annotated[
        int, typer.Option(metavar="PORT", min=0, max=65_535, help="0: the last one, else 19092 or any.")
    ] = 0,
    secure: Secure = False,
) -> int:
    """Run the local Kafka until Ctrl-C.

    A real Apache Kafka of one node for one machine, on loopback only. Its data stay in the home's folder, and it
    listens where it did the last time; other commands of the same home find it by themselves. Java 17 and, for the
    first start, Maven are needed.

    With --secure nobody but dompet's own processes may write the log, and each publisher its inbox alone; a home that
    was once secure stays so.
    """
    from dompet.infra.errors import BrokerError
    from dompet.streams.commands.local_kafka import own_kafka, wait_for
    from dompet.streams.terminal.console import note

    with own_kafka(settings, port, secure=secure) as kafka:
        note(f"its log is {kafka.log}; Ctrl-C stops it")
        try:
            wait_for(kafka, threading.Event())
        except KeyboardInterrupt:
            return 0
        raise BrokerError(f"Kafka ended by itself, see {kafka.log}")
