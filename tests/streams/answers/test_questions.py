"""Questions with filters: each is answered by both warehouses, page by page, with the columns that it declares."""

import asyncio
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import pyarrow as pa
import pytest

from dompet.streams.answers.asking import rows
from dompet.streams.answers.columns import KINDS
from dompet.streams.answers.filters import PARAMETERS, STEPS, FilterError, Filters, filters_of
from dompet.streams.answers.funnel import funnel_sql
from dompet.streams.answers.question import CursorError, Question
from dompet.streams.answers.registry import QUESTIONS
from dompet.streams.answers.rejections import Exceptions
from dompet.streams.answers.unfinished import unfinished_sql
from dompet.streams.warehouse import Warehouse
from dompet.streams.web.core.paging import page_of
from tests.support.answered import accepted, store_twice

GIVEN = {
    "platform": "tokopedia", "institution": "inst'itution", "course": "k", "category": "Bahasa", "wave": "1",
    "decree": "SK 'satu' %(x)s", "publisher": "tokopedia", "person": "b-1", "type": "CoursePurchased",
    "outcome": "rejected", "reason": "unknown_order", "state": "completed", "step": "completed",
    "flag": "completed_too_fast", "judgement": "same_owner", "status": "active", "age": "over_90", "pattern": "p",
    "statement": "s", "run": "r", "by": "wave", "grain": "month", "only": "open", "from": "2020-04-01",
    "to": "2020-12-31", "as_of": "2020-12-31", "known_at": "2026-12-31T08:00:00+07:00",
}  # fmt: skip
BY_NAME = pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)


@pytest.fixture(scope="module")
def filled(shared_warehouse: Warehouse) -> Warehouse:
    store_twice(shared_warehouse)
    return shared_warehouse


def table(warehouse: Warehouse, question: Question, limit: int, after: list[Any] | None = None, /, **given: str) -> Any:
    filters = filters_of(question.takes, given)
    return question.typed(warehouse.read(question.page_sql(filters, limit, after)))


def pages(warehouse: Warehouse, question: Question, size: int) -> Iterator[dict[str, Any]]:
    after = None
    while found := table(warehouse, question, size, after).to_pylist():
        yield from found
        after = question.after(question.cursor(found[-1]))


