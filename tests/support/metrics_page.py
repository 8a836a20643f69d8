"""docs/metrics.md's tables, made from the figures' declaration: `python -m tests.support.metrics_page` writes them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from dompet.streams.metrics.declaration import FAMILIES, Part

PAGE: Final = Path(__file__).parents[2] / "docs" / "metrics.md"
_BEGIN: Final = "<!-- figures of {part}: begin -->\n"
_END: Final = "<!-- figures of {part}: end -->\n"


def with_tables(page: str) -> str:
    """The page with the tables as the figures are declared."""
    for part in Part:
        before, begin, rest = page.partition(_BEGIN.format(part=part))
        _, end, after = rest.partition(_END.format(part=part))
        assert begin and end, f"docs/metrics.md has no place for the figures of {part}"
        page = "".join([before, begin, *(f"{row}\n" for row in _rows(part)), end, after])
    return page


def _rows(part: Part) -> Iterator[str]:
    yield from ("| name | kind | labels | unit | |", "| --- | --- | --- | --- | --- |")
    for one in FAMILIES:
        if one.part is part:
            labels = ", ".join(f"`{label}`" for label in one.labels)
            yield f"| `{one.name}` | {one.kind} | {labels} | {one.unit} | {one.about} |"


if __name__ == "__main__":
    PAGE.write_text(with_tables(PAGE.read_text("utf-8")), "utf-8")
