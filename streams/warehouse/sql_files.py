"""The SQL files of `infra/`: statements, and what the comments above them say of a table or view and of its columns.

Above a CREATE statement, the first block of comment lines is for people: sentences about the table or view, then a line
for each column, `--   name  sentence`, indented further where it goes on. Blocks after an empty line are for those who
change the file.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Final

_CREATED: Final = re.compile(r"CREATE (?:TABLE|VIEW) (\w+)")
_COLUMN: Final = re.compile(r"--   (\w+) +(.*)")
_CONTINUED: Final = re.compile(r"-- {4,}(.*)")


@dataclass(frozen=True)
class About:
    """What people are to know of a table or view: `text`, and a sentence by column."""

    text: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Statement:
    """A statement without its comments, the table or view that it creates, if any, and what is said of that."""

    sql: str
    creates: str
    about: About


def sql_files(folder: str) -> Iterator[tuple[str, str]]:
    """The name and the text of each SQL file in a folder of `infra/`, by name."""
    found = [one for one in (files("dompet.infra") / folder).iterdir() if one.name.endswith(".sql")]
    for file in sorted(found, key=lambda one: one.name):
        yield file.name.removesuffix(".sql"), file.read_text("utf-8")


def statements(text: str) -> Iterator[Statement]:
    """The statements of a file. Each ends with a semicolon at the end of a line."""
    for part in re.split(r";$", text, flags=re.MULTILINE):
        sql = "\n".join(line for line in part.splitlines() if not line.lstrip().startswith("--")).strip()
        if sql:
            created = _CREATED.match(sql)
            yield Statement(sql, created[1] if created else "", _about(part))


def _about(part: str) -> About:
    text: list[str] = []
    columns: dict[str, str] = {}
    for line in part.strip().splitlines():
        if not line.startswith("--"):
            break
        if column := _COLUMN.fullmatch(line):
            columns[column[1]] = column[2]
        elif columns and (more := _CONTINUED.fullmatch(line)):
            last = next(reversed(columns))
            columns[last] += f" {more[1]}"
        else:
            text.append(line.removeprefix("--").strip())
    return About(" ".join(text), columns)
