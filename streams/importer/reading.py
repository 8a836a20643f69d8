"""Reading a mapping: first whether each part of it holds by itself, then whether its parts fit each other."""

from pathlib import Path

from pydantic import ValidationError

from dompet.schemas.contracts import Kind, events_by_name
from dompet.streams.importer.mapping import OWN_ID, EventRule, Mapping, MappingError, MappingFile
from dompet.streams.importer.needs import columns_behind, names_of
from dompet.streams.importer.values import FromHash, Made
from dompet.streams.parsing.toml_lines import line_of, lines_of, parsed, text_in


def read_mapping(path: Path) -> MappingFile:
    """The mapping in a file; MappingError where it cannot be read or does not hold."""
    try:
        text = text_in(path, "a mapping", MappingError)
    except OSError as error:
        raise MappingError(f"{path}: the mapping cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise MappingError(f"{path}:1: the mapping is not UTF-8 text") from None
    return parse_mapping(text, str(path))


def parse_mapping(text: str, source: str) -> MappingFile:
    """The mapping in `text`; MappingError naming `source` and the line of what is wrong."""
    try:
        file = MappingFile(Mapping.model_validate(parsed(text, source, "a mapping", MappingError)), source, text)
    except ValidationError as error:
        raise MappingError(_sentence(error, text, source)) from None
    _check_values(file)
    for number, rule in enumerate(file.mapping.events):
        _check_rule(file, number, rule)
    _check_inputs(file)
    _check_common_fields(file)
    _check_pseudonyms(file)
    return file


def _sentence(error: ValidationError, text: str, source: str) -> str:
    """The first thing that is wrong."""
    first = error.errors(include_url=False)[0]
    where = list(first["loc"])
    for table in ("fields", "values"):
        if table in where:
            del where[where.index(table) + 2 : where.index(table) + 3]  # the kind of value that it was taken for
    item = ".".join(map(str, where))
    message = first["msg"].removeprefix("Value error, ")
    return f"{source}:{line_of(where, lines_of(text))}: {item or 'the mapping'}: {message}"


def _check_values(file: MappingFile) -> None:
    """No value of [values] is made from itself."""
    values = file.mapping.values
    done: set[str] = set()

    def visit(name: str, above: tuple[str, ...]) -> None:
        if name in above:
            raise file.wrong(f"values.{name} is made from itself: {' → '.join((*above, name))}", "values", name)
        if name in values and name not in done:
            for other in names_of([values[name]]):
                visit(other, (*above, name))
            done.add(name)

    for name in values:
        visit(name, ())


def _check_inputs(file: MappingFile) -> None:
    inputs = file.mapping.inputs
    used = {rule.source for rule in file.mapping.events}
    for name, given in inputs.items():
        joined = [join.input for join in given.join]
        for join in given.join:
            key = inputs[join.input].key if join.input in inputs else None
            if join.input not in inputs:
                raise file.wrong(f"there is no input {join.input!r} to join", "inputs", name, "join")
            if key is None:
                raise file.wrong(f"it is joined by {name} and needs a key", "inputs", join.input)
            if len(join.on) != len(key):
                sentence = f"{join.input} has a key of {len(key)} columns, and `on` has {len(join.on)}"
                raise file.wrong(sentence, "inputs", name, "join")
            if joined.count(join.input) > 1:
                raise file.wrong(f"{join.input} is joined twice", "inputs", name, "join")
        used.update(joined)
        if given.number and given.key is None:
            raise file.wrong("only an input with a key, for joins, can be numbered", "inputs", name, "number")
    for name in inputs:
        if name not in used:
            raise file.wrong(f"nothing uses the input {name}", "inputs", name)


def _check_rule(file: MappingFile, number: int, rule: EventRule) -> None:
    if rule.source not in file.mapping.inputs:
        raise file.wrong(f"there is no input {rule.source!r}", "events", number, "from")
    given = file.mapping.fields_of(rule)
    fields = {field.name: field for field in rule.contract.fields}
    for name in rule.fields:
        if name not in fields:
            raise file.wrong(f"{rule.type} has no field {name!r}", "events", number, "fields", name)
    for field in fields.values():
        if field.name not in given and field.name != OWN_ID and field.kind is not Kind.NULLABLE_LONG:
            raise file.wrong(f"{rule.type} needs a field {field.name}", "events", number)


def _check_common_fields(file: MappingFile) -> None:
    known = {field.name for contract in events_by_name().values() for field in contract.fields}
    for name in file.mapping.fields:
        if name not in known:
            raise file.wrong(f"no event type has a field {name!r}", "fields", name)


def _check_pseudonyms(file: MappingFile) -> None:
    """What is hashed anywhere never appears in an event as it is."""
    mapping = file.mapping
    hashed: set[str] = set()
    plain: dict[str, tuple[str | int, ...]] = {}
    for number, rule in enumerate(mapping.events):
        for name, value in mapping.fields_of(rule).items():
            of_rule = name in rule.fields
            where: tuple[str | int, ...] = ("events", number, "fields", name) if of_rule else ("fields", name)
            behind = columns_behind(mapping, names_of([value]), hashed=True)
            if isinstance(value, FromHash):
                hashed.update(columns_behind(mapping, value.names()))
            elif isinstance(value, Made):
                hashed.update(behind)
                plain |= dict.fromkeys(columns_behind(mapping, names_of([value]), hashed=False), where)
    if hashed and mapping.salt is None:
        raise file.wrong("a hash needs `salt`, the name of the environment variable that holds it")
    bare = {column.rpartition(".")[2] for column in hashed}
    for column, where in plain.items():
        if column.rpartition(".")[2] in bare:
            raise file.wrong(f"{column} is hashed elsewhere, so it may not be in an event as it is", *where)
