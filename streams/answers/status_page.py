"""What `dompet status` shows, for a terminal or a pipe."""

from typing import Any, Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from dompet.streams.terminal.console import RULED
from dompet.streams.terminal.figures import count, plural

_HEADINGS: Final = ("partition", "log end", "checkpoint", "lag")


def status_page(found: dict[str, Any]) -> RenderableType:
    """A status (see `dompet.streams.answers.status`), rendered."""
    kafka, warehouse = found["kafka"], found["warehouse"]
    head = Table.grid(padding=(0, 2))
    head.add_row(Text("Kafka", "bold"), _kafka(kafka))
    head.add_row(Text("warehouse", "bold"), f"{warehouse['url']}\n{warehouse['version']}")
    if warehouse["generations"]:  # there is none before the first rebuild
        head.add_row(Text("journal", "bold"), "\n".join(map(_generation, warehouse["generations"])))
    head.add_row(Text("rows", "bold"), _rows(warehouse["rows"]))
    if "error" in kafka:
        return Group(head, "", Text(kafka["error"], "red"))
    unfit = [Text(f"{sentence}\n", "red") for sentence in kafka["unfit"]]
    if not kafka["partitions"]:
        return Group(head, "", Text(f"topic {kafka['topic']} does not exist: `dompet topics` creates it", "yellow"))
    open_transactions = [Text(one, "yellow") for one in kafka["open_transactions"]]
    return Group(
        head, "", *unfit, Text.assemble((kafka["topic"], "bold"), "  offsets"), _partitions(kafka), *open_transactions
    )


def _kafka(kafka: dict[str, Any]) -> str:
    if "error" in kafka:
        return kafka["servers"] or "none"
    version = kafka["version"] or "release not reported, so 4.0 or newer"
    return f"{kafka['servers']}\n{version}, {plural(kafka['brokers'], 'broker')}, cluster {kafka['cluster_id']}"


def _generation(one: dict[str, Any]) -> str:
    said = {
        "live": f"is live since {one['since']} UTC",
        "kept": "is kept: `dompet rebuild --back` makes it live again, `--discard-old` drops it",
        "building": "is being built: `dompet rebuild` goes on with it",
    }
    return f"generation {one['number']} {said[one['state']]}"


def _rows(rows: dict[str, int | None]) -> str:
    if rows["journal"] is None:
        return "no tables yet: `dompet migrate` makes them"
    return ", ".join(f"{name.replace('_', ' ')} {count(number or 0)}" for name, number in rows.items())


def _partitions(kafka: dict[str, Any]) -> Table:
    table = Table(box=RULED, show_edge=False, show_footer=True, padding=(0, 2, 0, 0), pad_edge=False)
    partitions = kafka["partitions"]
    ends, checkpoints, lags = (sum(one[name] for one in partitions) for name in ("end_offset", "checkpoint", "lag"))
    for heading, footer in zip(_HEADINGS, ("all", count(ends), count(checkpoints), count(lags)), strict=True):
        table.add_column(heading, footer, justify="right")
    for one in partitions:
        lag = Text(count(one["lag"]), "yellow" if one["lag"] else "green")
        table.add_row(str(one["partition"]), count(one["end_offset"]), count(one["checkpoint"]), lag)
    return table
