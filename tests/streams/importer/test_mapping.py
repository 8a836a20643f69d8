"""Mappings: what may be in them, and what is said of those that do not hold."""

from pathlib import Path

import pytest

from dompet.schemas.errors import DompetError
from dompet.streams.importer.mapping import MappingError
from dompet.streams.importer.reading import parse_mapping, read_mapping
from tests.support.importing import MAPPING, SALES, prepared, write

ROOT = Path(__file__).parents[3]


def wrong(text: str) -> str:
    with pytest.raises(MappingError) as error:
        parse_mapping(text, "mapping.toml")
    return str(error.value)


def test_the_example_in_the_project_holds() -> None:
    assert read_mapping(ROOT / "infra" / "examples" / "oulad" / "mapping.toml").mapping.name == "oulad"


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('name = "shop"', 'name = "Shop"', "mapping.toml:1: name: String should match pattern"),
        ('name = "shop"', "name = ", "mapping.toml:1: not valid TOML: "),
        ('name = "shop"', 'name = "shop"\nzone = "Mars"', "mapping.toml:2: zone: 'Mars' is no time zone known here, "),
        ('file = "sales.csv"', 'path = "sales.csv"', "mapping.toml:3: inputs.sales.file: Field required"),
        ('from = "sales"', 'from = "sale"', "mapping.toml:13: there is no input 'sale'"),
        (
            "CoursePurchased",
            "CoursePurchase",
            "mapping.toml:12: events.0.type: 'CoursePurchase' is not an event type; ",
        ),
        ("commission = 0\n", "", "mapping.toml:11: CoursePurchased needs a field commission"),
        ("commission = 0", "comission = 0", "mapping.toml:20: CoursePurchased has no field 'comission'"),
        (
            "commission = 0",
            "commission = 0.5",
            "mapping.toml:20: events.0.fields.commission: must be a text, a",
        ),
        (
            "commission = 0",
            "commission = { colum = 1 }",
            "mapping.toml:20: events.0.fields.commission: needs one of the ",
        ),
        (
            "commission = 0",
            'commission = { column = "a", to = 1 }',
            "mapping.toml:20: events.0.fields.commission.to: Extra inputs are not permitted",
        ),
        (
            '"inst-1"',
            '{ text = "{a" }',
            "mapping.toml:18: events.0.fields.institution_id.text: a brace without its ",
        ),
        (
            'day = "day"',
            'day = "day", format = "%Q"',
            "mapping.toml:15: events.0.fields.occurred_at.format: not a fo",
        ),
        (
            "commission = 0",
            'commission = { number = "a", grouping = "5" }',
            "mapping.toml:20: events.0.fields.commission: decimal and thousands must be marks such as . and ,",
        ),
        ("[fields]", "[fields]\nprize = 1", "mapping.toml:7: no event type has a field 'prize'"),
        ("[fields]", '[inputs.more]\nfile = "x"\n[fields]', "mapping.toml:6: nothing uses the input more"),
        (
            "[fields]",
            '[values]\na = { text = "{b}" }\nb = { column = "a" }\n[fields]',
            "mapping.toml:7: values.a is made from itself: a → b → a",
        ),
        (
            '"sales.csv"',
            '"sales.csv"\njoin = [{ input = "x", on = ["a"] }]',
            "mapping.toml:5: there is no input 'x' to jo",
        ),
        (
            "[fields]",
            'join = [{ input = "people", on = ["person"] }]\n[inputs.people]\nfile = "people.csv"\n[fields]',
            "mapping.toml:7: it is joined by sales and needs a key",
        ),
        (
            "[fields]",
            'join = [{ input = "people", on = ["person"] }]\n[inputs.people]\nfile = "p"\nkey = ["a", "b"]\n[fields]',
            "mapping.toml:6: people has a key of 2 columns, and `on` has 1",
        ),
        (
            'from = "sales"',
            'from = "sales"\nwhen = [{ column = "price" }]',
            "mapping.toml:14: events.0.when.0: needs one of the keys present, among, not_among, at_least, at_most",
        ),
        (
            '{ column = "person" }',
            '{ hash = "person" }',
            "mapping.toml:1: a hash needs `salt`, the name of the environ",
        ),
    ],
)
def test_what_is_wrong_is_reported_with_its_line(old: str, new: str, sentence: str) -> None:
    assert wrong(MAPPING.replace(old, new)).startswith(sentence)


def test_what_is_hashed_may_not_enter_an_event_by_another_door() -> None:
    hashed = 'salt = "SALT"\n' + MAPPING.replace('{ column = "person" }', '{ text = "b-{pseudonym}" }').replace(
        "[fields]", '[values]\npseudonym = { hash = "person" }\n[fields]'
    )
    parse_mapping(hashed, "mapping.toml")
    leaking = hashed.replace('{ column = "order" }', '{ text = "{order}/{person}" }')
    assert wrong(leaking) == "mapping.toml:19: person is hashed elsewhere, so it may not be in an event as it is"


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            "commission = 0",
            'commission = "much"',
            "mapping.toml:20: CoursePurchased: commission is 'much', not a whole ",
        ),
        ('"inst-1"', '""', "mapping.toml:18: CoursePurchased: institution_id has 0 bytes; 1 to 64 are allowed"),
        (
            'publisher_id = "shop"',
            f'publisher_id = "{65 * "x"}"',
            "mapping.toml:7: CoursePurchased: publisher_id has 65 ",
        ),
        (
            '{ day = "day", at = 08:00:00 }',
            "2020-05-01",
            "mapping.toml:15: CoursePurchased: occurred_at is '2020-05-01', ",
        ),
    ],
)
def test_a_constant_that_its_field_cannot_hold_is_reported_before_a_row_is_read(
    tmp_path: Path, old: str, new: str, sentence: str
) -> None:
    with pytest.raises(MappingError) as error:
        prepared(tmp_path, MAPPING.replace(old, new), write(tmp_path, sales=SALES))
    assert str(error.value).startswith(sentence)


def test_a_mapping_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match=r"none\.toml: the mapping cannot be read: No such file"):
        read_mapping(tmp_path / "none.toml")
    (tmp_path / "binary.toml").write_bytes(b"\xff")
    with pytest.raises(MappingError, match=r"binary\.toml:1: the mapping is not UTF-8 text"):
        read_mapping(tmp_path / "binary.toml")


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({}, "mapping.toml:3: the input sales has no file: none of those given is called sales.csv"),
        ({"sales": SALES, "other": ""}, "other.csv: by mapping.toml, no input takes it (sales.csv)"),
        (
            {"sales": ""},
            "sales.csv:1: has no column 'course', which mapping.toml needs of the input sales; its columns are none",
        ),
        (
            {"sales": "order,person,course,day,price,price\n"},
            "sales.csv:1: has more than one column 'price', which mapping.toml needs of the input sales; its columns "
            "are order, person, course, day, price, price",
        ),
        (
            {"sales": '"a\n'},
            "sales.csv:1: the header cannot be read: the row is not CSV: unexpected end of data (a quote that is never "
            "closed)",
        ),
        (
            {"sales": "order,person,course,day,Prices\n"},
            "sales.csv:1: has no column 'price', which mapping.toml needs of the input sales; its columns are order, "
            "person, course, day, Prices; the nearest is 'Prices'",
        ),
    ],
)
def test_files_that_do_not_fit_the_mapping_are_named(tmp_path: Path, files: dict[str, str], sentence: str) -> None:
    with pytest.raises(DompetError) as error:
        prepared(tmp_path, MAPPING, write(tmp_path, **files))
    assert str(error.value).removeprefix(f"{tmp_path}/") == sentence
