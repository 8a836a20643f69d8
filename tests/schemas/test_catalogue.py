"""The catalogue's records and their bytes."""

import json
from dataclasses import asdict, fields, replace
from datetime import date
from typing import Any, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dompet.schemas.catalogue import (
    LISTING_CLASSES,
    CourseListed,
    InstitutionListed,
    InvalidListing,
    Listing,
    PlatformListed,
    decode_listing,
    encode_listing,
)
from dompet.schemas.contracts import FixedIds, read_schema

PLATFORM = PlatformListed(
    platform_id="tokopedia",
    name="Tokopedia",
    operator="private",
    mou_signed_on=date(2020, 3, 20),
    pks_signed_on=None,
    criteria="national_service,information_system",
    status="active",
    valid_from=1_586_476_800_000_000,
    valid_to=None,
)
INSTITUTION = InstitutionListed(
    institution_id="lembaga-001",
    name="Lembaga Kursus Cerdas",
    owner_platform_id="ruangguru",
    valid_from=1_586_476_800_000_000,
    valid_to=1_609_434_000_000_000,
)
COURSE = CourseListed(
    course_id="kursus-0001",
    institution_id="lembaga-001",
    title="Bahasa Inggris untuk Pemula — “dasar”",
    category="bahasa",
    price=350_000,
    minutes=480,
    outside_price=None,
    free_elsewhere=False,
    valid_from=1_586_476_800_000_000,
    valid_to=None,
)
PYTHON_TYPES = {
    "string": str,
    "long": int,
    "boolean": bool,
    '["null", "string"]': str | None,
    '["null", "long"]': int | None,
    '["null", {"type": "int", "logicalType": "date"}]': date | None,
    '{"type": "long", "logicalType": "timestamp-micros"}': int,
    '["null", {"type": "long", "logicalType": "timestamp-micros"}]': int | None,
}


def _encode(listed: Listing) -> bytes:
    return encode_listing(type(listed).__name__, asdict(listed))


@pytest.mark.parametrize(
    "listed",
    [
        PLATFORM,
        replace(PLATFORM, mou_signed_on=None, pks_signed_on=date(2099, 12, 31), criteria="", operator="government"),
        INSTITUTION,
        replace(INSTITUTION, owner_platform_id=None, name="é" * 256, valid_to=None),
        COURSE,
        replace(COURSE, outside_price=0, free_elsewhere=True, price=2**63 - 1, minutes=-(2**63)),
        replace(COURSE, valid_from=946_684_800_000_000, valid_to=4_102_444_799_999_999, course_id="k" * 64),
    ],
)
def test_a_record_is_read_back_as_it_was_written(listed: Listing) -> None:
    value = _encode(listed)
    assert value[:5] == b"\0" + FixedIds().catalogue()[f"{type(listed).__name__}.v1"].to_bytes(4, "big")
    assert decode_listing(value) == listed


def test_the_key_is_kind_id_and_valid_from() -> None:
    assert PLATFORM.key() == "PlatformListed/tokopedia/1586476800000000"
    assert INSTITUTION.key() == "InstitutionListed/lembaga-001/1586476800000000"
    assert COURSE.key() == "CourseListed/kursus-0001/1586476800000000"


@pytest.mark.parametrize("name", LISTING_CLASSES)
def test_a_class_has_the_fields_of_its_contract_in_their_order(name: str) -> None:
    hints = get_type_hints(LISTING_CLASSES[name])
    declared = [(f["name"], f["type"]) for f in read_schema(f"{name}.v1")["fields"]]
    assert [(field.name, hints[field.name]) for field in fields(LISTING_CLASSES[name])] == [
        (field, PYTHON_TYPES[kind if isinstance(kind, str) else json.dumps(kind)]) for field, kind in declared
    ]


def test_every_contract_of_the_catalogue_has_a_class() -> None:
    assert {key.partition(".v")[0] for key in FixedIds().catalogue()} == set(LISTING_CLASSES)


@pytest.mark.parametrize(
    ("listed", "instead", "why"),
    [
        (PLATFORM, {"operator": "church"}, "PlatformListed: operator must be one of government, private"),
        (PLATFORM, {"status": ""}, "PlatformListed: status must be one of active, candidate, ended, suspended"),
        (PLATFORM, {"platform_id": ""}, "PlatformListed: platform_id has 0 bytes; 1 to 64 are allowed"),
        (PLATFORM, {"name": None}, "PlatformListed: name is not of its type"),
        (PLATFORM, {"name": "x" * 513}, "PlatformListed: name has 513 bytes; at most 512 are allowed"),
        (PLATFORM, {"name": "\ud800"}, "PlatformListed: name is not valid UTF-8"),
        (PLATFORM, {"valid_from": 0}, "PlatformListed: valid_from is 0 microseconds; it must lie from 2000-01-01"),
        (PLATFORM, {"valid_from": True}, "PlatformListed: valid_from is not of its type"),
        (PLATFORM, {"valid_to": PLATFORM.valid_from}, "PlatformListed: valid_to is not after valid_from"),
        (PLATFORM, {"mou_signed_on": 1.5}, "PlatformListed: mou_signed_on is not of its type"),
        (INSTITUTION, {"owner_platform_id": "a\nb"}, "InstitutionListed: owner_platform_id holds a control character"),
        (INSTITUTION, {"note": ""}, "InstitutionListed: it has no field 'note'"),
        (COURSE, {"price": 1.0}, "CourseListed: price is not of its type"),
        (COURSE, {"price": 2**63}, "CourseListed: price is not of its type"),
        (COURSE, {"free_elsewhere": 1}, "CourseListed: free_elsewhere is not of its type"),
        (COURSE, {"title": "a\0"}, "CourseListed: title holds a NUL character"),
    ],
)
def test_a_record_that_breaks_its_contract_is_refused_by_kind_and_field(
    listed: Listing, instead: dict[str, Any], why: str
) -> None:
    with pytest.raises(InvalidListing) as refusal:
        encode_listing(type(listed).__name__, {**asdict(listed), **instead})
    assert str(refusal.value).startswith(why)


def test_a_missing_field_and_an_unknown_kind_are_refused() -> None:
    without_name = {name: value for name, value in asdict(PLATFORM).items() if name != "name"}
    with pytest.raises(InvalidListing, match="PlatformListed: name is missing"):
        encode_listing("PlatformListed", without_name)
    with pytest.raises(InvalidListing, match="'CoursePurchased' is no record of the catalogue"):
        encode_listing("CoursePurchased", asdict(COURSE))


@given(st.sampled_from([PLATFORM, INSTITUTION, COURSE]), st.data())
def test_changed_bytes_are_another_record_or_refused(listed: Listing, data: st.DataObject) -> None:
    value = bytearray(_encode(listed))
    at = data.draw(st.integers(0, len(value)))
    value[at : at + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=3) | st.just(b"\x80\0"))
    try:
        read = decode_listing(bytes(value))
    except InvalidListing:
        return
    assert _encode(read) == bytes(value)


@pytest.mark.parametrize("value", [b"", b"\0\0\0\x07", b"\0\0\0\x03\xe9", b"\x01\0\0\x07\xd1", b"{}"])
def test_what_is_no_value_of_the_catalogue_is_refused(value: bytes) -> None:
    with pytest.raises(InvalidListing, match="does not begin with a byte 0 and the schema id of a catalogue record"):
        decode_listing(value)
