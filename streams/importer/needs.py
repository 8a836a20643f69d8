"""Which columns a mapping needs of each of its inputs."""

from collections.abc import Iterable, Iterator

from dompet.streams.importer.mapping import EventRule, Mapping
from dompet.streams.importer.values import FromHash, Made, Value

NUMBER = "number"
"""The column that a numbered input has beside its files' own."""


def names_of(values: Iterable[Value]) -> Iterator[str]:
    """The names that values are made from, as they are written."""
    for value in values:
        if isinstance(value, Made):
            yield from value.names()


def columns_behind(mapping: Mapping, names: Iterable[str], *, hashed: bool | None = None) -> Iterator[str]:
    """The columns that names come down to, through [values]; with `hashed`, only those behind a hash, or not."""
    for name in names:
        value = mapping.values.get(name)
        if value is None:
            if not hashed:
                yield name
        elif isinstance(value, FromHash):
            if hashed is not False:
                yield from columns_behind(mapping, value.names())
        elif isinstance(value, Made):
            yield from columns_behind(mapping, value.names(), hashed=hashed)


def used_by(mapping: Mapping, rule: EventRule) -> Iterator[str]:
    """The columns that a rule looks at, joined ones with the name of their input before them."""
    names = [*names_of(mapping.fields_of(rule).values()), *(condition.column for condition in rule.when)]
    yield from columns_behind(mapping, [*names, *([rule.once_per] if rule.once_per else [])])


def joined_part(mapping: Mapping, source: str, column: str) -> tuple[str, str] | None:
    """The input that a column is joined from, and its name there; None for a column of the row itself."""
    joined, dot, name = column.partition(".")
    return (joined, name) if dot and any(join.input == joined for join in mapping.inputs[source].join) else None


def own_columns(mapping: Mapping, source: str) -> set[str]:
    """The columns that the files of an input must have where its rows give events."""
    used = {column for rule in mapping.events if rule.source == source for column in used_by(mapping, rule)}
    used |= {column for join in mapping.inputs[source].join for column in join.on}
    return {column for column in used if joined_part(mapping, source, column) is None}


def looked_up_columns(mapping: Mapping, looked_up: str) -> set[str]:
    """The columns that are asked of an input by the rows of those that join it."""
    found = set()
    for source, given in mapping.inputs.items():
        used = {column for rule in mapping.events if rule.source == source for column in used_by(mapping, rule)}
        used |= {column for join in given.join for column in join.on}
        parts = (joined_part(mapping, source, column) for column in used)
        found |= {part[1] for part in parts if part and part[0] == looked_up}
    return found


def columns_of_files(mapping: Mapping, name: str) -> set[str]:
    """The columns that the files of an input must have, for its own events and for those that join it."""
    given = mapping.inputs[name]
    numbering = {*given.number.within, given.number.by} if given.number else set()
    looked_up = looked_up_columns(mapping, name) - ({NUMBER} if given.number else set())
    return own_columns(mapping, name) | looked_up | set(given.key or ()) | numbering