@BY_NAME
def test_pages_one_after_another_give_every_row_once(filled: Warehouse, question: Question) -> None:
    whole = table(filled, question, 100_000).to_pylist()
    size = max(len(whole) // 3, 1)
    assert list(pages(filled, question, size)) == whole
    [counted] = rows(filled.answer, question.count_sql(Filters()))
    assert counted["rows"] == len(whole)


@pytest.mark.parametrize("name", [name for name, one in QUESTIONS.items() if one.by_keys])
@pytest.mark.parametrize(
    "given", [{}, {"platform": "tokopedia"}, {"outcome": "rejected"}, {"flag": GIVEN["flag"]}, {"only": "open"}]
)
def test_a_page_by_its_keys_is_the_page_that_one_query_gives(
    filled: Warehouse, name: str, given: dict[str, str]
) -> None:
    question = QUESTIONS[name]
    filters = filters_of(question.takes, {key: text for key, text in given.items() if key in question.takes})

    async def read(sql: str) -> pa.Table:
        return filled.read(sql)

    after, found = None, []
    for _ in range(2):
        assert question.keys_sql(filters, 40, after) is not None
        some = asyncio.run(page_of(read, question, filters, 40, after))
        assert some.equals(question.typed(filled.read(question.page_sql(filters, 40, after))))
        found += some.to_pylist()
        after = question.after(question.cursor(found[-1])) if found else None
    assert found or given


@pytest.mark.parametrize(
    "given",
    [{}, {"wave": "1"}, {"only": "open"}, {"platform": "tokopedia"}, {"state": "completed"}, {"flag": GIVEN["flag"]}]
    + [{"step": step} for step in STEPS],
)
def test_orders_are_counted_as_they_are_listed(filled: Warehouse, given: dict[str, str]) -> None:
    question = QUESTIONS["orders"]
    [counted] = rows(filled.answer, question.count_sql(filters_of(question.takes, given)))
    assert counted["rows"] == table(filled, question, 100_000, **given).num_rows


@BY_NAME
def test_every_filter_is_answered_with_all_others(filled: Warehouse, question: Question) -> None:
    found = table(filled, question, 100_000, **{name: GIVEN[name] for name in question.takes})
    assert found.schema == question.schema


@pytest.mark.parametrize(("name", "value"), GIVEN.items())
def test_a_filter_takes_rows_away(filled: Warehouse, name: str, value: str) -> None:
    for question in QUESTIONS.values():
        if name in question.takes and name not in ("by", "grain", "as_of", "known_at"):
            assert (
                table(filled, question, 100_000, **{name: value}).num_rows <= table(filled, question, 100_000).num_rows
            )


def test_the_programme_conserves_what_the_journal_credited(filled: Warehouse) -> None:
    [now] = table(filled, QUESTIONS["programme"], 2).to_pylist()
    changes = [row["credited_change"] for row in accepted()]
    assert now["total_credited"] == sum(changes)
    assert now["difference"] == 0
    [late] = table(filled, QUESTIONS["programme"], 2, as_of="2099-12-31", known_at="2099-12-31").to_pylist()
    assert late == now


def test_the_funnel_of_one_platform_is_the_line_of_the_command(filled: Warehouse) -> None:
    for line in rows(filled.answer, funnel_sql("platform")):
        name = line["platform_id"]
        [found] = table(filled, QUESTIONS["funnel"], 9, by="platform", platform=name).to_pylist()
        assert [found["subject"], found["completed"], found["paid"]] == [name, line["completed"], line["paid"]]
        assert found["refunded_orders"] == line["refunded"]


def test_unfinished_orders_and_exceptions_are_those_of_the_commands(filled: Warehouse) -> None:
    unfinished = table(filled, QUESTIONS["unfinished"], 1000, as_of="2020-09-30").to_pylist()
    command = rows(
        filled.answer, unfinished_sql("platform", filters_of(("as_of",), {"as_of": "2020-09-30"}).happened_us)
    )
    assert [(row["subject"], row["paid"]) for row in unfinished] == [
        (row["platform_id"], row["paid"]) for row in command
    ]
    exceptions = table(filled, QUESTIONS["exceptions"], 100_000, only="open")
    assert exceptions.num_rows == len(rows(filled.answer, Exceptions(unsettled=True).sql()))


@BY_NAME
def test_rows_behind_a_figure_are_as_many_as_it_says(filled: Warehouse, question: Question) -> None:
    for row in table(filled, question, 3).to_pylist():
        for column, behind in question.rows.items():
            target, given = QUESTIONS[behind.question], behind.given(row, {})
            assert set(target.needs) <= set(given)
            assert set(given) <= set(target.takes)
            if all(given.values()) and question.kind(column) == "count":
                assert table(filled, target, 100_000, **given).num_rows == row[column], (column, given)


def test_a_column_of_every_question_has_one_kind() -> None:
    unknown = {name for question in QUESTIONS.values() for name in question.columns if name not in KINDS}
    assert unknown == set()


def test_parameters_and_filters_are_the_same() -> None:
    assert {one.field for one in PARAMETERS.values()} == {field.name for field in fields(Filters)} - {"partitions"}
    assert set(GIVEN) == set(PARAMETERS)


@pytest.mark.parametrize(
    "text",
    [
        "2020-06-30T14:00",
        "2020-06-30T14:00:00",
        "2020-06-30T07:00:00Z",
        "2020-06-30T14:00:00+07:00",
        "2020-06-30T14:00:00 07:00",  # a plus sign in an address is a blank
        "1593500400000000",
    ],
)
def test_a_moment_is_of_jakarta_unless_it_has_an_offset(text: str) -> None:
    assert filters_of(("as_of",), {"as_of": text}).happened_us == 1_593_500_400_000_000


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("wave", "-"),
        ("wave", "1" * 19 + "0"),
        ("type", "Nothing"),
        ("as_of", "2020-02-30"),
        ("as_of", "2020-06-30 14:00"),
        ("platform", "a\x00b"),
        ("by", "x"),
    ],
)
def test_a_filter_that_does_not_hold_is_named(name: str, text: str) -> None:
    with pytest.raises(FilterError) as refused:
        filters_of((name,), {name: text})
    assert refused.value.name == name


@pytest.mark.parametrize("cursor", ["", "%", "W10", "WzEsMl0", "bnVsbA", "WyJhIiwgMV0", "é"])
def test_a_cursor_that_no_answer_gave_is_refused(cursor: str) -> None:
    with pytest.raises(CursorError):
        QUESTIONS["orders"].after(cursor)
