"""docs/events.md, made from the contracts and their examples: `python -m tests.support.events_page` writes it."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from dompet.schemas.contracts import Contract, Field, Kind, events_by_name
from tests.schemas.examples import EXAMPLES

PAGE: Final = Path(__file__).parents[2] / "docs" / "events.md"
_JSON: Final = {
    Kind.STRING: "text",
    Kind.LONG: "whole number",
    Kind.TIME: "time",
    Kind.NULLABLE_LONG: "whole number or null",
    Kind.BOOLEAN: "true or false",
}
_HEAD: Final = """# Events

What each type of event has, as JSON: an object with its `type` and these fields. Only a field that may be null may be
left out, and one that is not listed is refused. A time is a text in ISO 8601 with its offset, such as
`2020-04-11T15:00:00+07:00`, or a whole number of microseconds since 1970 in UTC. Whole numbers are written without a
point or quotes; amounts are whole rupiah. As Avro they are in `schemas/avro`, with their ids in `schemas/ids.toml`.

How they are sent, their [limits](publishing.md#limits), [who may say what](publishing.md#who-may-say-what), and what
becomes of them is in [publishing](publishing.md). `python -m tests.support.events_page` writes this page.
"""
_COMMON: Final = ("event_id", "beneficiary_id", "occurred_at", "publisher_id")


def page() -> str:
    """The whole page."""
    contracts = [one for _, one in sorted(events_by_name().items())]
    common = [one for one in contracts[0].fields if one.name in _COMMON]
    lines = ["## All types", "", *_table(common)]
    for one in contracts:
        lines += ["", *_section(one)]
    return f"{_HEAD}\n" + "\n".join(lines) + "\n"


def _section(contract: Contract) -> Iterator[str]:
    own = [field for field in contract.fields if field.name not in _COMMON]
    example = (EXAMPLES / "valid" / f"{contract.name}.jsonl").read_text("utf-8").splitlines()[0]
    yield from (f"## {contract.name}", "", str(contract.schema["doc"]), "")
    if own:
        yield from (*_table(own), "")
    yield from ("```json", json.dumps(json.loads(example), ensure_ascii=False), "```")


def _table(fields: Iterable[Field]) -> Iterator[str]:
    yield from ("| field | in JSON | |", "| --- | --- | --- |")
    for field in fields:
        yield f"| `{field.name}` | {_JSON[field.kind]} | {field.doc} |"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
