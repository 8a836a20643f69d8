"""What the commands that answer print, and what they exit with: `dompet wallet`, `check`, `funnel` and their like."""

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from dompet.streams.warehouse import Warehouse, open_warehouse
from dompet.streams.warehouse.migrate import migrate
from tests.support.command import Ran, dompet
from tests.support.engines import engine
from tests.support.folding import Event, Folding, records
from tests.support.stored import folded, store

pytestmark = pytest.mark.server

DAY_US = 86_400_000_000
BEGIN_US = 1_590_000_000_000_000  # 2020-05-20T18:40:00Z


def event(name: str, day: int, publisher: str = "programme", **own: object) -> Event:
    shared = {"type": name, "event_id": f"e{day}", "beneficiary_id": "b-1", "publisher_id": publisher}
    return {**shared, "occurred_at": BEGIN_US + day * DAY_US, **own}


def purchase(day: int, order: str, price: int) -> Event:
    own = {"platform_id": "tokopedia", "order_id": order, "course_id": "k", "institution_id": "i"}
    return event("CoursePurchased", day, "tokopedia", **own, price=price, commission=0)


EVENTS = [
    event("SaldoCredited", 0, credit_id="c", decree="SK 1", wave=1, amount=1_000_000),
    purchase(2, "o1", 2_000_000),
    purchase(1, "o2", 400_000),
]
"""Of one person: a purchase beyond the balance, and one that was reported late."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A user's folder, with a warehouse of the events."""
    path = tmp_path_factory.mktemp("answers")
    with opened(path) as warehouse:
        migrate(warehouse)
        store(warehouse, [folded(Folding(), records(EVENTS))[0]])
    return path


@contextmanager
def opened(folder: Path) -> Iterator[Warehouse]:
    with closing(open_warehouse(f"chdb://{folder}/.dompet/warehouse")) as warehouse:
        yield warehouse


def lines(ran: Ran) -> list[dict[str, object]]:
    assert (ran.code, ran.err) == (0, "")
    return [json.loads(line) for line in ran.out.splitlines()]


def wallet(folder: Path, *arguments: str) -> Ran:
    return dompet("wallet", "b-1", *arguments, cwd=folder)


def test_a_wallet_is_shown_with_every_event_its_outcome_reason_and_balance(folder: Path) -> None:
    page = wallet(folder).out
    assert "balance" in page
    assert "600.000" in page
    assert "Timeline" in page
    assert [word for word in ("accepted", "rejected", "insufficient_balance") if word not in page] == []
    assert "\x1b" not in page


def test_a_wallet_as_of_a_moment_comes_in_any_format(folder: Path) -> None:
    [now] = lines(wallet(folder, "--format", "JSONEachRow"))
    assert (now["credited"], now["spent"], now["balance"]) == (1_000_000, 400_000, 600_000)
    [early] = lines(wallet(folder, "--as-of", "2020-05-21T20:00:00+07:00", "--format", "JSONEachRow"))
    assert (early["spent"], early["balance"]) == (0, 1_000_000)
    [same] = lines(wallet(folder, "--as-of", "2020-05-22", "--known-at", "2020-05-22", "--format", "JSONEachRow"))
    assert same == now
    timeline = lines(wallet(folder, "--as-of", "2020-05-22", "--timeline", "--format", "JSONEachRow"))
    assert [one["type"] for one in timeline] == ["SaldoCredited", "CoursePurchased"]


def test_the_query_behind_a_wallet_gives_the_same(folder: Path) -> None:
    query = wallet(folder, "--as-of", "2020-05-21", "--sql").out
    asked = dompet("query", "-", "--format", "JSONEachRow", cwd=folder, stdin=query.encode())
    assert asked.out == wallet(folder, "--as-of", "2020-05-21", "--format", "JSONEachRow").out


