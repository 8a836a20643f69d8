"""Events from lines of JSON by a way in: the same lines are taken, and refused in the same words, as by
`publish.lines`, line by line and without its libraries.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import BinaryIO

from dompet.schemas.errors import InvalidEvent
from dompet.schemas.json_lines import read_fields, too_long
from dompet.schemas.wire import encode_fields
from dompet.streams.client.way import NotDelivered, Outgoing, Way, batches, check_owner
from dompet.streams.publish.blocks import LINE_BYTES_MAX, Block, blocks_of
from dompet.streams.publish.counted import LinesPublished, OnError


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is not blank: its number in its source, from 1, and its event, or what is wrong with it."""

    number: int
    event: Outgoing | InvalidEvent


def publish_lines(
    way: Way,
    owner: str,
    lines: BinaryIO,
    name: str,
    *,
    on_error: OnError,
    complain: Callable[[str], None],
    progress: Callable[[int], None] = lambda bytes_read: None,
) -> LinesPublished:
    """Publish every event of `lines` whose publisher_id is the `owner`'s; what is counted is acknowledged.

    As `publish.lines.publish_lines`, of which all else is true here. An event that the receiver refuses is a bad line,
    too. Raises NotDelivered, which names the lines, and NotLetIn.
    """
    source = _Source(way, name, on_error, complain)
    for block in blocks_of(lines):
        source.take(list(lines_of(block, owner)))
        progress(block.bytes_read)
        if source.stopped:
            break
    return LinesPublished(source.published, source.bad)


def lines_of(block: Block, owner: str) -> Iterator[Line]:
    """The lines of a block."""
    texts = block.text.split(b"\n")
    ended = not texts[-1]
    for place, text in enumerate(texts[:-1] if ended else texts):
        is_last = place == len(texts) - 1 - ended
        size = len(text) + (ended or not is_last) + (block.cut_bytes if is_last else 0)
        bare = (text[block.text_at :] if place == 0 else text).strip()
        if bare or size > LINE_BYTES_MAX:
            yield Line(block.first_line + place, _event(bare, size, owner))


def _event(text: bytes, size: int, owner: str) -> Outgoing | InvalidEvent:
    try:
        if size > LINE_BYTES_MAX:
            raise too_long(size, LINE_BYTES_MAX)
        type_name, fields = read_fields(text)
        value = encode_fields(type_name, fields)
        check_owner(type_name, fields["publisher_id"], owner)
    except InvalidEvent as fault:
        return fault
    return Outgoing(fields["event_id"], fields["publisher_id"], fields["beneficiary_id"].encode(), value)


@dataclass
class _Source:
    """A source of lines, as far as it is published."""

    way: Way
    name: str
    on_error: OnError
    complain: Callable[[str], None]
    published: int = 0
    bad: int = 0
    _faults: dict[int, str] = field(default_factory=dict)

    @property
    def stopped(self) -> bool:
        """Whether nothing more of it is published."""
        return self.bad > 0 and self.on_error is OnError.STOP

    def take(self, lines: Sequence[Line]) -> None:
        """Publish the events of some lines, and say what is wrong with the others, in their order."""
        if self.on_error is OnError.STOP:
            good = list(takewhile(lambda line: isinstance(line.event, Outgoing), lines))
            lines = lines[: len(good) + 1]
        self._faults = {line.number: str(line.event) for line in lines if isinstance(line.event, InvalidEvent)}
        sent = [(line.number, line.event) for line in lines if isinstance(line.event, Outgoing)]
        for part in batches([event for _, event in sent]):
            if self._deliver(sent[part]) and self.on_error is OnError.STOP:
                self._faults = {number: why for number, why in self._faults.items() if number <= sent[part][-1][0]}
                break
        for number, why in sorted(self._faults.items()):
            self.complain(f"{self.name}:{number}: {why}")
        self.bad += len(self._faults)

    def _deliver(self, batch: Sequence[tuple[int, Outgoing]]) -> bool:
        """Whether some of the batch were refused."""
        try:
            refused = self.way.deliver([event for _, event in batch])
        except NotDelivered as failure:
            first = batch[failure.places[0]][0]
            raise NotDelivered(failure.places, failure.why, f"from line {first} of {self.name} on") from None
        self.published += len(batch) - len(refused)
        self._faults.update((batch[place][0], why) for place, why in refused.items())
        return bool(refused)
