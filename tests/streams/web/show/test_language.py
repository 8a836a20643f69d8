"""What people read: words, numbers, rupiah and times in their own language."""

import re
from datetime import UTC, date, datetime

import pytest

from dompet.projections.vocabulary import Flag, Verdict
from dompet.streams.answers.filters import STATUSES
from dompet.streams.web.core.questions import QUESTIONS
from dompet.streams.web.pages.lists import TITLES
from dompet.streams.web.show.language import LANGUAGES, Language, language, wanted
from dompet.streams.web.show.words import HEADINGS, REASONS, WORDS
from tests.support.messages import messages

EN, ID = language("en"), language("id")
NO_BREAK = "\u00a0"
_PLACEHOLDER = re.compile(r"%\((\w+)\)s")


def test_every_sentence_of_the_pages_is_there_in_indonesian_and_none_is_left_over() -> None:
    assert set(ID.messages) == messages()


@pytest.mark.parametrize("sentence", sorted(ID.messages))
def test_a_translation_speaks_of_the_same_things(sentence: str) -> None:
    assert sorted(_PLACEHOLDER.findall(sentence)) == sorted(_PLACEHOLDER.findall(ID.messages[sentence]))
    assert sentence[-1:] in ".,:" or ID.messages[sentence][-1:] not in ".,:"


def test_every_column_reason_and_flag_has_its_words() -> None:
    assert {name for question in QUESTIONS.values() for name in question.columns} <= set(HEADINGS)
    assert set(TITLES) == set(QUESTIONS)
    assert {str(flag.name).lower() for flag in Flag} | set(STATUSES) <= set(WORDS)


def test_every_reason_of_the_rules_is_said_in_plain_words() -> None:
    assert {str(one.name).lower() for one in Verdict} - {"accepted", "duplicate"} == set(REASONS)


@pytest.mark.parametrize(
    ("spoken", "amount", "said"),
    [
        (ID, 1_234_567, f"Rp{NO_BREAK}1.234.567"),
        (EN, 1_234_567, f"Rp{NO_BREAK}1,234,567"),
        (ID, -5_000, f"−Rp{NO_BREAK}5.000"),
        (EN, 0, f"Rp{NO_BREAK}0"),
        (ID, 9_007_199_254_740_993, f"Rp{NO_BREAK}9.007.199.254.740.993"),
    ],
)
def test_rupiah_are_whole_and_grouped_as_the_language_does(spoken: Language, amount: int, said: str) -> None:
    assert spoken.money(amount) == said


@pytest.mark.parametrize(("seconds", "said"), [(195_583_680, "2.263,7 hari"), (86_400, "1 hari"), (90, "1,5 mnt")])
def test_how_long_something_took_is_grouped_as_numbers_are(seconds: int, said: str) -> None:
    assert ID.duration(seconds) == said


def test_times_are_those_of_jakarta() -> None:
    moment = datetime(2020, 4, 10, 20, 14, tzinfo=UTC)
    assert ID.moment(moment) == "11 Apr 2020, 03.14"
    assert EN.moment(moment) == "11 Apr 2020, 03:14"
    assert ID.day(date(2020, 8, 17)) == "17 Agu 2020"


@pytest.mark.parametrize(
    ("chosen", "accepted", "code"),
    [
        (None, "", "en"),
        (None, "id-ID,id;q=0.9,en;q=0.8", "id"),
        (None, "en-GB,en;q=0.9,id;q=0.8", "en"),
        (None, "de-DE,de;q=0.9,id;q=0.5", "id"),
        (None, "in-ID", "id"),
        (None, "de", "en"),
        (None, "id;q=0", "en"),
        (None, ";;q=,=,\x00" * 500, "en"),
        ("id", "en", "id"),
        ("xx", "id", "id"),
    ],
)
def test_the_language_is_the_readers_choice_then_the_browsers(chosen: str | None, accepted: str, code: str) -> None:
    assert wanted(chosen, accepted) == code
    assert code in LANGUAGES