@pytest.mark.parametrize("arguments", [["nobody"], ["b-1", "--as-of", "2020-04-01"]])
def test_nobody_of_that_id_is_one_sentence_and_1(folder: Path, arguments: list[str]) -> None:
    ran = dompet("wallet", *arguments, cwd=folder)
    assert ran.complaint.startswith(f"the journal has no event of {arguments[0]}")
    assert ran.code == 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["wallet", "b-1", "--as-of", "2020-02-30"], "--as-of is '2020-02-30': it must be a day such as "),
        (["wallet", "b-1", "--known-at", "2020-05-01T08:00:00"], "--known-at is '2020-05-01T08:00:00': it must be "),
        (["wallet", "1234567890123456"], "beneficiary_id has 16 digits, the form of a national id number (NIK)"),
        (["funnel", "--as-of", "soon"], "--as-of is 'soon': it must be "),
        (["unfinished", "--as-of", "soon"], "--as-of is 'soon': it must be "),
        (["rejections", "--since", "9999-12-31T"], "--since is '9999-12-31T': it must be "),
        (["check", "--home", "/nowhere"], "there is no warehouse at /nowhere/warehouse yet: "),
    ],
)
def test_what_is_wrong_is_one_sentence_and_2(folder: Path, arguments: list[str], sentence: str) -> None:
    ran = dompet(*arguments, cwd=folder)
    assert ran.complaint.startswith(sentence)
    assert ran.code == 2


def test_a_warehouse_of_an_older_dompet_is_one_sentence(tmp_path: Path) -> None:
    with opened(tmp_path):
        pass
    ran = dompet("check", cwd=tmp_path)
    assert ran.complaint == (
        "the warehouse lacks tables: `dompet migrate` makes them, and so does a worker at its start"
    )


def test_the_funnel_exceptions_and_rejections_are_reported(folder: Path) -> None:
    [funnel] = lines(dompet("funnel", "--by", "wave", "--format", "JSONEachRow", cwd=folder))
    assert (funnel["wave"], funnel["purchased"], funnel["paid"]) == (1, 1, 400_000)
    [open_one] = lines(dompet("unfinished", "--as-of", "2020-05-22", "--format", "JSONEachRow", cwd=folder))
    assert (open_one["platform_id"], open_one["paid"], open_one["not_redeemed"]) == ("tokopedia", 400_000, 1)
    assert lines(dompet("unfinished", "--as-of", "2020-05-20", "--format", "JSONEachRow", cwd=folder)) == []
    assert "400.000" in dompet("unfinished", "--orders", cwd=folder).out
    [exception] = lines(dompet("exceptions", "--open", "--format", "JSONEachRow", cwd=folder))
    assert (exception["reference"], exception["amount"], exception["settled"]) == ("o1", 2_000_000, "no")
    [rejection] = lines(dompet("rejections", "--publisher", "tokopedia", "--format", "JSONEachRow", cwd=folder))
    assert rejection["reason"] == "insufficient_balance"
    assert dompet("rejections", "--publisher", "x", cwd=folder).complaint == (
        "no publisher 'x' is known, by any event or the catalogue"
    )
    assert lines(dompet("rejections", "--since", "2020-05-20", "--format", "JSONEachRow", cwd=folder)) == []
    for command in ("funnel", "exceptions", "rejections"):
        page = dompet(command, cwd=folder)
        assert (page.code, page.err) == (0, "")
        assert "tokopedia" in page.out or "insufficient_balance" in page.out


@pytest.mark.parametrize("form", ["DataFrame", "ArrowTable", "CSV; SELECT 1", ""])
@pytest.mark.parametrize("command", [("query", "SELECT 1"), ("check",), ("funnel",), ("catalogue", "list")])
def test_a_format_that_is_none_of_clickhouses_is_refused(tmp_path: Path, command: tuple[str, ...], form: str) -> None:
    ran = dompet(*command, "--format", form, cwd=tmp_path)
    assert (ran.code, ran.out) == (2, "")
    assert f"unknown format '{form}'" in ran.err


