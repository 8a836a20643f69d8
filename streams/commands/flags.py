"""What several commands take as flags. A setting left out is looked for in the environment, then in the file."""

from pathlib import Path
from typing import Annotated, Any

import typer

_PANEL = "Settings"


def _setting(flag: str, metavar: str, sentence: str) -> Any:
    variable = f"DOMPET_{flag.removeprefix('--').replace('-', '_').upper()}"
    return typer.Option(flag, metavar=metavar, help=f"{sentence} [dim]{variable}[/]", rich_help_panel=_PANEL)


Kafka = Annotated[str | None, _setting("--kafka", "HOST:PORT", "Bootstrap servers; else the home's own Kafka.")]
Warehouse = Annotated[str | None, _setting("--warehouse", "URL", "chdb:///folder or clickhouse://user@host/database.")]
Home = Annotated[Path | None, _setting("--home", "FOLDER", "Local data; .dompet if not set.")]
LogTopic = Annotated[str | None, _setting("--log-topic", "NAME", "The log; dompet.events if not set.")]
Rules = Annotated[Path | None, _setting("--rules", "FILE", "Other rules than the programme's own.")]
ChainKey = Annotated[
    Path | None, _setting("--chain-key", "FILE", "Signs published heads: a PEM file, a private key of Ed25519.")
]
Group = Annotated[str | None, _setting("--group", "NAME", "The workers' consumer group; dompet if not set.")]
WebPort = Annotated[int | None, _setting("--web-port", "PORT", "The worker's pages, on loopback; 6066 if not set.")]
StallSeconds = Annotated[
    float | None, _setting("--stall-seconds", "N", "End where records wait and none is stored for so long; 60.")
]
OutageSeconds = Annotated[
    float | None, _setting("--outage-seconds", "N", "How long to wait for a server that is away; 900; 0, for ever.")
]
Batch = Annotated[int | None, _setting("--batch", "N", "The most records folded at a time; 100000 if not set.")]
DeadShare = Annotated[
    float | None,
    _setting("--dead-share", "S", "Stop where more than S of a partition's window are dead letters; 0.2; 1, never."),
]
DeadWindow = Annotated[int | None, _setting("--dead-window", "N", "That window's length in records; 10000.")]
AcceptDeadUntil = Annotated[
    str | None,
    _setting("--accept-dead-until", "P:OFFSET", "Take partition P's dead letters up to OFFSET, however many."),
]
SweepSeconds = Annotated[
    float | None,
    _setting("--sweep-seconds", "N", "Revoke what is past a deadline every N seconds; 0, never, if not set."),
]
SweepGraceSeconds = Annotated[
    float | None, _setting("--sweep-grace-seconds", "N", "How long a deadline must be past by the log's time; 3600.")
]
Format = Annotated[
    str | None, typer.Option("--format", metavar="FORMAT", help="Any of ClickHouse's: CSVWithNames, JSONEachRow, …")
]
"""No setting: how one answer is written."""
Config = Annotated[Path | None, _setting("--config", "FILE", "Settings as TOML; dompet.toml if it is there.")]


Reason = Annotated[str | None, typer.Option(metavar="R", help="Only those of this reason.")]
Publisher = Annotated[str | None, typer.Option(metavar="P", help="Only those that this publisher sent.")]
Partition = Annotated[int | None, typer.Option(min=0, metavar="N", help="Only those of this partition of the log.")]
Since = Annotated[str | None, typer.Option(metavar="T", help="Recorded since T: a day, or a time with offset.")]
Until = Annotated[str | None, typer.Option(metavar="T", help="Recorded until T, a day's end included.")]
Everything = Annotated[bool, typer.Option("--all", help="All of them, where nothing else says which.")]
By = Annotated[str | None, typer.Option(metavar="NAME", help="Who does it; this computer's user if not given.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Publish nothing; show what would be.")]
Force = Annotated[bool, typer.Option("--force", help="Also what was redriven or discarded before.")]
WithLater = Annotated[
    bool,
    typer.Option(help="Also what was rejected later, of the same person, because of it."),
]
