"""Sales judged by the catalogue as it was at the moment of the sale, on either warehouse."""

from itertools import count

import pyarrow as pa
import pytest

from dompet.schemas.catalogue import Listing
from dompet.streams.warehouse import Warehouse
from tests.infra.test_migrations import SQL
from tests.streams.catalogue.test_rows import store
from tests.support.catalogue import DAY_US, START_US, course, institution, platform
from tests.support.stored import shown, types_of

_NUMBERS = count(1)
SOLD_US = START_US + 10 * DAY_US
JUDGEMENTS = (
    "platform_not_active",
    "course_not_listed",
    "price_above_listed",
    "price_above_outside",
    "free_elsewhere",
    "same_owner",
)


def ids(*listings: Listing) -> tuple[str, tuple[Listing, ...]]:
    """These listings under ids that no other test uses: the ending of the ids, and the listings."""
    end = f"-{next(_NUMBERS)}"
    renamed = []
    for one in listings:
        values = {name: getattr(one, name) for name in one.__dataclass_fields__}
        texts = {name: text + end for name, text in values.items() if name.endswith("_id") and text}
        renamed.append(type(one)(**values | texts))
    return end, tuple(renamed)


def judged(warehouse: Warehouse, *listings: Listing, price: int = 200_000, sold_us: int = SOLD_US) -> list[str]:
    """The judgements on a sale, with only these listings there."""
    end, renamed = ids(*listings)
    store(warehouse, *renamed)
    sell(warehouse, end, price, sold_us)
    [row] = shown(warehouse, f"SELECT judgements FROM sale_judgements WHERE order_id = 'order{end}'")
    return list(row["judgements"])


def sell(warehouse: Warehouse, end: str, price: int, sold_us: int) -> None:
    texts = {name: pa.array([text + end]) for name, text in _SALE.items()}
    numbers = {"partition": pa.array([0], pa.int32()), "version": [1], "price": [price], "purchased_at_us": [sold_us]}
    warehouse.insert("order_rows", pa.table({**texts, **numbers}))


_SALE = {
    "beneficiary_id": "b",
    "platform_id": "warung",
    "order_id": "order",
    "course_id": "kursus",
    "institution_id": "lembaga",
}


def test_a_sale_of_a_listed_course_at_its_price_on_an_active_platform_is_in_order(shared_warehouse: Warehouse) -> None:
    assert judged(shared_warehouse, platform(), institution(), course()) == []
    assert judged(shared_warehouse, platform(), institution(), course(outside_price=200_000)) == []


@pytest.mark.parametrize("status", ["candidate", "suspended", "ended"])
def test_a_platform_that_is_not_active_is_reported(shared_warehouse: Warehouse, status: str) -> None:
    assert judged(shared_warehouse, platform(status=status), institution(), course()) == ["platform_not_active"]


def test_a_platform_that_is_not_listed_is_not_active(shared_warehouse: Warehouse) -> None:
    assert judged(shared_warehouse, institution(), course()) == ["platform_not_active"]


def test_a_course_that_is_not_listed_is_reported_and_has_no_price(shared_warehouse: Warehouse) -> None:
    assert judged(shared_warehouse, platform(), institution(), price=10**12) == ["course_not_listed"]


def test_a_price_above_the_listed_or_the_outside_one_is_reported(shared_warehouse: Warehouse) -> None:
    listed = (platform(), institution())
    assert judged(shared_warehouse, *listed, course(), price=200_001) == ["price_above_listed"]
    assert judged(shared_warehouse, *listed, course(outside_price=199_999)) == ["price_above_outside"]
    both = judged(shared_warehouse, *listed, course(outside_price=0), price=200_001)
    assert both == ["price_above_listed", "price_above_outside"]


def test_a_course_that_is_free_elsewhere_is_reported(shared_warehouse: Warehouse) -> None:
    assert judged(shared_warehouse, platform(), institution(), course(free_elsewhere=True)) == ["free_elsewhere"]


def test_an_institution_of_the_platforms_own_is_reported_and_one_of_anothers_is_not(
    shared_warehouse: Warehouse,
) -> None:
    own, others = institution(owner_platform_id="warung"), institution(owner_platform_id="lapak")
    assert judged(shared_warehouse, platform(), own, course()) == ["same_owner"]
    assert judged(shared_warehouse, platform(), others, course()) == []


