"""One request: who asks, in which language, as of which position the answer speaks, and how it is rendered."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import pyarrow as pa
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from dompet.streams.access.roles import OPERATORS, PERSONS, Who
from dompet.streams.answers.columns import KINDS, Kind
from dompet.streams.answers.derived import derived_of
from dompet.streams.answers.filters import PARAMETERS, FilterError, Filters, filters_of
from dompet.streams.answers.question import Question
from dompet.streams.web.core.asking import Asker
from dompet.streams.web.core.clocks import TIMES, moment_said, wrong_times
from dompet.streams.web.core.fields import Field, day_type, field_of
from dompet.streams.web.core.labels import LABELS, MENU
from dompet.streams.web.core.paging import page_of, page_soon
from dompet.streams.web.core.position import Position
from dompet.streams.web.show.cells import address, heading
from dompet.streams.web.show.charts import bar
from dompet.streams.web.show.faults import fault
from dompet.streams.web.show.language import Language
from dompet.streams.web.show.templates import rendered
from dompet.streams.web.show.words import REASONS, word


@dataclass
class Visit:
    """What a handler has. `given` are the filters of the address, as they were typed."""

    request: Request
    who: Who
    language: Language
    asker: Asker
    position: Position
    lag: int | None
    csrf: str
    given: dict[str, str] = field(default_factory=dict)
    wrong: dict[str, FilterError] = field(default_factory=dict)
    """By the filter's name, what it cannot be."""
    status: int = 200
    older: bool = False
    """Whether a part of the page speaks as of an older position, and says so."""

    @property
    def personal(self) -> bool:
        """Whether the reader may see single persons."""
        return self.who.may(PERSONS)

    @property
    def operator(self) -> bool:
        """Whether the reader may redrive and discard."""
        return self.who.may(OPERATORS)

    def day_type(self, text: str) -> str:
        """How a day is typed in a form."""
        return day_type(text)

    def text(self, message: str, **values: Any) -> str:
        """A sentence in the reader's language."""
        return self.language.text(message, **values)

    def fault(self, error: Exception) -> str:
        """What went wrong, in the reader's language where its sentence is known."""
        return fault(self.language, str(error))[0]

    def filters(self, question: Question, more: Mapping[str, str] | None = None) -> Filters:
        """The question's filters among those of the address, and more."""
        found = filters_of(question.takes, {**self.given, **(more or {})})
        return replace(found, partitions=self.position.partitions or None)

    def check(self) -> bool:
        """Whether all filters hold; those that do not are taken note of, and the page says so."""
        for name, text in self.given.items():
            if name in PARAMETERS and text:
                try:
                    PARAMETERS[name].read(name, text)
                except FilterError as error:
                    self.wrong[name] = error
        self.wrong |= wrong_times(self.given)
        if self.wrong:
            self.status = 400
        return not self.wrong

    async def answer(
        self, question: Question, filters: Filters, limit: int, after: Sequence[Any] | None = None
    ) -> pa.Table:
        """The first rows of the answer to a question, or those after one, as of the position or later."""
        derived = None if after else await self.asker.derived(question, filters, self.position, limit)
        if derived is not None:
            return derived
        return await page_of(lambda sql: self.asker.read(sql, self.position), question, filters, limit, after)

    async def shown(self, question: Question, filters: Filters, limit: int) -> tuple[pa.Table, str]:
        """The same for a part of a page; and as of when it speaks, where that is older. Of one person nothing is."""
        if filters.person is not None or derived_of(question.name, filters):
            return await self.answer(question, filters, limit), ""
        table, position = await page_soon(self.asker, self.position, question, filters, limit)
        if position is self.position:
            return table, ""
        self.older = True
        return table, self.as_of(position)

    def as_of(self, position: Position) -> str:
        """As of when an answer speaks, for people."""
        said = self.text("Knows %(records)s records of the log", records=self.language.number(position.records))
        time = position.stored_at and self.language.exact(position.stored_at)
        return f"{said}, {self.text('stored %(time)s', time=time)}" if time else said

    async def table(self, question: Question, sql: str) -> pa.Table:
        """The answer to a query with a question's columns."""
        return question.typed(await self.asker.read(sql, self.position))

    async def rows(self, sql: str) -> list[dict[str, Any]]:
        """The rows of another query of dompet's own."""
        table = await self.asker.read(sql, self.position)
        return [] if not table.num_rows else list(table.to_pylist())

    def page(self, template: str, **context: Any) -> Response:
        """A page."""
        html = rendered(template, self.language, visit=self, **context)
        return HTMLResponse(html, self.status)

    def clocks(self) -> list[tuple[str, str]]:
        """The clocks that are set, each with its moment, for people."""
        return [
            (self.text(LABELS[name]), moment_said(name, self.given[name], self.language))
            for name in TIMES
            if self.given.get(name)
        ]

    def with_(self, **changed: str) -> str:
        """This page's address with other filters."""
        given = {name: text for name, text in self.given.items() if name != "cursor"}
        return address(self.request.url.path, {**given, **changed})

    def chosen(self) -> list[str]:
        """The filters that choose rows, and are filled in."""
        return [name for name, text in self.given.items() if text and name in LABELS and name not in ("by", "grain")]

    def bare(self, keep: Sequence[str] = ()) -> str:
        """This page's address without filters but those to keep."""
        return address(self.request.url.path, {name: self.given.get(name, "") for name in keep})

    def bar(self, value: int, most: int, tone: int = 1) -> Markup:
        """A bar for a template."""
        return bar(value, most, tone)

    def at(self, path: str) -> bool:
        """Whether this page belongs to an item of the menu."""
        here = self.request.url.path
        return here == path or (here != "/" and path != "/" and (here.startswith(path) or path == f"{here}s"))

    def menu(self) -> list[tuple[str, str]]:
        """What this reader may open."""
        return [(path, self.text(name)) for path, name, roles in MENU if self.who.may(roles)]

    def field(self, name: str) -> Field:
        """A filter as a form shows it, with what was typed and what is wrong with it."""
        return field_of(self.language, name, self.given, self.wrong)

    def heading(self, name: str) -> str:
        """A column's heading."""
        return heading(name, self.language)

    def reason(self, name: str) -> str:
        """Why an event was rejected, in plain words."""
        return self.text(REASONS.get(name, word(name)))

    def plain(self, name: str, value: Any) -> str:
        """A value for print, by what its column is."""
        kind = KINDS.get(name)
        if isinstance(value, list):
            return ", ".join(self.text(word(str(one))) for one in value)
        if kind is Kind.MONEY:
            return self.language.money(value)
        if kind is Kind.MOMENT:
            return self.language.exact(datetime.fromisoformat(value))
        if isinstance(value, bool):
            return self.text("yes") if value else self.text("no")
        return self.text(word(value)) if kind is Kind.WORD else str(value)

    def json(self, value: Any) -> str:
        """A value as JSON for people."""
        return json.dumps(value, ensure_ascii=False, indent=2)
