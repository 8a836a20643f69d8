"""`dompet demo`: a realistic programme from Kafka to the report."""

from typing import Annotated

import typer

from dompet.streams.commands import flags


def demo(
    people: Annotated[
        int, typer.Option(min=1, max=10_000_000, metavar="N", help="How many people take part.")
    ] = 20_000,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, metavar="S", help="Same seed, same events.")] = 1,
    kafka: flags.Kafka = None,
    warehouse: flags.Warehouse = None,
    home: flags.Home = None,
    log_topic: flags.LogTopic = None,
    config: flags.Config = None,
) -> int:
    """Play a realistic programme through Kafka into ClickHouse, and report on it.

    Starts a real local Kafka (Java 17 and Maven are needed; or name yours with --kafka), publishes the programme,
    folds it and ends with a report: what each platform sold, whether each wave adds up to the rupiah, what was
    rejected and why. Everything stops at the end. A second run starts where the data are.
    """
    from dompet.infra.ports import free_port
    from dompet.streams.commands.local_kafka import kafka_of
    from dompet.streams.demo.run import run_demo
    from dompet.streams.settings import read_settings

    flags_given = {"kafka": kafka, "warehouse": warehouse, "home": home, "log_topic": log_topic, "config": config}
    with kafka_of(read_settings(**flags_given)) as settings:
        # A worker of another home may hold the usual port.
        return run_demo(settings.changed(web_port=free_port()), people, seed, flags_given)
