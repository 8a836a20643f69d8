"""A realistic programme, made from a seed: the events of many people in the order in which they are published.

The same seed gives the same events, byte for byte, on any machine, and the first people's lives do not depend on how
many others follow. About 15 events a person; in a programme of 250,000 tens of thousands are active at a time.
"""

from collections.abc import Collection, Iterator
from operator import itemgetter
from random import Random
from typing import Final, NamedTuple

from dompet.schemas.errors import DompetError
from dompet.schemas.events import EVENT_CLASSES, Event
from dompet.streams.demo.programme.agenda import Fields
from dompet.streams.demo.programme.catalogue import catalogue
from dompet.streams.demo.programme.life import Life, World
from dompet.streams.demo.programme.phases import live
from dompet.streams.demo.programme.proportions import Proportions
from dompet.streams.demo.programme.waves import DAY_US, Wave, waves

DEFAULT: Final = Proportions()
_SAMPLE: Final = 1_000
_NUMBERS: Final = 2**32
_BATCH: Final = 10
_CREDITED_WITHIN_US: Final = 3_600_000_000


def programme(
    people: int, seed: int, proportions: Proportions = DEFAULT, *, types: Collection[str] | None = None
) -> Iterator[Event]:
    """The programme's events, typed; times are integer microseconds. DompetError where it cannot be made."""
    for type_name, fields in programme_fields(people, seed, proportions, types=types):
        yield EVENT_CLASSES[type_name](**fields)


def programme_fields(
    people: int, seed: int, proportions: Proportions = DEFAULT, *, types: Collection[str] | None = None
) -> Iterator[tuple[str, Fields]]:
    """The same events as type names and fields: the bulk path, which makes no object of each.

    With `types`, a programme in which only events of these types happen: nobody is sanctioned where no sanction is
    reported. An event sent twice may be one mapping twice: read it, and leave it as it is.
    """
    world = _world(people, seed, proportions, types)
    for batch in _batches(people, world):
        yield from world.agenda.before(batch.at_us)
        _live(batch, people, world)
    yield from world.agenda.rest()


def count(people: int, seed: int, proportions: Proportions = DEFAULT, *, types: Collection[str] | None = None) -> int:
    """How many events a programme has: exact for at most 1,000 people, estimated from the first 1,000 for more."""
    some = min(people, _SAMPLE)
    world = _world(some, seed, proportions, types)
    for batch in _batches(some, world):
        _live(batch, some, world)
    return world.agenda.published * people // some


def _world(people: int, seed: int, proportions: Proportions, types: Collection[str] | None) -> World:
    for name, number, least in (("people", people, 1), ("seed", seed, 0)):
        if not least <= number < _NUMBERS:
            raise DompetError(f"programme: {name} is {number}; it must be from {least} to {_NUMBERS - 1}")
    chosen = EVENT_CLASSES.keys() if types is None else types
    if unknown := sorted(set(chosen) - EVENT_CLASSES.keys()):
        raise DompetError(f"programme: there is no event type {unknown[0]}")
    return World(seed, proportions, catalogue(seed, proportions), chosen)


class _Batch(NamedTuple):
    """People credited together, from a moment on (microseconds since 1970-01-01 UTC)."""

    at_us: int
    number: int
    wave: Wave


def _batches(people: int, world: World) -> list[_Batch]:
    """All batches, first to last."""
    random = Random(f"batches {world.seed}").random
    of_2020, of_2023 = ([wave for wave in waves() if wave.year == year] for year in (2020, 2023))
    batches = []
    for number in range(-(-people // _BATCH)):
        open_waves = of_2023 if random() < world.proportions.people_of_2023 else of_2020
        wave = open_waves[int(random() * len(open_waves))]
        batches.append(_Batch(wave.opens_us + int(random() * wave.days * DAY_US), number, wave))
    return sorted(batches, key=itemgetter(0, 1))


def _live(batch: _Batch, people: int, world: World) -> None:
    """The lives of a batch's people; the last batch of a programme may have fewer of them."""
    # Seeding costs as much as two events, so a batch shares one stream; no batch shapes another.
    rng = Random((world.seed + 1) << 32 | batch.number)
    first = batch.number * _BATCH
    for person in range(first, min(first + _BATCH, people)):
        live(Life(world, person, batch.wave, batch.at_us + int(rng.random() * _CREDITED_WITHIN_US), rng))
