"""What a redrive will do, or has done, as tables."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table

from dompet.schemas.dead import DeadRecord
from dompet.schemas.wire import decode
from dompet.streams.dead_letters.actions import Action
from dompet.streams.parsing.places import Place
from dompet.streams.redrive.drive import Item, Refused
from dompet.streams.terminal.console import done, note, out
from dompet.streams.terminal.figures import plural
from dompet.streams.terminal.tables import ROWS_MAX, rows_table


def plan_table(title: str, items: Sequence[Item], because: Mapping[Place, str]) -> Table:
    """What is to be published: what each record is, and why it failed; `because` says why one is left out."""
    rows = [
        {
            "place": str(item.place),
            **_described(item),
            "failed": item.note,
            "change": item.change,
            "left_out": because.get(item.place, ""),
        }
        for item in items[:ROWS_MAX]
    ]
    return rows_table(title, rows, ("place", "type", "event_id", "beneficiary_id", "failed", "change", "left_out"))


def report_plan(title: str, items: Sequence[Item], because: Mapping[Place, str]) -> None:
    """Print that table."""
    out.print(plan_table(title, items, because))
    if len(items) > ROWS_MAX:
        note(f"these are {ROWS_MAX} of {plural(len(items), 'record')}")


def report_done(actions: Sequence[Action], refused: Sequence[Refused]) -> None:
    """Print what was published, and what was not."""
    rows = [
        {"place": str(one.place), "now_at": f"{one.to_partition}:{one.to_offset}", "change": one.change}
        for one in actions[:ROWS_MAX]
    ]
    if rows:
        out.print(rows_table("Redriven", rows, ("place", "now_at", "change")))
    for one in refused[:ROWS_MAX]:
        note(f"left out {one.place}: {one.why}")
    done(f"redrove {plural(len(actions), 'record')}{f', left out {len(refused)}' if refused else ''}")


def _described(item: Item) -> dict[str, Any]:
    try:
        name, fields = decode(item.value or b"")
    except DeadRecord:
        return {"type": "", "event_id": "", "beneficiary_id": ""}
    return {"type": name, "event_id": fields["event_id"], "beneficiary_id": fields["beneficiary_id"]}
