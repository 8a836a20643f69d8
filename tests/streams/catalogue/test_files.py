"""Catalogue files, TOML and CSV: read whole, or refused with the file, the line and what is wrong."""

import re
from dataclasses import replace
from datetime import date
from importlib.resources import as_file, files
from pathlib import Path

import pytest

from dompet.schemas.catalogue import PlatformListed
from dompet.schemas.jakarta import day_start_us
from dompet.streams.catalogue.files import BadCatalogueFile, read_listings
from dompet.streams.demo.programme.proportions import MARKET
from tests.support.catalogue import DAY_US, START_US, course, institution, platform

PLATFORM = """\
[[platforms]]
platform_id = "warung"
name = "Warung Ilmu"
operator = "private"
criteria = ""
status = "active"
valid_from = 2020-04-01T07:00:00+07:00
"""
HEADER = "course_id,institution_id,title,category,price,minutes,outside_price,free_elsewhere,valid_from,valid_to"
ROW = "kursus,lembaga,Barista dari Nol,Makanan,200000,600,,false,2020-04-01T00:00:00Z,"


def written(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(text, "utf-8")
    return file


def refusal(file: Path) -> str:
    with pytest.raises(BadCatalogueFile) as refused:
        read_listings(file)
    assert "\n" not in str(refused.value)
    return str(refused.value).removeprefix(str(file))


def test_the_example_lists_the_eight_platforms_with_what_is_known_of_them() -> None:
    with as_file(files("dompet.schemas") / "catalogue.toml") as example:
        listed = [one for one in read_listings(example) if isinstance(one, PlatformListed)]
    assert {one.platform_id for one in listed} == {share.platform_id for share in MARKET}
    assert len(listed) == 8
    assert [one.platform_id for one in listed if one.operator == "government"] == ["kemnaker"]
    for one in listed:
        assert (one.mou_signed_on, one.pks_signed_on, one.status) == (date(2020, 3, 20), None, "active")
        assert one.criteria.split(",") == [
            *("national_service", "information_system", "online_portal", "training_partners"),
        ]


def test_a_toml_file_lists_all_three_kinds_in_its_order(tmp_path: Path) -> None:
    text = f"""{PLATFORM}
[[courses]]
course_id = "kursus"
institution_id = "lembaga"
title = '''
[[platforms]] of many lines
[[courses]]'''
category = "Makanan"
price = 200_000
minutes = 600
free_elsewhere = true
valid_from = "2020-04-01T00:00:00Z"

[[institutions]]
institution_id = "lembaga"
name = "LPK Bina Karya"
valid_from = {START_US}
valid_to = "{START_US + DAY_US}"
"""
    assert read_listings(written(tmp_path, "all.toml", text)) == [
        platform(),
        course(title="[[platforms]] of many lines\n[[courses]]", free_elsewhere=True),
        institution(valid_to=START_US + DAY_US),
    ]


def test_a_csv_file_lists_one_kind_that_its_header_names(tmp_path: Path) -> None:
    rows = f"\ufeff{HEADER}\r\n{ROW}\r\n\r\n" + 'k2,lembaga,"Roti, ""enak""\nsekali",M,1,2,3,TRUE,2020-04-01,\r\n'
    assert read_listings(written(tmp_path, "courses.CSV", rows)) == [
        course(),
        replace(
            course(course_id="k2", title='Roti, "enak"\nsekali', category="M", price=1, minutes=2),
            outside_price=3,
            free_elsewhere=True,
            valid_from=day_start_us(date(2020, 4, 1)),
        ),
    ]
    text = "name,institution_id,valid_from\nLPK Bina Karya,lembaga,2020-04-01T00:00Z\n"
    assert read_listings(written(tmp_path, "institutions.csv", text)) == [institution()]
    text = (
        "platform_id,name,operator,mou_signed_on,criteria,status,valid_from\n"
        f"warung,Warung Ilmu,private,2020-03-20,,active,{START_US}\n"
    )
    assert read_listings(written(tmp_path, "p.csv", text)) == [platform(mou_signed_on=date(2020, 3, 20))]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.json", "{}", ": the name of a catalogue file ends in .toml or .csv"),
        ("a.toml", "", ": the file has no entry"),
        ("a.toml", "x = \n", ":1: the file is not TOML: Invalid value"),
        ("a.toml", f"{PLATFORM}name = 'x", ":8: the file is not TOML: "),
        ("a.toml", f"\n{PLATFORM}[[shops]]\nid = 1\n", ":9: 'shops' is none of [[platforms]], [[institutions]], "),
        ("a.toml", "[platforms]\nname = 'x'\n", ":1: 'platforms' is none of [[platforms]]"),
        (
            "a.toml",
            f"# first\n{PLATFORM}\n{PLATFORM.replace('active', 'asleep').replace('warung', 'x')}",
            ":10: PlatformListed: status must be one of active, candidate, ended, suspended",
        ),
        ("a.toml", PLATFORM + PLATFORM, f":8: PlatformListed/warung/{START_US} is on line 1 already"),
        ("a.toml", PLATFORM + "colour = 1\n", ":1: PlatformListed: it has no field 'colour'"),
        ("a.toml", PLATFORM.replace("+07:00", ""), ":1: PlatformListed: valid_from has no offset from UTC, such as Z"),
        ("a.toml", PLATFORM + "mou_signed_on = 'soon'\n", ":1: PlatformListed: mou_signed_on is not a day, such as"),
        ("a.toml", PLATFORM + "valid_to = 1.5\n", ":1: PlatformListed: valid_to is not a time, such as 2020-04-11T15"),
        ("a.toml", PLATFORM + "valid_to = '2020-04-01'\n", ":1: PlatformListed: valid_to is not after valid_from"),
        ("a.csv", "", ":1: the header names none of platform_id, institution_id, course_id"),
        ("a.csv", f"{HEADER}\n", ": the file has no entry"),
        ("a.csv", f"{HEADER},colour\n{ROW},red\n", ":1: 'colour' is no field of CourseListed"),
        ("a.csv", f"{HEADER},title\n{ROW},red\n", ":1: 'title' is given more than once"),
        ("a.csv", f"{HEADER}\n{ROW}\nk,l\n", ":3: the row has 2 values; the header has 10"),
        ("a.csv", f'{HEADER}\n{ROW}\n"k\n', ":3: the row is not CSV: unexpected end of data"),
        (
            "a.csv",
            f"{HEADER}\n{ROW.replace('200000', '2e5')}\n",
            ":2: CourseListed: price is not a whole number: '2e5'",
        ),
        ("a.csv", f"{HEADER}\n{ROW.replace('200000', '200.000')}\n", ":2: CourseListed: price is not a whole number"),
        (
            "a.csv",
            f"{HEADER}\n{ROW.replace('200000', '-5')}\n",
            ":2: CourseListed: price is -5; it cannot be below",
        ),
        ("a.csv", f"{HEADER}\n{ROW.replace('false', '')}\n", ":2: CourseListed: free_elsewhere must be true or false"),
        ("a.csv", f"{HEADER}\n\n{ROW.replace('kursus', '')}\n", ":3: CourseListed: course_id has 0 bytes; 1 to 64 are"),
        ("a.csv", f"{HEADER}\n{ROW}1999-01-01\n", ":2: CourseListed: valid_to is 915123600000000 microseconds; it "),
        ("a.csv", "course_id,valid_from\nk,2020-04-01\n", ":2: CourseListed: institution_id is missing"),
    ],
)
def test_what_is_wrong_is_reported_by_file_and_line(tmp_path: Path, name: str, text: str, said: str) -> None:
    assert refusal(written(tmp_path, name, text)).startswith(said)


def test_a_file_that_is_not_utf8_is_reported(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(b"course_id\n\xff\n")
    assert refusal(file) == ":2: the row is not UTF-8 text"


@pytest.mark.parametrize(("name", "language", "entries"), [("a.toml", "toml", 3), ("a.csv", "", 2)])
def test_the_files_that_the_documentation_shows_are_read(
    tmp_path: Path, name: str, language: str, entries: int
) -> None:
    page = (Path(__file__).parents[3] / "docs" / "catalogue.md").read_text("utf-8")
    shown = re.findall(rf"^```{language}\n((?:\[\[|course_id,).*?)^```", page, re.DOTALL | re.MULTILINE)
    assert [len(read_listings(written(tmp_path, name, text))) for text in shown] == [entries]
