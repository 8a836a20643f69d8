"""A small export and its mapping, for the tests of the import."""

import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dompet.streams.importer.exports import export_of
from dompet.streams.importer.prepare import Preparation, StoppedAtBadRow
from dompet.streams.importer.reading import parse_mapping
from dompet.streams.importer.spool import Spool, Tally

HEADER = "order,person,course,day,price\n"
SALES = """\
order,person,course,day,price
o-1,b-1,c-1,2020-05-02,100000
o-2,b-2,c-1,2020-05-01,100000
"""
MAPPING = """\
name = "shop"

[inputs.sales]
file = "sales.csv"

[fields]
publisher_id = "shop"
platform_id = "shop"
beneficiary_id = { column = "person" }

[[events]]
type = "CoursePurchased"
from = "sales"
[events.fields]
occurred_at = { day = "day", at = 08:00:00 }
order_id = { column = "order" }
course_id = { column = "course" }
institution_id = "inst-1"
price = { column = "price" }
commission = 0
"""


@dataclass(frozen=True)
class Mapped:
    """What an export became: its events in their order, what was complained of, and the tally (None: stopped)."""

    events: list[dict[str, Any]]
    said: list[str]
    tally: Tally | None

    def all(self, field: str) -> list[Any]:
        """One field of every event."""
        return [event.get(field) for event in self.events]


def write(folder: Path, **files: str | bytes) -> list[Path]:
    """Files of an export, by name without `.csv`."""
    paths = []
    for name, content in files.items():
        paths.append(folder / f"{name}.csv")
        paths[-1].write_bytes(content.encode() if isinstance(content, str) else content)
    return paths


def prepared(folder: Path, mapping: str, files: Sequence[Path], *, salt: bytes = b"", stop: bool = False) -> Mapped:
    """Map files as the command does, without publishing; what is said names the files without their folder."""
    said: list[str] = []
    file = parse_mapping(mapping, "mapping.toml")
    preparation = Preparation(file, export_of(file, files), salt, stop=stop, complain=said.append)
    read: list[int] = []
    try:
        tally = preparation.run(folder / "rows", folder / "events", read.append)
    except StoppedAtBadRow:
        assert not (folder / "events").exists()
        return Mapped([], [one.removeprefix(f"{folder}/") for one in said], None)
    assert read == sorted(read)
    assert read[-1] == preparation.bytes_to_read
    assert not (folder / "rows").exists()
    with closing(Spool(folder / "events")) as spool:
        events = [json.loads(line) for _, line in spool.lines(0, 1_000_000)]
    return Mapped(events, [one.removeprefix(f"{folder}/") for one in said], tally)


def with_price(value: str) -> str:
    """The mapping with another value for the price."""
    return MAPPING.replace('price = { column = "price" }', f"price = {value}")
