"""The catalogue's rows and views, on either warehouse: the last record of each key, in people's form."""

from datetime import date

import pytest

from dompet.schemas.catalogue import Listing
from dompet.streams.catalogue.rows import catalogue_tables
from dompet.streams.catalogue.topic import CatalogueRecord, ListingKey
from dompet.streams.warehouse import Warehouse
from dompet.streams.warehouse.catalogue_tables import TABLES
from tests.infra.test_migrations import table, view
from tests.support.catalogue import DAY_US, START_US, course, institution, platform
from tests.support.stored import shown

VIEWS = {"platform_rows": "platforms", "institution_rows": "institutions", "course_rows": "courses"}


def store(warehouse: Warehouse, *listings: Listing, first_offset: int = 0, gone: bool = False) -> None:
    """Insert the rows of records that say these listings, or take them back."""
    records = [
        CatalogueRecord(offset, ListingKey.of(one), None if gone else one)
        for offset, one in enumerate(listings, first_offset)
    ]
    for name, rows in catalogue_tables(records).items():
        warehouse.insert(name, rows)


@pytest.mark.parametrize("type_name", TABLES)
def test_the_tables_have_the_declared_columns_in_order(type_name: str) -> None:
    declared = TABLES[type_name]
    assert list(table(declared.name).items()) == [(column.name, column.kind.value) for column in declared.columns]


@pytest.mark.parametrize("type_name", TABLES)
def test_the_views_show_every_column_that_people_want(type_name: str) -> None:
    declared = TABLES[type_name]
    query = view(VIEWS[declared.name])
    shown_to_people = query.partition("FROM")[0]
    assert [column.name for column in declared.columns if column.name not in shown_to_people] == ["version", "deleted"]
    assert query.endswith(f"FROM {declared.name} FINAL\nWHERE deleted = 0")


def test_platforms_show_days_and_times_and_null_for_what_is_absent(warehouse: Warehouse) -> None:
    store(warehouse, platform(mou_signed_on=date(2020, 3, 20), criteria="a,b", valid_to=START_US + DAY_US))
    assert shown(warehouse, "SELECT * FROM platforms") == [
        {
            "platform_id": "warung",
            "valid_from": "2020-04-01 00:00:00",
            "valid_from_on": "2020-04-01",
            "valid_to": "2020-04-02 00:00:00",
            "valid_to_on": "2020-04-02",
            "name": "Warung Ilmu",
            "operator": "private",
            "mou_signed_on": "2020-03-20",
            "pks_signed_on": None,
            "criteria": "a,b",
            "status": "active",
        }
    ]


def test_a_day_outside_of_1970_to_2099_shows_as_null(warehouse: Warehouse) -> None:
    store(warehouse, platform(mou_signed_on=date(1969, 12, 31), pks_signed_on=date(2100, 1, 1)))
    store(warehouse, platform(platform_id="x", mou_signed_on=date(1970, 1, 1), pks_signed_on=date(2099, 12, 31)))
    days = shown(warehouse, "SELECT mou_signed_on AS m, pks_signed_on AS p FROM platforms ORDER BY platform_id")
    assert days == [{"m": None, "p": None}, {"m": "1970-01-01", "p": "2099-12-31"}]


def test_institutions_and_courses_show_what_is_listed(warehouse: Warehouse) -> None:
    store(warehouse, institution(), institution(institution_id="z", owner_platform_id="warung"))
    store(warehouse, course(), course(course_id="z", outside_price=0, free_elsewhere=True))
    owners = shown(warehouse, "SELECT owner_platform_id AS o FROM institutions ORDER BY institution_id")
    assert owners == [{"o": None}, {"o": "warung"}]
    found = shown(warehouse, "SELECT price, minutes, outside_price, free_elsewhere FROM courses ORDER BY course_id")
    assert found == [
        {"price": 200_000, "minutes": 600, "outside_price": None, "free_elsewhere": "no"},
        {"price": 200_000, "minutes": 600, "outside_price": 0, "free_elsewhere": "yes"},
    ]


def test_the_last_record_of_a_key_counts_however_often_and_late_an_earlier_one_is_written(warehouse: Warehouse) -> None:
    store(warehouse, course(price=2), first_offset=7)
    store(warehouse, course(price=1), first_offset=3)
    store(warehouse, course(price=2), first_offset=7)
    assert shown(warehouse, "SELECT price FROM courses") == [{"price": 2}]


def test_a_listing_that_was_taken_back_is_gone_and_may_come_again(warehouse: Warehouse) -> None:
    store(warehouse, course(), course(valid_from=START_US + 1))
    store(warehouse, course(), first_offset=5, gone=True)
    store(warehouse, course())
    assert shown(warehouse, "SELECT count() AS n FROM courses") == [{"n": 1}]
    store(warehouse, course(), first_offset=6)
    assert shown(warehouse, "SELECT count() AS n FROM courses") == [{"n": 2}]
