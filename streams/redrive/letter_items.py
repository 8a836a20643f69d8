"""Dead letters as records to publish: unchanged, or corrected by a person."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from dompet.schemas.dead import DeadRecord, Unreadable
from dompet.schemas.errors import DompetError, InvalidEvent
from dompet.schemas.json_lines import read_fields
from dompet.schemas.wire import decode, encode_fields
from dompet.streams.dead_letters.letters import Letter
from dompet.streams.redrive.consequences import Event
from dompet.streams.redrive.drive import JSON, REKEYED, VALUE, Item


@dataclass(frozen=True)
class Correction:
    """What a person says should have been there: `content` is an event as a line of JSON, or a value's raw bytes."""

    change: str
    name: str
    content: bytes


def item_of(letter: Letter, correction: Correction | None = None, *, rekey: bool = False) -> Item:
    """The letter as a record to publish; `rekey`: keyed by the person in its value. DompetError where that, or the
    correction, does not hold.
    """
    item = Item(letter.place, letter.key, letter.value, note=letter.error)
    if letter.error == Unreadable.__name__ and (correction is None or correction.change != JSON):
        raise DompetError(
            f"{letter.place} has no bytes to publish, for they could not be read: give its event as a line of JSON"
        )
    if correction is not None and correction.change == JSON:
        value = _encoded(correction)
        return replace(item, value=value, key=_person(value), change=JSON)
    if correction is not None:
        item = replace(item, value=correction.content, change=VALUE)
    if rekey:
        try:
            person = _person(item.value)
        except DeadRecord as fault:
            raise DompetError(f"{letter.place} cannot be keyed by the person in its value: {fault}") from None
        return replace(item, key=person, change=item.change if correction else REKEYED)
    return item


def event_of(letter: Letter, item: Item) -> Event | None:
    """The event that failed, as it should have been; None where it still cannot be read."""
    if item.value is None:
        return None
    try:
        name, fields = decode(item.value)
    except DeadRecord:
        return None
    place = {"partition": letter.place.partition, "offset": letter.place.offset}
    return {**fields, **place, "type": name, "recorded_at_us": letter.recorded_at_us}


def in_order(found: Iterable[tuple[tuple[int, int, int], Item]]) -> list[Item]:
    """Items in the order in which the log had their origins."""
    return [item for _, item in sorted(found, key=lambda one: one[0])]


def _encoded(correction: Correction) -> bytes:
    try:
        name, fields = read_fields(correction.content.strip())
        return encode_fields(name, fields)
    except InvalidEvent as error:
        raise DompetError(f"{correction.name}: {error}") from None


def _person(value: bytes | None) -> bytes:
    fields: dict[str, Any] = decode(value or b"")[1]
    return str(fields["beneficiary_id"]).encode()
