"""What `dompet dead-letters show` prints."""

from pathlib import Path

from rich.text import Text

from dompet.schemas.errors import DompetError
from dompet.schemas.hints import hints_of
from dompet.streams.dead_letters.actions import read_actions
from dompet.streams.dead_letters.letters import Letter, letters_at
from dompet.streams.dead_letters.page import as_text, hex_dump, moment, national_ids
from dompet.streams.parsing.places import Place
from dompet.streams.redrive.consequences import Event
from dompet.streams.redrive.rejected import order_of, place_of, rejected_of
from dompet.streams.terminal.console import done, note, out
from dompet.streams.terminal.tables import facts_table, rows_table
from dompet.streams.warehouse.client import WarehouseClient


def show_letter(client: WarehouseClient, topic: str, place: Place, save: Path | None, *, personal: bool) -> None:
    """Print all that is known of the letter; DompetError where there is none at the place."""
    found = letters_at(client, [place], topic)
    if not found:
        raise DompetError(f"there is no dead letter at {place}")
    letter = found[0]
    facts = {
        "topic": topic,
        "partition": str(place.partition),
        "offset": str(place.offset),
        "recorded_at": moment(letter.recorded_at_us),
        "error": letter.error,
        "message": letter.message,
        "publisher": letter.publisher_id or "unknown",
    }
    out.print(facts_table(facts, tuple(facts), ()))
    masked = _show_bytes("Key", letter.key, personal) + _show_bytes("Value", letter.value, personal)
    if text := as_text(letter.value, set() if personal else national_ids(letter.value or b"")):
        out.print()
        out.print(Text("As text", "bold"))
        out.print(Text(text), soft_wrap=True)
    if masked:
        note("what has the form of a national id number is masked; --personal shows it")
    _show_later(client, letter)
    _show_actions(client, topic, place)
    if save is not None:
        save.write_bytes(letter.value or b"")
        done(f"wrote the value to {save}")


def _show_bytes(name: str, raw: bytes | None, personal: bool) -> int:
    """Print bytes; how many of them are masked."""
    hidden = set() if personal else national_ids(raw or b"")
    out.print()
    out.print(Text.assemble((name, "bold"), " none" if raw is None else f" {len(raw)} bytes"))
    for line in hex_dump(raw or b"", hidden):
        out.print(Text(line), soft_wrap=True)
    return len(hidden)


def _show_later(client: WarehouseClient, letter: Letter) -> None:
    """What was rejected later of the person whom the key names, or the value."""
    people = {hints_of(letter.value).beneficiary_id}
    if letter.key is not None:
        people.add(letter.key.decode("utf-8", "replace"))
    later = [_later(event) for event in rejected_of(client, people - {""}) if _after(letter, event)]
    if later:
        out.print()
        columns = ("place", "type", "order_id", "reason")
        out.print(rows_table("Later events of this person that were rejected", later, columns))


def _after(letter: Letter, event: Event) -> bool:
    return order_of(event) > (letter.recorded_at_us, *letter.place)


def _later(event: Event) -> dict[str, str]:
    return {"place": str(place_of(event)), **{name: str(event[name]) for name in ("type", "order_id", "reason")}}


def _show_actions(client: WarehouseClient, topic: str, place: Place) -> None:
    actions = read_actions(client, topic, [place])
    rows = [
        {
            "at": moment(one.acted_at_us),
            "by": one.acted_by,
            "action": f"{one.kind}, {one.stage}",
            "change": one.change,
            "to": f"{one.to_partition}:{one.to_offset}" if one.to_offset >= 0 else "",
            "note": one.note,
        }
        for one in actions
    ]
    if rows:
        out.print()
        out.print(rows_table("What was done", rows, tuple(rows[0])))
