"""Histories of many people that cross each other: logs as wide as they are long."""

from collections.abc import Collection
from random import Random

from tests.model import EVENT_TYPES
from tests.model.events import Event, history


def crowd(seed: int, people: int, types: Collection[str] = EVENT_TYPES) -> list[Event]:
    """`people` histories of up to three people each, every person an own one."""
    rng = Random(seed)
    waiting = [history(rng, types) for _ in range(people)]
    for number, events in enumerate(waiting):
        for event in events:
            event["beneficiary_id"] += f"-{seed}-{number}"
    crossed: list[Event] = []
    while waiting := [rest for rest in waiting if rest]:
        crossed.append(rng.choice(waiting).pop(0))
    return crossed
