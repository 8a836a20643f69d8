"""One question has one answer: on its page, from the API, from the command, and in SQL."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet
import pytest

from dompet.streams.answers.filters import Filters
from dompet.streams.answers.registry import QUESTIONS as OF_ANSWERS
from dompet.streams.web.core.questions import QUESTIONS
from tests.support.command import dompet
from tests.support.warehouses import KINDS, empty_warehouse, opened, rows_of
from tests.support.web import Served, filled, served


@pytest.fixture(scope="module", params=KINDS)
def pages(
    request: pytest.FixtureRequest, clickhouse_server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    with empty_warehouse(request.param, clickhouse_server) as url:
        settings = filled(url, tmp_path_factory.mktemp("home"))
        with served(settings) as one:
            yield one


def command(pages: Served, *arguments: str) -> list[dict[str, str]]:
    """What a command answers, as CSV; the pages let go of an embedded warehouse first."""
    pages.asker.close()
    settings = pages.asker.settings
    ran = dompet(*arguments, "--format", "CSVWithNames", "--warehouse", settings.warehouse, cwd=settings.home)
    assert (ran.code, ran.err) == (0, ""), ran.err
    return list(csv.DictReader(io.StringIO(ran.out)))


def test_the_funnel_is_the_same_everywhere(pages: Served) -> None:
    said = command(pages, "funnel", "--by", "platform")
    api = pages.get("/api/v1/funnel", {"by": "platform"}).json["rows"]
    page = pages.get("/", {"by": "platform"}, Accept_Language="en").text
    sql = command(pages, "query", QUESTIONS["funnel"].sql(Filters(by="platform")))
    assert [(row["platform_id"], int(row["completed"]), int(row["paid"])) for row in said] == [
        (row["subject"], row["completed"], row["paid"]) for row in api
    ]
    for row in api:
        assert f">{row['completed']:,}</a>" in page
        assert f">{row['paid']:,}</" in page
    assert [(row["subject"], int(row["completed"])) for row in sql] == [
        (row["subject"], row["completed"]) for row in api
    ]


def test_the_wallet_of_a_person_is_the_same_everywhere(pages: Served) -> None:
    [first] = pages.get("/api/v1/wallets", {"limit": "1"}).json["rows"]
    name = first["beneficiary_id"]
    for as_of in ({}, {"as_of": "2020-12-31"}):
        flags = ["--as-of", as_of["as_of"]] if as_of else []
        api = pages.get("/api/v1/wallet", {"person": name, **as_of}).json["rows"]
        page = pages.get("/person", {"person": name, **as_of}, Accept_Language="en").text
        pages.asker.close()
        settings = pages.asker.settings
        ran = dompet(
            "wallet", name, *flags, "--format", "CSVWithNames", "--warehouse", settings.warehouse, cwd=settings.home
        )
        said = list(csv.DictReader(io.StringIO(ran.out))) if ran.code == 0 else []
        assert [int(row["balance"]) for row in said] == [row["balance"] for row in api]
        for row in api:
            assert f"Rp\u00a0{row['balance']:,}".replace("-", "−") in page


def test_the_sql_that_a_page_shows_gives_what_it_shows(pages: Served) -> None:
    for name, question in OF_ANSWERS.items():
        if question.needs:
            continue
        answer = pages.get(f"/api/v1/{name}", {"limit": "10000"})
        assert answer.status == 200, (name, answer.text)
        page = pages.get(f"/list/{name}", Accept_Language="en").text
        assert f"{len(answer.json['rows']):,} rows" in page, name


def test_csv_and_parquet_hold_what_json_says(pages: Served) -> None:
    for name in ("waves", "incentives-by-wave", "orders", "patterns"):
        rows = pages.get(f"/api/v1/{name}", {"limit": "10000"}).json["rows"]
        lines = list(csv.DictReader(io.StringIO(pages.get(f"/api/v1/{name}", Accept="text/csv").text)))
        parquet = pages.get(f"/api/v1/{name}", Accept="application/vnd.apache.parquet").body
        table = pyarrow.parquet.read_table(io.BytesIO(parquet))
        assert table.num_rows == len(lines) == len(rows)
        assert [list(row) for row in lines[:1]] == [list(row) for row in rows[:1]]
        for line, row in zip(lines, rows, strict=True):
            for column, value in row.items():
                if isinstance(value, int) and not isinstance(value, bool):
                    assert line[column] == str(value)


def test_an_answer_says_as_of_which_place_it_speaks(pages: Served, tmp_path: Path) -> None:
    as_of = pages.get("/api/v1/waves").json["as_of"]
    pages.asker.close()
    with opened(pages.asker.settings.warehouse) as warehouse:
        stored = rows_of(warehouse, "SELECT partition, next_offset FROM checkpoints")
    assert {int(partition): offset for partition, offset in as_of["next_offsets"].items()} == {
        row["partition"]: row["next_offset"] for row in stored
    }
