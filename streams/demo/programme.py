"""A realistic programme, made from a seed: the events of many people in the order in which they are published.

The same seed gives the same events, byte for byte, on any machine, and the first people's lives do not depend on how
many others follow. About 5 events a person; in a programme of 250,000 tens of thousands are active at a time.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from random import Random
from typing import Final, NamedTuple

from dompet.schemas.errors import DompetError
from dompet.schemas.events import EVENT_CLASSES, Event
from dompet.streams.demo.catalogue import catalogue
from dompet.streams.demo.life import Fields, Life, Report, World
from dompet.streams.demo.phases import live
from dompet.streams.demo.proportions import Proportions
from dompet.streams.demo.waves import DAY_US, Wave, waves

DEFAULT: Final = Proportions()
_SAMPLE: Final = 1_000
_NUMBERS: Final = 2**32
_BATCH: Final = 10
_CREDITED_WITHIN_US: Final = 3_600_000_000
_EVENT: Final = itemgetter(3, 4)


def programme(people: int, seed: int, proportions: Proportions = DEFAULT) -> Iterator[Event]:
    """The programme's events, typed; times are integer microseconds. DompetError where it cannot be made."""
    for type_name, fields in programme_fields(people, seed, proportions):
        yield EVENT_CLASSES[type_name](**fields)


def programme_fields(people: int, seed: int, proportions: Proportions = DEFAULT) -> Iterator[tuple[str, Fields]]:
    """The same events as type names and fields: the bulk path, which makes no object of each.

    An event sent twice may be one mapping twice: read it, and leave it as it is.
    """
    world = _world(people, seed, proportions)
    agenda = _Agenda()
    for day, batches in groupby(_batches(people, world), key=lambda batch: batch.at_us // DAY_US):
        yield from agenda.before(day)
        for life in _lives(people, world, batches):
            agenda.add(live(life))
    yield from agenda.rest()


def count(people: int, seed: int, proportions: Proportions = DEFAULT) -> int:
    """How many events a programme has: exact for at most 1,000 people, estimated from the first 1,000 for more."""
    some = min(people, _SAMPLE)
    world = _world(some, seed, proportions)
    events = sum(len(live(life)) for life in _lives(some, world, _batches(some, world)))
    return events * people // some


def _world(people: int, seed: int, proportions: Proportions) -> World:
    for name, number, least in (("people", people, 1), ("seed", seed, 0)):
        if not least <= number < _NUMBERS:
            raise DompetError(f"programme: {name} is {number}; it must be from {least} to {_NUMBERS - 1}")
    return World(seed, proportions, catalogue(seed, proportions))


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


def _lives(people: int, world: World, batches: Iterable[_Batch]) -> Iterator[Life]:
    """The people of some batches, each to be lived before the next one is taken."""
    rng = Random()
    for at_us, number, wave in batches:
        # Seeding costs as much as two events, so a batch shares one stream; no batch shapes another.
        rng.seed((world.seed + 1) << 32 | number)
        for person in range(number * _BATCH, min(number * _BATCH + _BATCH, people)):
            yield Life(world, person, wave, at_us + int(rng.random() * _CREDITED_WITHIN_US), rng)


class _Agenda:
    """Reports by the day of their publication: a day is complete when every later life starts after it."""

    def __init__(self) -> None:
        self._days: defaultdict[int, list[Report]] = defaultdict(list)

    def add(self, reports: list[Report]) -> None:
        for report in reports:
            self._days[report[0] // DAY_US].append(report)

    def before(self, day: int) -> Iterator[tuple[str, Fields]]:
        """What is published before a day (since 1970-01-01 UTC), in order; each report comes once."""
        for complete in sorted(one for one in self._days if one < day):
            yield from map(_EVENT, sorted(self._days.pop(complete)))

    def rest(self) -> Iterator[tuple[str, Fields]]:
        yield from self.before(max(self._days) + 1)
