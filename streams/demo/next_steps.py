"""What to ask of the demonstration's data next."""

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from shlex import quote
from typing import Any, Final

from rich.console import Console
from rich.text import Text

QUERIES: Final = {
    "what became of the orders": "SELECT state, count(), sum(price) FROM orders GROUP BY state",
    "what is odd about completions": "SELECT arrayJoin(flags) AS flag, count() FROM orders GROUP BY flag",
    "one person's whole history": "SELECT occurred_at, type, outcome, reason, balance_after FROM journal"
    " WHERE beneficiary_id = '{busiest}' ORDER BY offset",
}
"""What to ask next, and how."""


def print_next_steps(console: Console, busiest: str, flags: Mapping[str, Any]) -> None:
    """Print what to ask next, as lines to paste. `flags` are those of this run; `busiest` is a person."""
    console.print(Text("\nWhat to ask next", "bold"))
    given = {name: value for name, value in flags.items() if name in ("config", "home", "warehouse") and value}
    if "@" in str(given.get("warehouse", "")):
        console.print("  (with the --warehouse of this run, whose password is not shown)")
        del given["warehouse"]
    words = "".join(f" --{name} {quote(str(value))}" for name, value in given.items())
    for purpose, sql in QUERIES.items():
        console.print(Text(f"  {purpose}:", "dim"))
        console.print(Text(f'    {program()} query{words} "{sql.format(busiest=busiest)}"'), soft_wrap=True)


def program() -> str:
    """How to call dompet again from here: by its name if a shell finds this very one, else by its path."""
    script = Path(sys.executable).with_name("dompet")
    found = shutil.which("dompet")
    if found and Path(found).samefile(script):
        return "dompet"
    if script.is_file():
        return quote(os.path.relpath(script) if script.is_relative_to(Path.cwd()) else str(script))
    return f"{quote(sys.executable)} -m dompet.streams.cli"
