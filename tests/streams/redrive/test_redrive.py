"""A failed record is published again once, says where it is from, and is judged again, in order with what followed."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from confluent_kafka.admin import AdminClient

from dompet.schemas.errors import DompetError
from dompet.streams.dead_letters.actions import (
    DISCARD,
    DONE,
    REDRIVE,
    VOID,
    new_action,
    read_actions,
    write_actions,
)
from dompet.streams.dead_letters.letters import letters_at
from dompet.streams.kafka.publications import publish
from dompet.streams.parsing.places import Place
from dompet.streams.redrive import drive
from dompet.streams.redrive.drive import JSON, NotRedriven
from dompet.streams.redrive.letter_items import Correction
from dompet.streams.redrive.rejected import Chosen, chosen_with_people
from dompet.streams.redrive.run import Plan, RedriveSession, all_or_nothing
from dompet.streams.settings import Settings
from tests.support.letters import (
    RECORDS,
    completion,
    cut,
    outcomes,
    partition_of,
    place,
    purchase,
    redriven,
    review,
    session_of,
)
from tests.support.logs import as_record, made_log, write
from tests.support.pipelines import SettingsMaker, fold_to_end
from tests.support.warehouses import opened

PURCHASE = (
    b'{"type": "CoursePurchased", "event_id": "fixed", "beneficiary_id": "broken", "publisher_id": "toko",'
    b' "occurred_at": "2020-04-10T12:00:00Z", "platform_id": "toko", "order_id": "o-1", "course_id": "k",'
    b' "institution_id": "i", "price": 100000, "commission": 0}\n'
)
FIXED = Correction(JSON, "fixed.json", PURCHASE)


@pytest.fixture
def topic(kafka: str, kafka_admin: AdminClient) -> Iterator[str]:
    with made_log(kafka_admin) as topic:
        write(kafka, topic, RECORDS)
        yield topic


@pytest.fixture
def settings(topic: str, warehouse_url: str, settings_for: SettingsMaker) -> Settings:
    """For the log, folded into a warehouse of each kind in turn."""
    settings = settings_for(topic, warehouse_url)
    fold_to_end(settings)
    return settings


def rejected(at: RedriveSession, chosen: Chosen, *, later: bool = True) -> Plan:
    return at.rejected(*chosen_with_people(at.client, chosen), later=later)


def letter(
    at: RedriveSession, settings: Settings, where: Place, correction: Correction | None = None, **more: bool
) -> Plan:
    letters = letters_at(at.client, [where], settings.log_topic)
    options = {"rekey": False, "even_if_dead": False, "later": True} | more
    return at.letters(letters, correction, **options)


def test_rejected_events_go_again_as_they_were_with_what_was_rejected_because_of_them(
    settings: Settings, kafka: str
) -> None:
    with session_of(settings) as at:
        plan = rejected(at, Chosen(reason="unknown_order", person="late"))
        done, refused = at.carry_out(at.restrict(plan, force=False), force=False)
    assert (len(done), refused) == (2, [])
    again = redriven(kafka, settings.log_topic)
    assert [one.value for one in again] == [as_record(completion("late")).value, as_record(review("late")).value]
    assert {one.partition for one in again} == {partition_of(b"late")}
    about = {name.removeprefix("dompet.redrive."): value for name, value in again[0].headers}
    origin = place(kafka, settings.log_topic, as_record(completion("late")))
    assert (about["topic"], about["partition"], about["offset"], about["by"]) == (
        settings.log_topic.encode(), str(origin.partition).encode(), str(origin.offset).encode(), b"ani",
    )  # fmt: skip
    assert about["at"].endswith(b"Z")
    fold_to_end(settings)
    with opened(settings.warehouse) as warehouse:
        assert [outcome for _, outcome, _ in outcomes(warehouse, "late")] == [
            "accepted", "rejected", "rejected", "accepted", "accepted", "accepted",
        ]  # fmt: skip


def test_without_what_followed_only_the_chosen_ones_go(settings: Settings) -> None:
    with session_of(settings) as at:
        for later, count in ((False, 1), (True, 3)):
            assert len(letter(at, settings, place_of_broken(settings), FIXED, later=later).items) == count


def place_of_broken(settings: Settings) -> Place:
    return place(str(settings.kafka), settings.log_topic, cut(purchase("broken")))


def test_a_corrected_letter_goes_before_what_was_rejected_because_of_it(settings: Settings, kafka: str) -> None:
    where = place_of_broken(settings)
    with session_of(settings) as at:
        unchanged = letter(at, settings, where)
        assert unchanged.because[where].startswith("it would be a dead letter again: the value ends within ")
        with pytest.raises(DompetError, match=f"^{where} is not redriven: it would be a dead letter again"):
            all_or_nothing(unchanged, [where])
        plan = letter(at, settings, where, FIXED)
        assert [item.change for item in plan.items] == ["json", "unchanged", "unchanged"]
        done, _ = at.carry_out(plan, force=False)
    assert [one.change for one in done] == ["json", "unchanged", "unchanged"]
    fold_to_end(settings)
    with opened(settings.warehouse) as warehouse:
        assert [outcome for _, outcome, _ in outcomes(warehouse, "broken")] == [
            "accepted", "rejected", "rejected", "accepted", "accepted", "accepted",
        ]  # fmt: skip


def test_a_letter_in_the_wrong_partition_lives_in_the_right_one_unchanged(settings: Settings, kafka: str) -> None:
    where = place(kafka, settings.log_topic, as_record(purchase("moved")))
    with session_of(settings) as at:
        [done], _ = at.carry_out(letter(at, settings, where), force=False)
    assert (done.to_partition, done.change) == (partition_of(b"moved"), "unchanged")
    fold_to_end(settings)
    with opened(settings.warehouse) as warehouse:
        assert outcomes(warehouse, "moved")[-1] == ("CoursePurchased", "accepted", "")


def test_a_record_is_redriven_once_unless_forced_and_so_is_what_came_of_it(settings: Settings, kafka: str) -> None:
    chosen = Chosen(reason="unknown_order", person="broken")
    with session_of(settings) as at:
        first, _ = at.carry_out(rejected(at, chosen), force=False)
    fold_to_end(settings)  # the completion is rejected again: there is still no purchase
    with session_of(settings, "budi") as at:
        plan = at.restrict(rejected(at, chosen), force=False)
        assert (len(plan.items), plan.left) == (4, [])
        assert plan.because[first[0].place].startswith("it was redriven at ")
        assert plan.because[first[0].place].endswith(f" by ani, to {first[0].to_partition}:{first[0].to_offset}")
        again = Place(first[0].to_partition, first[0].to_offset)
        assert plan.because[again].startswith(f"it is itself what the redrive of {first[0].place} published, at ")
        assert at.redriver.redrive(plan.items)[0] == []
        forced, _ = at.redriver.redrive(plan.items[:1], force=True)
    assert forced[0].acted_by == "budi"
    assert len(redriven(kafka, settings.log_topic)) == 3


def test_a_discarded_letter_is_not_redriven_unless_forced(settings: Settings) -> None:
    where = place_of_broken(settings)
    with session_of(settings) as at:
        discarded = new_action(settings.log_topic, where, DISCARD, DONE, "ani", "sent twice")
        write_actions(at.client, [discarded])
        plan = at.restrict(letter(at, settings, where, FIXED), force=False)
        assert plan.because[where] == f"it was discarded {discarded.stamp}: sent twice"
        assert len(at.restrict(letter(at, settings, where, FIXED), force=True).because) == 0


def test_two_who_redrive_the_same_at_once_do_not_both_publish(settings: Settings, kafka: str) -> None:
    where = place(kafka, settings.log_topic, as_record(completion("late")))
    with session_of(settings) as at:
        plan = rejected(at, Chosen(person="late"), later=False)
        other = replace(new_action(settings.log_topic, where, REDRIVE, "intended", "budi"), to_partition=0, look_from=0)
        inner: Any = at.client
        read, seen = inner.read, []

        def another_begins(sql: str, params: Any = None) -> Any:
            if "letter_action_rows" in sql:
                seen.append(sql)
                if len(seen) == 2:  # after the first look, before the second
                    write_actions(at.client, [other])
            return read(sql, params)

        inner.read = another_begins
        done, refused = at.redriver.redrive(plan.items)
        inner.read = read
        assert [(one.place, one.why) for one in refused] == [(where, f"another redrive of it began {other.stamp}")]
        assert [one.place for one in done] == [item.place for item in plan.items if item.place != where]
        mine = [one for one in read_actions(at.client, settings.log_topic, [where]) if one.acted_by == "ani"]
        assert [one.stage for one in mine] == [VOID]


class Crash(Exception):
    """The process ends here."""


def crashing(monkeypatch: pytest.MonkeyPatch, *, after: bool) -> None:
    """Let the process end before or after the log has taken what is published."""

    def published(*args: Any) -> Any:
        if after:
            publish(*args)
        raise Crash

    monkeypatch.setattr(drive, "publish", published)


def crash_while_redriving(settings: Settings, monkeypatch: pytest.MonkeyPatch, *, after: bool) -> None:
    with monkeypatch.context() as patched:
        crashing(patched, after=after)
        with pytest.raises(Crash), session_of(settings) as at:
            at.carry_out(rejected(at, Chosen(person="late")), force=False)


def test_a_crash_after_publishing_is_seen_in_the_log_and_not_published_twice(
    settings: Settings, kafka: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    crash_while_redriving(settings, monkeypatch, after=True)
    again = redriven(kafka, settings.log_topic)
    with session_of(settings, "budi") as at:
        plan = at.restrict(rejected(at, Chosen(person="late")), force=False)
        assert plan.left == []
        assert all(" by ani, to " in why for why in plan.because.values())
        known = [one for one in read_actions(at.client, settings.log_topic) if one.stage == DONE]
    assert [(one.to_partition, one.to_offset) for one in known] == [(one.partition, one.offset) for one in again]


def test_a_crash_before_publishing_is_in_doubt_for_a_while_and_then_published(
    settings: Settings, kafka: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    crash_while_redriving(settings, monkeypatch, after=False)
    with session_of(settings, "budi") as at:
        plan = at.restrict(rejected(at, Chosen(person="late")), force=False)
        assert all(" is not known to be over: try in a minute" in why for why in plan.because.values())
        monkeypatch.setattr(drive, "_DOUBT_S", 0)
        plan = at.restrict(rejected(at, Chosen(person="late")), force=False)
        done, refused = at.carry_out(plan, force=False)
        stages = [one.stage for one in read_actions(at.client, settings.log_topic) if one.acted_by == "ani"]
    assert (len(done), refused, stages) == (2, [], [VOID, VOID])
    assert len(redriven(kafka, settings.log_topic)) == 2


def test_what_the_log_does_not_acknowledge_is_reported_and_stays_in_doubt(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drive, "publish", lambda *args: ({}, "Broker: message too large"))
    with session_of(settings) as at:
        plan = rejected(at, Chosen(person="late"))
        with pytest.raises(NotRedriven, match=r"^2 of 2 records were not acknowledged, the first of .*too large; wh"):
            at.carry_out(plan, force=False)
        assert {one.stage for one in read_actions(at.client, settings.log_topic)} == {"intended"}


def test_bytes_that_the_log_has_lost_are_rebuilt_from_the_journal(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with session_of(settings) as at:
        monkeypatch.setattr(at.reader, "at", lambda places: {})
        items = rejected(at, Chosen(person="late")).items
    assert [item.value for item in items] == [as_record(completion("late")).value, as_record(review("late")).value]
    assert {item.change for item in items} == {"rebuilt"}