def test_a_later_listing_does_not_touch_an_earlier_sale(shared_warehouse: Warehouse) -> None:
    later = {"valid_from": SOLD_US + 1}
    listed = (
        *(platform(), institution(), course()),
        *(platform(status="ended", **later), institution(owner_platform_id="warung", **later)),
        course(price=1, free_elsewhere=True, **later),
    )
    assert judged(shared_warehouse, *listed) == []
    after = judged(shared_warehouse, *listed, sold_us=SOLD_US + 1)
    assert after == ["platform_not_active", "price_above_listed", "free_elsewhere", "same_owner"]


def test_of_several_listings_in_force_the_newest_counts(shared_warehouse: Warehouse) -> None:
    newest = course(price=300_000, valid_from=START_US + 2)
    older = [course(valid_from=START_US + 1), course(price=1)]
    assert judged(shared_warehouse, platform(), institution(), newest, *older, price=300_000) == []


def test_a_listing_holds_from_its_first_moment_up_to_and_not_including_its_last(shared_warehouse: Warehouse) -> None:
    listed = (platform(), institution(), course(valid_from=SOLD_US - 5, valid_to=SOLD_US))
    for sold_us, judgements in {
        SOLD_US - 6: ["course_not_listed"],
        SOLD_US - 5: [],
        SOLD_US - 1: [],
        SOLD_US: ["course_not_listed"],
    }.items():
        assert judged(shared_warehouse, *listed, sold_us=sold_us) == judgements


def test_a_listing_that_ends_gives_way_to_an_older_one_that_still_holds(shared_warehouse: Warehouse) -> None:
    offer = course(price=1, valid_from=START_US + 1, valid_to=SOLD_US)
    assert judged(shared_warehouse, platform(), institution(), offer, course()) == []


def test_a_sale_shows_with_what_it_was_judged_by(shared_warehouse: Warehouse) -> None:
    end, listed = ids(platform(), institution(), course(outside_price=150_000))
    store(shared_warehouse, *listed)
    sell(shared_warehouse, end, 250_000, SOLD_US)
    sell(shared_warehouse, f"{end}-none", 250_000, SOLD_US)
    where = f"WHERE order_id IN ('order{end}', 'order{end}-none') ORDER BY order_id"
    known, unknown = shown(shared_warehouse, f"SELECT * FROM sale_judgements {where}")
    assert known == {
        **{name: text + end for name, text in _SALE.items()},
        "price": 250_000,
        "purchased_at": "2020-04-11 00:00:00",
        "purchased_on": "2020-04-11",
        "listed_price": 200_000,
        "outside_price": 150_000,
        "judgements": ["price_above_listed", "price_above_outside"],
    }
    assert (unknown["listed_price"], unknown["outside_price"]) == (None, None)
    assert unknown["judgements"] == ["platform_not_active", "course_not_listed"]


def test_judgements_can_be_counted_by_platform(shared_warehouse: Warehouse) -> None:
    end, listed = ids(platform(status="ended"), institution())
    store(shared_warehouse, *listed)
    sell(shared_warehouse, end, 1, SOLD_US)
    counted = shown(
        shared_warehouse,
        "SELECT arrayJoin(judgements) AS judgement, count() AS sales FROM sale_judgements"
        f" WHERE platform_id = 'warung{end}' GROUP BY judgement ORDER BY judgement",
    )
    assert counted == [{"judgement": "course_not_listed", "sales": 1}, {"judgement": "platform_not_active", "sales": 1}]


def test_columns_have_the_types_that_are_promised(shared_warehouse: Warehouse) -> None:
    assert types_of(shared_warehouse, "sale_judgements") == {
        **dict.fromkeys(_SALE, "String"),
        "price": "Int64",
        "purchased_at": "DateTime('UTC')",
        "purchased_on": "Date",
        **dict.fromkeys(("listed_price", "outside_price"), "Nullable(Int64)"),
        "judgements": "Array(String)",
    }


def test_every_judgement_is_named_in_the_view() -> None:
    assert not [name for name in JUDGEMENTS if f"'{name}'" not in SQL]
