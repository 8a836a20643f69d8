"""The cases beside the contestants: who is active, one busy person, memory and cost by size."""

from tests.bench import one_person
from tests.bench.lives import LATER, LIFE, acted, records
from tests.bench.measure import modelled
from tests.bench.memory import People, measured, sizes
from tests.bench.publish import Spans


def test_people_are_active_between_their_first_and_last_event() -> None:
    spans = Spans()
    for place, person in enumerate("abacbd"):
        spans.see(person, place)
    assert (spans.people, spans.active(3)) == (4, 1)


def test_the_busy_person_is_folded_as_the_model_does() -> None:
    model = modelled(one_person.events(401))
    assert (model["accepted"], model["wallets"], model["purchases"]) == (401, 1, 200)
    assert one_person.offline(401)["orders"] == 200


def test_the_lives_that_memory_is_measured_with_are_accepted() -> None:
    people = People(30)
    assert people.orders == 45
    batch = records(acted(((one, LATER) for one in range(30)), 1 << 40))
    assert len(batch) == 30 * len(LATER) and len(set(batch.keys)) == 30
    assert len(set(records(acted([(1, LIFE), (2, LIFE)], 0)).values)) == 2 * len(LIFE)


def test_cost_is_measured_at_each_tenfold_size_up_to_the_one_asked_for() -> None:
    assert sizes(1_000_000) == [10_000, 100_000, 1_000_000]
    assert sizes(20_000) == [10_000, 20_000]
    report = measured(200)[0]
    assert (report["wallets"], report["orders"]) == (200, 300)
    assert report["later_us"] > 0
