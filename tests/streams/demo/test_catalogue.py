"""The demonstration's catalogue: as large as the programme's own at its start, and as doubtful here and there."""

from collections.abc import Callable
from dataclasses import asdict, replace

import pytest

from dompet.schemas.catalogue import decode_listing, encode_listing
from dompet.schemas.errors import DompetError
from dompet.streams.demo.programme.catalogue import OWNERS, Catalogue, catalogue
from dompet.streams.demo.programme.programme import DEFAULT, programme
from dompet.streams.demo.programme.proportions import MARKET, MarketShare, Proportions

SEED = 7


@pytest.fixture(scope="module")
def listed() -> Catalogue:
    return catalogue(SEED, DEFAULT)


def test_eight_platforms_list_courses_of_two_hundred_institutions(listed: Catalogue) -> None:
    assert {platform.platform_id for platform in listed.platforms} == {entry.platform_id for entry in MARKET}
    assert (len(listed.platforms), len(listed.institutions), len(listed.courses)) == (8, 200, 1_700)
    institutions = {institution.institution_id for institution in listed.institutions}
    assert len(institutions) == 200
    assert {course.institution_id for course in listed.courses} <= institutions
    assert len({course.course_id for course in listed.courses}) == 1_700


def test_one_platform_is_the_governments(listed: Catalogue) -> None:
    assert [p.platform_id for p in listed.platforms if p.operator == "government"] == ["kemnaker"]


def test_the_same_seed_gives_the_same_catalogue(listed: Catalogue) -> None:
    assert list(catalogue(SEED, DEFAULT).records()) == list(listed.records())
    assert list(catalogue(SEED + 1, DEFAULT).records()) != list(listed.records())


def test_every_record_keeps_to_its_contract_and_has_a_key_of_its_own(listed: Catalogue) -> None:
    records = list(listed.records())
    for record in records:
        assert decode_listing(encode_listing(type(record).__name__, asdict(record))) == record
    assert len({record.key() for record in records}) == len(records)


def test_prices_are_whole_thousands_within_the_range(listed: Catalogue) -> None:
    assert all(course.price % 1_000 == 0 for course in listed.courses)
    assert all(DEFAULT.price_min <= course.price <= DEFAULT.price_max for course in listed.courses)
    dear = sum(course.price > 1_000_000 for course in listed.courses) / len(listed.courses)
    assert dear == pytest.approx(DEFAULT.dear_courses, abs=0.03)


def test_five_platforms_own_institutions_and_alone_sell_their_courses(listed: Catalogue) -> None:
    owner = {i.institution_id: i.owner_platform_id for i in listed.institutions if i.owner_platform_id is not None}
    assert set(owner.values()) == set(OWNERS)
    for offer in listed.offers:
        sold = {course.institution_id for course in offer.courses}
        assert {institution for institution in sold if institution in owner} == {
            institution for institution, platform in owner.items() if platform == offer.platform_id
        } & {course.institution_id for course in listed.courses}


def test_every_platform_sells_courses_that_the_smallest_saldo_pays_for(listed: Catalogue) -> None:
    for offer in listed.offers:
        assert offer.prices == tuple(sorted(offer.prices))
        assert offer.prices[0] < 200_000
        assert len(offer.courses) > 100


def test_some_courses_are_cheaper_outside_or_free_elsewhere(listed: Catalogue) -> None:
    assert any(c.outside_price is not None and c.outside_price < c.price for c in listed.courses)
    assert any(c.free_elsewhere for c in listed.courses)
    none = catalogue(SEED, replace(DEFAULT, cheaper_outside=0.0, free_elsewhere=0.0))
    assert not any(c.outside_price is not None or c.free_elsewhere for c in none.courses)


MISTAKES: list[tuple[Callable[[], object], str]] = [
    (lambda: next(programme(0, 1)), "people is 0"),
    (lambda: next(programme(1, -1)), "seed is -1"),
    (lambda: Proportions(resent=1.5), "resent is 1.5"),
    (lambda: Proportions(resent=2), "resent is 2"),
    (lambda: Proportions(price_min=2_000, price_max=1_000), "price_min"),
    (lambda: Proportions(never_buy=0.9, buy_late=0.2), "never_buy, buy_late make 1.104"),
    (lambda: Proportions(market=()), "market"),
    (lambda: next(programme(1, 1, Proportions(market=(MarketShare("warung", 1, 0),)))), "warung"),
]


@pytest.mark.parametrize(("mistake", "reported"), MISTAKES)
def test_a_mistake_is_reported_in_one_sentence(mistake: Callable[[], object], reported: str) -> None:
    with pytest.raises(DompetError, match=reported):
        mistake()
