"""A value of an answer as a cell of a table: its text in the reader's language, how it is set, where it leads."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from dompet.streams.answers.columns import Kind
from dompet.streams.answers.question import Question
from dompet.streams.web.show.language import NOTHING, Language
from dompet.streams.web.show.words import HEADINGS, REASONS, word

NUMERIC: Final = frozenset({Kind.MONEY, Kind.COUNT, Kind.MINUTES, Kind.SECONDS})
_PAGES: Final[dict[Kind, tuple[str, str]]] = {
    Kind.PERSON: ("/person", "person"),
    Kind.PLATFORM: ("/platform", "platform"),
    Kind.INSTITUTION: ("/institution", "institution"),
    Kind.COURSE: ("/course", "course"),
}
_TONES: Final = {
    "accepted": "good", "rejected": "bad", "duplicate": "quiet", "active": "good", "suspended": "warn",
    "blacklisted": "bad", "revoked": "bad", "expired": "quiet", "reviewed": "good", "completed": "good",
    "refunded": "quiet", "matched": "good", "amount_differs": "bad", "only_theirs": "warn", "only_ours": "warn",
    "twice_in_theirs": "bad", "open": "warn", "redriven": "good", "discarded": "quiet", "ended": "quiet",
    "candidate": "warn", "adjustment": "warn",
}  # fmt: skip
_NOTHING_AT_0: Final = frozenset({"amount", "balance_change"})
"""Where 0 means an event that has no such thing."""
_TAGGED: Final = frozenset({"outcome", "status", "state", "kind"})


@dataclass(frozen=True)
class Cell:
    """`css` says how it is set; `title` is what a pointer that rests on it is shown."""

    text: str
    css: str = ""
    href: str = ""
    title: str = ""
    tags: tuple[tuple[str, str], ...] = ()
    """Words with the tone that each is set in, instead of a text."""


def address(path: str, given: Mapping[str, str]) -> str:
    """A path with its filters."""
    said = {name: text for name, text in given.items() if text != ""}
    return f"{path}?{urlencode(said, safe=':')}" if said else path


def heading(name: str, language: Language) -> str:
    """A column's heading."""
    return language.text(HEADINGS.get(name, name.replace("_", " ").capitalize()))


def cell(language: Language, question: Question, column: str, row: Mapping[str, Any], *, personal: bool) -> Cell:
    """A row's value. Links to single persons are left out where the reader may not see them."""
    kind, value = question.kind(column), row[column]
    unknown = kind is Kind.NUMBER and column in ("partition", "offset", "line") and value is not None and value < 0
    if value in (None, "", []) or unknown or (value == 0 and column in _NOTHING_AT_0):
        return Cell(NOTHING, "none" + (" num" if kind in NUMERIC else ""))
    if kind is Kind.WORD:
        return _word(language, column, str(value))
    if kind is Kind.WORDS:
        return Cell("", "tags", tags=tuple((language.text(word(one)), "warn") for one in value))
    if href := _page_of(kind, row, value, personal=personal):
        return Cell(str(value), id_css(value), href)
    show = _SHOWN.get(kind)
    return Cell(show(language, value), _CSS.get(kind, "")) if show else Cell(str(value), _CSS.get(kind) or _text(value))


def _page_of(kind: Kind, row: Mapping[str, Any], value: Any, *, personal: bool) -> str:
    """The page of what a value names; empty where there is none, or it is not for this reader."""
    if kind is Kind.ORDER and personal and "platform_id" in row and row.get("beneficiary_id"):
        named = {"person": row["beneficiary_id"], "platform": row["platform_id"], "order": value}
        return address("/order", named)
    if kind in _PAGES and (personal or kind is not Kind.PERSON):
        path, name = _PAGES[kind]
        return address(path, {name: str(value)})
    return ""


def id_css(value: Any) -> str:
    """Ids stay in one piece unless they are long."""
    return "id long" if len(str(value)) > 28 else "id"


def _text(value: Any) -> str:
    """A long text has room for its lines to be few."""
    return "text long" if len(str(value)) > 40 else "text"


def _word(language: Language, column: str, name: str) -> Cell:
    said = language.text(word(name))
    if column in _TAGGED:
        return Cell("", "tags", tags=((said, _TONES.get(name, "plain")),))
    if column == "reason":
        said = language.text(REASONS[name]) if name in REASONS else said
        return Cell(said, _text(said), title=name)
    return Cell(said, "word", title=name if said != name else "")


_Show = Callable[[Language, Any], str]
_SHOWN: Final[dict[Kind, _Show]] = {
    Kind.MONEY: lambda language, value: language.number(value),
    Kind.COUNT: lambda language, value: language.number(value),
    Kind.NUMBER: lambda language, value: str(value),
    Kind.MINUTES: lambda language, value: language.duration(value * 60),
    Kind.SECONDS: lambda language, value: language.duration(value),
    Kind.MOMENT: lambda language, value: language.moment(value),
    Kind.DAY: lambda language, value: language.day(value),
    Kind.YES: lambda language, value: language.text("yes") if value else language.text("no"),
}
_CSS: Final = {
    **dict.fromkeys(NUMERIC, "num"),
    Kind.NUMBER: "num",
    Kind.MOMENT: "moment",
    Kind.DAY: "moment",
    **dict.fromkeys((Kind.ORDER, Kind.PERSON, Kind.PUBLISHER), "id"),
    Kind.YES: "word",
}
