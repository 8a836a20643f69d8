"""The two clocks of a page: a day and a time of day in its form, one moment in its address."""

import pytest

from dompet.streams.answers.filters import FilterError
from dompet.streams.web.core.clocks import day_and_time, moment_said, one_moment, wrong_times
from dompet.streams.web.core.fields import field_of
from dompet.streams.web.show.language import language

EN, ID = language("en"), language("id")


@pytest.mark.parametrize(
    ("day", "time", "moment"),
    [
        ("2020-06-30", "14:00", "2020-06-30T14:00"),
        ("2020-06-30", "14.00", "2020-06-30T14:00"),  # as Indonesians write it
        ("2020-06-30", "9:05", "2020-06-30T09:05"),
        ("2020-06-30", "14:00:07", "2020-06-30T14:00:07"),
        ("2020-06-30", "14:00:00.000", "2020-06-30T14:00"),
        ("2020-06-30", "", "2020-06-30"),
        ("", "", ""),
        ("2020-06-30T07:00:00.5Z", "", "2020-06-30T07:00:00.5Z"),
        ("soon", "", "soon"),  # the page says what is wrong with it
    ],
)
@pytest.mark.parametrize("name", ["as_of", "known_at"])
def test_a_day_and_a_time_of_day_become_one_moment(name: str, day: str, time: str, moment: str) -> None:
    assert one_moment({"wave": "2", name: day, f"{name}_time": time}) == {"wave": "2", name: moment}


@pytest.mark.parametrize(
    ("day", "time", "wrong"),
    [
        ("", "14:00", "given with a day"),
        ("2020-06-30T08:00", "14:00", "given with a day"),
        ("2020-06-30", "25:00", "a time of day"),
        ("2020-06-30", "noon", "a time of day"),
        ("2020-13-45", "14:00", ""),
    ],
)
def test_what_cannot_be_put_together_stays_as_it_was_typed(day: str, time: str, wrong: str) -> None:
    given = {"as_of": day, "as_of_time": time}
    assert one_moment(given) is None
    found = wrong_times(given)
    assert [error.must[: len(wrong)] for error in found.values()] == ([wrong] if wrong else [])
    shown = field_of(EN, "as_of", given, found)
    assert shown.time is not None
    assert shown.time.value == time
    assert shown.type == ("text" if day == "2020-13-45" else "date")
    assert shown.time.type == ("time" if time == "14:00" else "text")  # a browser drops what is none from such a field


def test_a_choice_that_there_is_none_of_stays_among_the_choices() -> None:
    shown = field_of(EN, "type", {"type": "Nothing"}, {"type": FilterError("type", "Nothing", "one of …")})
    assert (shown.choices[0], shown.value) == (("Nothing", "Nothing"), "Nothing")
    assert len(shown.choices) == len(field_of(EN, "type", {}, {}).choices) + 1


def test_an_address_without_a_time_of_day_is_left_alone() -> None:
    assert one_moment({"as_of": "2020-06-30", "wave": ""}) is None


@pytest.mark.parametrize(
    ("text", "day", "time"),
    [
        ("2020-06-30", "2020-06-30", ""),
        ("2020-06-30T14:00", "2020-06-30", "14:00"),
        ("2020-06-30T14:00:07", "2020-06-30", "14:00:07"),
        ("2020-06-30T07:00:00Z", "2020-06-30", "14:00"),
        ("2020-06-30T23:30:00-04:00", "2020-07-01", "10:30"),
        ("1593500400000000", "2020-06-30", "14:00"),
        ("2020-06-30T07:00:00.5Z", "2020-06-30T07:00:00.5Z", ""),
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z", ""),
        ("1960-01-01T00:00", "1960-01-01T00:00", ""),
        ("", "", ""),
        ("soon", "soon", ""),
    ],
)
def test_a_moment_is_shown_as_its_day_and_time_in_jakarta(text: str, day: str, time: str) -> None:
    assert day_and_time("as_of", text) == (day, time)


@pytest.mark.parametrize(
    ("text", "english", "indonesian"),
    [
        ("2020-06-30", "the end of 30 Jun 2020", "akhir 30 Jun 2020"),
        ("2020-06-30T14:00", "30 Jun 2020, 14:00", "30 Jun 2020, 14.00"),
        ("2020-06-30T07:00:07Z", "30 Jun 2020, 14:00:07", "30 Jun 2020, 14.00.07"),
    ],
)
def test_a_moment_is_said_in_the_reader_s_language(text: str, english: str, indonesian: str) -> None:
    assert moment_said("as_of", text, EN) == english
    assert moment_said("as_of", text, ID) == indonesian
