"""The schedule of faults."""

from collections import Counter

import pytest

from tests.faults.plan import KILLS, Kind, Scale, plan

FULL = Scale(events=1_000_000, kills=220, others=140, workers=3, away_s=60)


def test_the_same_seed_gives_the_same_schedule() -> None:
    assert plan(7, FULL) == plan(7, FULL)
    assert plan(7, FULL) != plan(8, FULL)


def test_faults_are_due_in_order_while_events_are_published() -> None:
    due = [fault.at for fault in plan(7, FULL)]
    assert due == sorted(due)
    assert due[0] > 0
    assert due[-1] < FULL.events


@pytest.mark.parametrize("seed", range(20))
def test_there_are_as_many_kills_and_other_faults_as_asked_for(seed: int) -> None:
    kills = [fault for fault in plan(seed, FULL) if fault.kind in KILLS]
    assert (len(kills), len(plan(seed, FULL))) == (220, 360)


def test_everything_is_killed_and_every_kind_of_fault_happens() -> None:
    faults = plan(7, FULL)
    assert {fault.kind for fault in faults} == set(Kind)
    killed = Counter(fault.target for fault in faults if fault.kind is Kind.KILL)
    entrance = {"gateway", "router-0", "router-1"}
    workers = {"worker-0", "worker-1", "worker-2"}
    assert killed.keys() == workers | entrance | {"publisher", "clickhouse", "broker"}
    assert min(killed.values()) >= 10


@pytest.mark.parametrize("role", ["worker", "router"])
def test_a_member_of_a_group_is_stopped_for_longer_than_the_group_waits_for_it(role: str) -> None:
    stopped = [fault for fault in plan(7, FULL) if fault.kind is Kind.STOP and fault.target.startswith(role)]
    assert stopped
    assert all(fault.seconds > 10 for fault in stopped)
