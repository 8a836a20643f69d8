"""An answer as a part of a page: its table, its chart, where its rows and its downloads are, and its SQL."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import pyarrow as pa
from markupsafe import Markup

from dompet.streams.answers.columns import Kind
from dompet.streams.answers.question import Question
from dompet.streams.answers.rows_behind import chosen_by
from dompet.streams.web.core.labels import LABELS
from dompet.streams.web.core.questions import QUESTIONS
from dompet.streams.web.core.visit import Visit
from dompet.streams.web.show.cells import NUMERIC, Cell, address, cell, heading, id_css
from dompet.streams.web.show.charts import bar

ROWS: Final = 50
"""Rows of a table on a page of several; a list of its own has more."""
LIST_ROWS: Final = 100
CHART_ROWS: Final = 100_000
"""Rows that a chart is drawn of: every reason of each day in ten years."""

Row = Mapping[str, Any]


@dataclass
class Panel:
    """What a template shows. `more` leads to the rest, `rest` says how many there are in all."""

    name: str
    title: str
    sql: str
    rows: list[Row] = field(default_factory=list)
    headings: list[Cell] = field(default_factory=list)
    body: list[list[Cell]] = field(default_factory=list)
    foot: list[Cell] = field(default_factory=list)
    bars: list[Markup] = field(default_factory=list)
    about: str = ""
    unfiltered: str = ""
    """The filters of the page that it does not obey, for people."""
    empty: str = ""
    older: str = ""
    """As of when it speaks, where that is older than the page."""
    more: str = ""
    first: str = ""
    """How many of its rows are here, where there are more."""
    total: int | None = None
    downloads: dict[str, str] = field(default_factory=dict)
    chart: Markup = field(default_factory=Markup)
    legend: Sequence[tuple[str, int]] = ()


@dataclass(frozen=True)
class Wanted:
    """How a question is shown: which columns, `bars` of which one, sums below, and a chart of all rows."""

    question: str
    title: str
    about: str = ""
    columns: Sequence[str] = ()
    given: Mapping[str, str] = field(default_factory=dict)
    limit: int = ROWS
    bars: str = ""
    summed: bool = True
    chart: Callable[[Visit, list[Row]], tuple[Markup, Sequence[tuple[str, int]]]] | None = None
    empty: str = "Nothing of this kind is known."


async def panel(visit: Visit, wanted: Wanted, known: pa.Table | None = None) -> Panel:
    """Ask the question, with the page's filters, and lay out its first rows; `known` are all of them."""
    question = QUESTIONS[wanted.question]
    given = {name: text for name, text in {**visit.given, **wanted.given}.items() if name in question.takes and text}
    filters = visit.filters(question, wanted.given)
    many = CHART_ROWS if wanted.chart else wanted.limit + 1
    if known is not None:
        found, older = question.first(known, many), ""
    else:
        found, older = await visit.shown(question, filters, many)
    rows = found.to_pylist()
    made = Panel(question.name, visit.text(wanted.title), question.shown_sql(filters), rows, older=older)
    made.unfiltered = unfiltered(visit, question, wanted.given)
    made.about, made.empty = visit.text(wanted.about) if wanted.about else "", visit.text(wanted.empty)
    laid_out(visit, made, question, rows[: wanted.limit], given, wanted)
    if wanted.chart:
        made.chart, made.legend = wanted.chart(visit, rows)
    if len(rows) > wanted.limit:
        made.more = address(f"/list/{question.name}", given)
        made.first = visit.text("The first %(rows)s rows.", rows=visit.language.number(wanted.limit))
    elif wanted.summed and len(rows) > 1:
        made.foot = _sums(visit, question, columns_of(question, wanted.columns), rows)
    made.downloads = downloads(question, given)
    return made


def unfiltered(visit: Visit, question: Question, given: Mapping[str, str] | None = None) -> str:
    """What the reader filters by and this question does not know: its figures are of all, and say so."""
    names = [name for name in visit.chosen() if name not in question.takes and name not in (given or {})]
    if not names:
        return ""
    return visit.text("Not filtered by: %(names)s.", names=", ".join(visit.text(LABELS[name]) for name in names))


def columns_of(question: Question, columns: Sequence[str]) -> Sequence[str]:
    """The columns to show: those that are named, else all."""
    return columns or question.columns


def downloads(question: Question, given: Mapping[str, str]) -> dict[str, str]:
    """Where all rows are, by format."""
    path = f"/api/v1/{question.name}"
    return {form: address(path, {**given, "format": form}) for form in ("json", "csv", "parquet")}


def laid_out(
    visit: Visit, made: Panel, question: Question, rows: Sequence[Row], given: Mapping[str, str], wanted: Wanted
) -> None:
    """The rows as cells, with links to the rows behind each figure."""
    columns = columns_of(question, wanted.columns)
    made.headings = [Cell(heading(name, visit.language), _css(question.kind(name))) for name in columns]
    made.body = [[_linked(visit, question, name, row, given) for name in columns] for row in rows]
    if wanted.bars and rows:
        most = max(row[wanted.bars] for row in rows)
        made.bars = [bar(row[wanted.bars], most) for row in rows]


def _css(kind: Kind) -> str:
    return "num" if kind in NUMERIC or kind is Kind.NUMBER else ""


def _linked(visit: Visit, question: Question, name: str, row: Row, given: Mapping[str, str]) -> Cell:
    made = cell(visit.language, question, name, row, personal=visit.personal)
    if name == "subject" and "by" in question.takes:
        return _subject(made, given.get("by") or "platform", row)
    href = behind_of(visit, question, name, row, given)
    return Cell(made.text, made.css, href, made.title) if href else made


def behind_of(visit: Visit, question: Question, name: str, row: Row, given: Mapping[str, str]) -> str:
    """Where the rows behind a figure are; empty where no list has just these, or it is not for this reader."""
    behind = question.rows.get(name)
    if behind is None or not row[name] or not behind.holds(row, given):
        return ""
    target, asked = QUESTIONS[behind.question], behind.given(row, given)
    known = (set(asked) - set(given) | chosen_by(given)) <= set(target.takes)
    if not known or (target.personal and not visit.personal):
        return ""
    return address(f"/list/{target.name}", {name: text for name, text in asked.items() if name in target.takes})


def _subject(made: Cell, by: str, row: Row) -> Cell:
    page = {"platform": "/platform", "institution": "/institution", "course": "/course"}.get(by)
    href = address(page, {by: str(row["subject"])}) if page else ""
    return Cell(made.text, id_css(made.text), href) if page else Cell(made.text, "text")


def _sums(visit: Visit, question: Question, columns: Sequence[str], rows: Sequence[Row]) -> list[Cell]:
    """What the columns add up to, where that means something."""
    if not any(question.kind(name) in (Kind.MONEY, Kind.COUNT) for name in columns):
        return []
    foot = []
    for at, name in enumerate(columns):
        if question.kind(name) in (Kind.MONEY, Kind.COUNT):
            foot.append(Cell(visit.language.number(sum(row[name] or 0 for row in rows)), "num"))
        else:
            foot.append(Cell(visit.text("All") if at == 0 else "", _css(question.kind(name))))
    return foot
