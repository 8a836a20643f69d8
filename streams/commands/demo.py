"""`dompet demo`: a realistic programme from Kafka to the report."""

from typing import TYPE_CHECKING, Annotated, Final

import typer

from dompet.streams.command_line.taking import with_settings

if TYPE_CHECKING:
    from dompet.streams.settings import Settings

PLACE: Final = ("Start here", 1)


@with_settings("kafka", "warehouse", "home", "log_topic")
def demo(
    context: typer.Context,
    settings: "Settings",
    people: Annotated[
        int, typer.Option(min=1, max=10_000_000, metavar="N", help="How many people take part.")
    ] = 20_000,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, metavar="S", help="Same seed, same events.")] = 1,
) -> int:
    """Play a realistic programme through Kafka into ClickHouse, and report on it.

    Starts a real local Kafka (Java 17 and Maven are needed; or name yours with --kafka), publishes the programme,
    folds it and ends with a report: what each platform sold, whether each wave adds up to the rupiah, what was
    rejected and why. Everything stops at the end. A second run starts where the data are.
    """
    from zlib import crc32

    from dompet.infra.ports import free_port
    from dompet.streams.commands.local_engine import engine_of
    from dompet.streams.commands.local_kafka import kafka_of
    from dompet.streams.demo.run import run_demo

    unseen = settings.changed(engine_port=0, engine_metrics_port=0)  # it is gone before anybody could ask
    with kafka_of(settings) as found, engine_of(unseen):
        # A worker of another home may hold the usual port; and a group feeds one warehouse, where a demo may be folded
        # into several.
        own = {"web_port": free_port(), "group": f"{found.group}-demo-{crc32(found.warehouse_shown.encode()):08x}"}
        return run_demo(found.changed(**own), people, seed, context.params)