def test_a_check_says_what_holds_and_names_what_does_not(folder: Path) -> None:
    right = dompet("check", cwd=folder)
    assert (right.code, right.err) == (0, "")
    assert right.out.count("✓") == 5
    with opened(folder) as warehouse:
        rows = (
            "SELECT * EXCEPT (balance, version), toInt64(1) AS balance, version + 1 AS version FROM wallet_rows FINAL"
        )
        before = warehouse.read("SELECT * FROM wallet_rows FINAL")
        warehouse.insert("wallet_rows", warehouse.read(rows))
    wrong = dompet("check", cwd=folder)
    listed = dompet("check", "--format", "JSONEachRow", cwd=folder)
    with opened(folder) as warehouse:
        version = "SELECT * EXCEPT (version), version + 2 AS version FROM wallet_rows FINAL"
        healed = warehouse.read(version.replace("FINAL", "WHERE balance = 600000"))
        assert healed.num_rows == before.num_rows == 1
        warehouse.insert("wallet_rows", healed)
    assert (wrong.code, listed.code) == (1, 1)
    assert "✗ wallet b-1: credited = balance + spent - refunded + returned: 1.000.000 beside 400.001" in wrong.out
    assert "3 differences" in wrong.out
    assert len(listed.out.splitlines()) == 3
    assert dompet("check", cwd=folder).code == 0


def test_the_engine_that_holds_the_warehouse_is_asked(folder: Path) -> None:
    with engine(folder / ".dompet" / "warehouse"):
        assert "600.000" in wallet(folder).out
        assert dompet("check", cwd=folder).code == 0
        for command in ("funnel", "exceptions", "rejections", "status"):
            assert dompet(command, cwd=folder).code == 0


def test_an_order_is_found_by_its_id_with_whose_it_is_and_every_event_of_it(folder: Path) -> None:
    page = dompet("order", "o2", cwd=folder)
    assert (page.code, page.err) == (0, "")
    words = page.out.split()
    assert {"b-1", "tokopedia", "purchased", "400.000", "CoursePurchased", "accepted"} <= set(words)
    [reported] = lines(dompet("order", "o1", "--format", "JSONEachRow", cwd=folder))
    assert (reported["beneficiary_id"], reported["outcome"], reported["reason"]) == (
        "b-1",
        "rejected",
        "insufficient_balance",
    )
    assert dompet("order", "o2", "--platform", "bukalapak", cwd=folder).code == 1


def test_an_order_that_nobody_has_is_said(folder: Path) -> None:
    ran = dompet("order", "o9\x1b[2J", cwd=folder)
    assert (ran.code, ran.complaint) == (1, "the journal has no event of order o9\\x1b[2J")


def test_an_event_is_found_by_its_id_with_its_place_and_its_effect(folder: Path) -> None:
    page = dompet("event", "e1", cwd=folder)
    assert (page.code, page.err) == (0, "")
    facts = dict(line.strip().split("  ", 1) for line in page.out.splitlines() if "  " in line.strip())
    facts = {name: value.strip() for name, value in facts.items()}
    assert facts["type"] == "CoursePurchased"
    assert facts["outcome"] == "accepted"
    assert facts["spent change"] == "400.000"
    assert facts["partition"].isdigit()
    ran = dompet("event", "e9", cwd=folder)
    assert (ran.code, ran.complaint) == (1, "the journal has no event of id e9")


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ((), 1),
        (("--platform", "tokopedia", "--reason", "insufficient_balance"), 1),
        (("--platform", "bukalapak"), 0),
        (("--reason", "unknown_order"), 0),
        (("--from", "2020-05-23", "--to", "2020-05-23"), 1),
        (("--to", "2020-05-22"), 0),
        (("--from", "2020-05-24"), 0),
    ],
)
def test_exceptions_are_filtered_by_platform_reason_and_period(
    folder: Path, filters: tuple[str, ...], found: int
) -> None:
    assert len(lines(dompet("exceptions", *filters, "--format", "JSONEachRow", cwd=folder))) == found


def test_an_empty_answer_says_so(folder: Path) -> None:
    page = dompet("exceptions", "--platform", "bukalapak", cwd=folder)
    assert (page.code, page.out) == (0, "Money that moved though the event was rejected: no such event\n")


def test_sums_of_columns_stand_below_them(folder: Path) -> None:
    page = dompet("funnel", cwd=folder)
    assert page.out.splitlines()[-1].split()[:3] == ["all", "1", "0"]
