"""What stands behind the endpoint: who knows ClickHouse's syntax, and who runs what a guest asks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from dompet.streams.engine.realm import Realm
from dompet.streams.engine.refusals import Refusal
from dompet.streams.engine.running import Query
from dompet.streams.engine.statements import Parser


@dataclass(frozen=True)
class Question:
    """A query to run: its text without format and settings, the format of its answer, and what else was asked."""

    body: str
    form: str
    user: str
    database: str
    settings: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)
    tables: tuple[str, ...] = ()
    """What it reads, by the names that it gives them."""


class Backend(Protocol):
    """The embedded warehouse, or a server."""

    version: str
    """ClickHouse's release, as clients are to know it."""
    timezone: str
    database: str
    """The one that is read where none is asked for."""

    def realm(self, parser: Parser) -> Realm | None:
        """What the look at a query confines it to, and puts its parameters in place for; None where the engine itself
        does both.
        """

    def content(self, sql: str, form: str, params: Mapping[str, str] | None = None) -> bytes:
        """The answer of a query of ClickHouse's own lists and of its parser, by one thread at a time; RuntimeError
        where it fails.
        """

    def query(self, question: Question) -> Query:
        """The query that runs it."""

    def explained(self, refusal: Refusal, question: Question) -> Refusal:
        """What a guest is answered where a query failed."""

    def select_one(self) -> None:
        """Have it answer a query, by any thread. Refusal or RuntimeError where it does not."""

    def close(self) -> None:
        """Let go of it. No query may be running any more."""
