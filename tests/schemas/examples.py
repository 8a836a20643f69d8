"""The examples that ship with the contracts."""

from importlib.resources import files
from pathlib import Path

EXAMPLES = Path(str(files("dompet.schemas"))) / "examples"


def lines_of(kind: str) -> list[tuple[str, str]]:
    """All lines of the `valid` or `invalid` examples, each with its place: `Type:line number`."""
    return [
        (f"{file.stem}:{number}", line)
        for file in sorted((EXAMPLES / kind).glob("*.jsonl"))
        for number, line in enumerate(file.read_text("utf-8").removesuffix("\n").split("\n"), start=1)
    ]


VALID = lines_of("valid")
INVALID = lines_of("invalid")
