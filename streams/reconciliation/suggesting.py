"""A proposal of a mapping for a file that nobody has described yet, by its header's words and by what its first lines
hold. What the lines leave open is left to the person who saves it.
"""

import json
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Final

from dompet.streams.parsing.blanks import is_blank
from dompet.streams.parsing.delimited import DelimitedFile, Row
from dompet.streams.parsing.texts import listed
from dompet.streams.parsing.unpacked import BadLine, Encoding, is_zip
from dompet.streams.parsing.workbook import Workbook, sheets_of
from dompet.streams.reconciliation.columns_found import columns_found
from dompet.streams.reconciliation.mapping import MappingError, parse_mapping
from dompet.streams.reconciliation.reading import StatementFile
from dompet.streams.settlement.period import FIRST, LAST, Period

_ROWS: Final = 500
_SHOWN: Final = 10
_SEPARATORS: Final = (",", ";", "\t", "|")


@dataclass
class Proposal:
    """The keys of [statement], in their order, and what is to be looked at."""

    keys: dict[str, Any] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)

    def toml(self) -> str:
        """The mapping as a file."""
        notes = [f"# {remark}" for remark in self.remarks]
        return "\n".join([*notes, "[statement]", *(f"{key} = {_toml(value)}" for key, value in self.keys.items()), ""])


def proposed(path: Path) -> Proposal:
    """A mapping for a file. Raises BadLine where it is no table, OSError where it cannot be read."""
    proposal = Proposal()
    rows = _rows_of_workbook(path, proposal) if is_zip(path) else _rows_of_text(path, proposal)
    rows = [row for row in rows if not is_blank("".join(row.values))]
    if not rows:
        raise BadLine(path, 1, "there is no row in which to look for columns")
    columns_found(rows, proposal.keys, proposal.remarks)
    return proposal


def first_lines(path: Path, text: str) -> tuple[list[dict[str, Any]], str]:
    """The first lines of a file as a mapping reads them, and what is wrong with the first one that is not read, or with
    the mapping.
    """
    lines: list[dict[str, Any]] = []
    try:
        layout = parse_mapping(text, "the proposal").statement
        for block in StatementFile(path, layout, Period(FIRST, LAST)).blocks():
            lines += block.slice(0, _SHOWN - len(lines)).to_pylist()
            if len(lines) == _SHOWN:
                break
    except (MappingError, BadLine) as error:
        return lines, str(error)
    return lines, ""


def _rows_of_workbook(path: Path, proposal: Proposal) -> list[Row]:
    names = sheets_of(path)
    if len(names) > 1:
        proposal.keys["sheet"] = names[0]
        proposal.remarks.append(f"the first of {len(names)} sheets: {listed(names)}")
    return list(islice(Workbook(path, names[0]).rows(1), _ROWS))


def _rows_of_text(path: Path, proposal: Proposal) -> list[Row]:
    """Its first rows, by the separator that gives most of them the same number of values."""
    encoding = _encoding(path)
    if encoding:
        proposal.keys["encoding"] = encoding
        proposal.remarks.append(f"the file is not UTF-8; {encoding} is Windows', and any bytes can be read by it")
    plain = DelimitedFile(path, None, None, encoding)
    if plain.dialect.delimiter != ",":  # its first line names it
        return _some(plain)
    tried = {separator: _some(DelimitedFile(path, separator, None, encoding)) for separator in _SEPARATORS}
    best = max(tried, key=lambda separator: _regular(tried[separator]))
    if best != ",":
        proposal.keys["separator"] = best
    return tried[best]


def _some(file: DelimitedFile) -> list[Row]:
    rows: list[Row] = []
    with suppress(BadLine):  # by another separator, or escape, it may be read
        rows.extend(row for row in islice(file.rows(1), _ROWS) if not row.wrong)
    return rows


def _regular(rows: Sequence[Row]) -> int:
    """How many values are in rows of the commonest width; none where that is one value."""
    widths = Counter(len(row.values) for row in rows)
    width, many = max(widths.items(), key=lambda one: (one[0] > 1, one[1]), default=(0, 0))
    return width * many if width > 1 else 0


def _encoding(path: Path) -> Encoding | None:
    """None where the file says it, or is UTF-8."""
    for row in islice(DelimitedFile(path, None, None, None).rows(1), _ROWS):
        if "UTF-8" in row.wrong:
            return "cp1252"
    return None


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{key} = {_toml(one)}' for key, one in value.items())} }}"
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
