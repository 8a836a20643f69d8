"""The rules file: what is wrong in it is named with its line, and its digest is of what it says."""

from datetime import date
from pathlib import Path

import pytest

from dompet.schemas.errors import ContractError
from dompet.schemas.rules import parse_rules, read_rules

TEXT = """# the rules
programme_publishers = ["programme", "dompet"]

[[rules]]
name = "2020"
from = 2020-04-01
max_credits = 1
first_purchase_days = 30
spend_by = "12-15"
one_open_course = true
commission_cap_bp = 1500
min_completion_minutes = 60
redemption_required = false
attendance_required = false
review_required = true
incentive = { times = 4, amount = 600_000 }
surveys = { times = 3, amount = 50_000 }

[[rules]]
name = "2023"
from = 2023-01-01
max_credits = 1
first_purchase_days = 15
spend_by = "12-15"
one_open_course = true
commission_cap_bp = 1500
min_completion_minutes = 900
redemption_required = true
attendance_required = true
review_required = true
incentive = { times = 1, amount = 600_000 }
surveys = { times = 2, amount = 50_000 }
"""


def fault(text: str) -> str:
    with pytest.raises(ContractError) as error:
        parse_rules(text, "my.toml")
    assert "\n" not in str(error.value)
    return str(error.value)


def test_the_programmes_own_rules_can_be_read() -> None:
    rulebook = read_rules()
    assert [(one.name, one.from_day) for one in rulebook.rules] == [
        ("2020", date(2020, 4, 1)),
        ("2023", date(2023, 1, 1)),
    ]
    assert rulebook.digest() == parse_rules(TEXT, "my.toml").digest()


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ('name = "2020"', 'name = ""', "my.toml:5: rules.0.name: "),
        ("from = 2020-04-01", "from = 2020-04-31", "my.toml:6: not valid TOML: "),
        ("from = 2020-04-01", 'from = "2020-04-01"', "my.toml:6: rules.0.from: "),
        ("from = 2020-04-01", "from = 2020-04-01T00:00:00Z", "my.toml:6: rules.0.from: "),
        ("max_credits = 1", "max_credits = 0", "my.toml:7: rules.0.max_credits: "),
        ("max_credits = 1", 'max_credits = "1"', "my.toml:7: rules.0.max_credits: "),
        ("first_purchase_days = 15", "first_purchase_days = -1", "my.toml:23: rules.1.first_purchase_days: "),
        ("first_purchase_days = 15", "first_purchase_days = 1.5", "my.toml:23: rules.1.first_purchase_days: "),
        ('spend_by = "12-15"', 'spend_by = "12-32"', "my.toml:9: rules.0.spend_by: "),
        ('spend_by = "12-15"', 'spend_by = "02-29"', "my.toml:9: rules.0.spend_by: "),
        ('spend_by = "12-15"', 'spend_by = "15 December"', "my.toml:9: rules.0.spend_by: must be a month and a day"),
        ("one_open_course = true", "one_open_course = 1", "my.toml:10: rules.0.one_open_course: "),
        ("commission_cap_bp = 1500", "commission_cap_bp = 10_001", "my.toml:11: rules.0.commission_cap_bp: "),
        ("min_completion_minutes = 900", "", "my.toml:19: rules.1.min_completion_minutes: "),
        ("review_required = true\n", "", "my.toml:4: rules.0.review_required: "),
        ("times = 4", "times = 64", "my.toml:16: rules.0.incentive.times: "),
        ("amount = 50_000", "amount = 1.5", "my.toml:17: rules.0.surveys.amount: "),
        ('["programme", "dompet"]', '"programme"', "my.toml:2: programme_publishers: "),
        ('"dompet"]', "7]", "my.toml:2: programme_publishers.1: "),
        ("amount = 600_000 }", "amount = 600_000", "my.toml:16: not valid TOML: "),
    ],
)
def test_what_is_wrong_is_named_with_its_line(old: str, new: str, where: str) -> None:
    assert old in TEXT
    assert fault(TEXT.replace(old, new, 1)).startswith(where)


def test_a_name_that_no_rule_has_is_reported_at_its_line() -> None:
    text = TEXT.replace("max_credits = 1", "max_credits = 1\nmax_credit = 2", 1)
    assert fault(text).startswith("my.toml:8: rules.0.max_credit: ")


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("2023-01-01", "2020-04-01", 'rules "2023" must begin after "2020"'),
        ("2023-01-01", "2019-01-01", 'rules "2023" must begin after "2020"'),
        ('name = "2023"', 'name = "2020"', "two rule sets have one name"),
    ],
)
def test_sets_that_do_not_go_together_are_named(old: str, new: str, what: str) -> None:
    assert what in fault(TEXT.replace(old, new, 1))


@pytest.mark.parametrize("text", ["", 'programme_publishers = ["a"]', 'programme_publishers = ["a"]\nrules = []'])
def test_a_file_without_rules_is_wrong(text: str) -> None:
    assert fault(text).startswith("my.toml:1: ")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    path = tmp_path / "lost.toml"
    with pytest.raises(ContractError, match=r"lost\.toml: the rules file cannot be read: No such file or directory"):
        read_rules(path)


def test_a_file_that_is_not_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_bytes(b"\xff")
    with pytest.raises(ContractError, match=r"rules\.toml:1: the rules file is not UTF-8 text"):
        read_rules(path)


def test_the_digest_is_of_what_the_file_says_not_of_its_layout() -> None:
    digest = parse_rules(TEXT, "my.toml").digest()
    lines = TEXT.splitlines()
    turned = [*lines[:3], lines[3], *reversed(lines[4:17]), *lines[17:]]
    spaced = TEXT.replace(" = ", "   =  ").replace("600_000", "600000").replace("# the rules\n", "\n\n# other\n")
    swapped = TEXT.replace('["programme", "dompet"]', '["dompet", "programme"]')
    for text in ("\n".join(turned), spaced, swapped, TEXT.replace("\n", "\r\n")):
        assert parse_rules(text, "other.toml").digest() == digest


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"dompet"', '"dompet-2"'),
        ('name = "2020"', 'name = "2021"'),
        ("from = 2020-04-01", "from = 2020-04-02"),
        ("max_credits = 1", "max_credits = 2"),
        ("first_purchase_days = 30", "first_purchase_days = 31"),
        ('spend_by = "12-15"', 'spend_by = "12-16"'),
        ("one_open_course = true", "one_open_course = false"),
        ("commission_cap_bp = 1500", "commission_cap_bp = 1501"),
        ("min_completion_minutes = 60", "min_completion_minutes = 61"),
        ("redemption_required = false", "redemption_required = true"),
        ("attendance_required = false", "attendance_required = true"),
        ("review_required = true", "review_required = false"),
        ("times = 4", "times = 5"),
        ("amount = 600_000", "amount = 600_001"),
        ("times = 3", "times = 4"),
        ("amount = 50_000", "amount = 50_001"),
    ],
)
def test_the_digest_changes_with_every_rule(old: str, new: str) -> None:
    assert parse_rules(TEXT.replace(old, new, 1), "my.toml").digest() != parse_rules(TEXT, "my.toml").digest()
