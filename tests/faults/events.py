"""The events of a run: a programme's, each with an id of its own, and now and then a record that no one can read.

They are written to a file once, so that a publisher that is started again need not make them all again.
"""

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dompet.streams.demo.programme.programme import count, programme_fields

POISON_EVERY: Final = 499
"""One record of so many is no event."""
_POISON: Final = "poison"
_SAMPLE: Final = 1_000
_AMPLE: Final = 1.05


class Numbered(NamedTuple):
    """An event by its place in the programme; one without a type cannot be read, and its identity is its value."""

    number: int
    type_name: str
    fields: dict[str, Any]

    @property
    def identity(self) -> str:
        """What tells it from all others, wherever it is found again."""
        return identity(self.number)


def identity(number: int) -> str:
    """The event id, or the bad record's value, of an event by its number."""
    return f"{_POISON}-{number:08d}" if number % POISON_EVERY == 0 else f"event-{number:08d}"


class EventFile:
    """Events in a file, found by their numbers: 0, 1, 2 and so on."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._places_path = path.with_suffix(".places.npy")

    def write(self, seed: int, events: int) -> None:
        """Make so many events from a seed."""
        places = np.empty(events, dtype=np.int64)
        with self._path.open("wb") as file:
            for event in _made(seed, events):
                places[event.number] = file.tell()
                file.write(json.dumps([event.type_name, event.fields]).encode() + b"\n")
        np.save(self._places_path, places)

    def read(self, wanted: NDArray[np.bool_]) -> Iterator[Numbered]:
        """The events whose numbers are marked, in order."""
        if not wanted.any():
            return
        first = int(wanted.argmax())
        with self._path.open("rb") as file:
            file.seek(int(np.load(self._places_path, mmap_mode="r")[first]))
            for number, line in enumerate(file, start=first):
                if wanted[number]:
                    type_name, fields = json.loads(line)
                    yield Numbered(number, type_name, fields)


def _made(seed: int, events: int) -> Iterator[Numbered]:
    people = int(events * _AMPLE * _SAMPLE / count(_SAMPLE, seed)) + 100
    for number, (type_name, fields) in enumerate(islice(programme_fields(people, seed), events)):
        if number % POISON_EVERY == 0:
            yield Numbered(number, "", {"key": fields["beneficiary_id"]})
        else:
            yield Numbered(number, type_name, {**fields, "event_id": identity(number)})
