"""Views are what their files say, on either warehouse, whoever made something else of them, and beside who reads."""

import threading
import time
from contextlib import closing

import pyarrow as pa
import pytest

from dompet.streams.warehouse import Warehouse, WarehouseError, open_warehouse
from dompet.streams.warehouse.attempts import attempted
from dompet.streams.warehouse.comments import abouts, stores_whole
from dompet.streams.warehouse.migrate import Migrated, migrate
from dompet.streams.warehouse.public_views import show
from dompet.streams.warehouse.views import views
from tests.infra.views_page import PAGE, page
from tests.streams.warehouse.test_migrate import CutShort, Failing, schema
from tests.support.stored import shown
from tests.support.warehouses import rows_of

OTHER = "CREATE VIEW {name} AS SELECT toInt64(1) AS other"


def forgotten(warehouse: Warehouse, *names: str) -> None:
    """Make the warehouse believe that views were made by other statements, as by another release."""
    for name in names:
        version = pa.array([time.time_ns()], pa.int64())
        row = {"name": [name], "digest": ["another"], "made": ["another"], "version": version}
        warehouse.insert("view_rows", pa.table(row))


def test_only_a_view_that_is_not_as_it_should_be_is_made(warehouse: Warehouse) -> None:
    before = schema(warehouse)
    assert show(warehouse) == []
    warehouse.execute("DROP TABLE funnel")
    assert show(warehouse) == ["funnel"]
    warehouse.execute("DROP TABLE orders")
    warehouse.execute(OTHER.format(name="orders"))
    assert show(warehouse) == ["orders"]
    assert show(warehouse) == []
    assert schema(warehouse) == before


def test_a_view_of_another_release_is_made_as_it_is_now_and_one_that_is_no_more_is_dropped(
    warehouse: Warehouse,
) -> None:
    before = schema(warehouse)
    warehouse.execute(OTHER.format(name="earlier"))
    forgotten(warehouse, "earlier")
    forgotten(warehouse, "wallets")
    warehouse.execute(OTHER.format(name="somebodys"))
    assert migrate(warehouse) == Migrated(views=("wallets",))
    assert schema(warehouse).keys() - before.keys() == {"somebodys"}  # of which dompet knows nothing
    assert migrate(warehouse) == Migrated()


def test_a_run_that_was_cut_short_is_completed_by_the_next_and_leaves_nothing(warehouse: Warehouse) -> None:
    before = schema(warehouse)
    steps, cut = 0, True
    while cut:
        warehouse.execute("DROP TABLE held")
        forgotten(warehouse, "orders", "rejections")
        try:
            show(Failing(warehouse, steps))
            cut = False
        except CutShort:
            show(warehouse)
            steps += 1
        assert {str(row["name"]) for row in rows_of(warehouse, "SHOW TABLES")} >= before.keys(), steps
    assert schema(warehouse) == before
    assert steps > 6


@pytest.mark.parametrize("warehouse_kind", ["server"])
def test_several_workers_that_start_at_the_same_time_all_find_every_table_and_view(warehouse_url: str) -> None:
    made: list[int] = []

    def start() -> None:
        with closing(open_warehouse(warehouse_url)) as mine:
            migrate(mine)
            # Where two replace a view at once, an old server has a moment without it.
            made.append(attempted(lambda: int(shown(mine, "SELECT count() AS n FROM differences")[0]["n"]), "again"))

    for _ in range(2):  # on nothing, and where views are another release's
        workers = [threading.Thread(target=start) for _ in range(3)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        with closing(open_warehouse(warehouse_url)) as warehouse:
            assert migrate(warehouse) == Migrated()
            assert {name for name in schema(warehouse) if "__" in name} == set()
            forgotten(warehouse, "journal", "orders", "differences")
    assert made == [0] * 6


def test_a_query_beside_the_step_finds_the_view_at_every_moment(warehouse: Warehouse, warehouse_url: str) -> None:
    reader = warehouse if warehouse_url.startswith("chdb") else open_warehouse(warehouse_url)
    over, answers, refusals = threading.Event(), 0, []

    def ask() -> None:
        nonlocal answers
        while not over.is_set():
            try:
                reader.answer("SELECT count() FROM held", "CSV")
            except WarehouseError as error:
                refusals.append(str(error))
            answers += 1

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        for _ in range(8):
            forgotten(warehouse, "held")
            assert show(warehouse) == ["held"]
    finally:
        over.set()
        asking.join()
        if reader is not warehouse:
            reader.close()
    assert (answers > 8, refusals) == (True, [])


def test_every_table_view_and_column_says_what_it_is(warehouse: Warehouse) -> None:
    own = {"migrations", "step_feed"}
    names = [str(row["name"]) for row in rows_of(warehouse, "SHOW TABLES")]
    names = [name for name in names if not name.startswith(".inner") and name not in own]
    assert set(names) == abouts().keys()
    for name in names:
        described = [list(row.values()) for row in rows_of(warehouse, f"DESCRIBE TABLE {name}")]
        said = {str(row[0]): row[4] for row in described}  # the oldest servers call it comment_expression
        assert said == {column: abouts()[name].columns[column] for column in said}, name
        assert all(said.values()), name
    if stores_whole(warehouse):
        texts = rows_of(warehouse, "SELECT name, comment FROM system.tables WHERE database = currentDatabase()")
        assert {row["name"]: row["comment"] for row in texts if row["name"] in abouts()} == {
            name: about.text for name, about in abouts().items()
        }


def test_a_sentence_about_a_table_that_was_changed_is_put_right(warehouse: Warehouse) -> None:
    before = schema(warehouse)
    warehouse.execute("ALTER TABLE journal_rows COMMENT COLUMN amount 'Its ''amount'', \\\\ in dollars'")
    assert schema(warehouse) != before
    migrate(warehouse)
    assert schema(warehouse) == before


def test_no_sentence_is_about_a_column_that_is_not_there(warehouse: Warehouse) -> None:
    for name, view in views().items():
        columns = {str(row["name"]) for row in rows_of(warehouse, f"DESCRIBE TABLE {name}")}
        assert view.about.columns.keys() <= columns, name
        assert view.about.text.endswith("."), name


def test_the_page_of_views_says_what_the_warehouse_says(warehouse: Warehouse) -> None:
    assert PAGE.read_text("utf-8") == page(warehouse)
