"""The work of `dompet publish`: events from lines of JSON, published in the order of the lines."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO, Final

from dompet.schemas.errors import InvalidEvent
from dompet.schemas.json_lines import read_fields
from dompet.streams.publish import Publisher

LINE_BYTES_MAX: Final = 65_536
"""Far more than the longest event needs, all its characters escaped."""

_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_PROGRESS_BYTES: Final = 262_144


class OnError(StrEnum):
    """What to do at a line that is no event: end there, or leave it out and go on."""

    STOP = "stop"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class LinesPublished:
    """How many events were delivered and acknowledged, and how many lines were no events."""

    published: int
    bad: int


def publish_lines(
    publisher: Publisher,
    lines: BinaryIO,
    name: str,
    *,
    on_error: OnError,
    complain: Callable[[str], None],
    progress: Callable[[int], None] = lambda bytes_read: None,
) -> LinesPublished:
    """Publish every event of `lines`; when this returns, all that it counts as published is acknowledged.

    `name` is the file's, for `complain`, which is told `file:line: what is wrong` of each bad line. With
    `OnError.STOP` nothing after the first bad line is published. `progress` is told the bytes read so far, now and
    then and at the end. Memory is bounded, however long a line is. Raises DeliveryFailed.
    """
    published = bad = bytes_read = bytes_reported = 0
    for number, line in enumerate(_lines(lines), start=1):
        bytes_read += line.size
        try:
            if not line.blank:
                publisher.publish_fields(*read_fields(line.checked_text()))
                published += 1
        except InvalidEvent as error:
            bad += 1
            complain(f"{name}:{number}: {error}")
            if on_error is OnError.STOP:
                break
        if bytes_read - bytes_reported >= _PROGRESS_BYTES:
            bytes_reported = bytes_read
            progress(bytes_read)
    publisher.flush()
    progress(bytes_read)
    return LinesPublished(published, bad)


@dataclass(frozen=True, slots=True)
class _Line:
    text: bytes
    """Without blanks at its ends; only the beginning of a line that is too long."""
    size: int
    """In bytes of the file, with its newline."""

    @property
    def blank(self) -> bool:
        return not self.text and self.size <= LINE_BYTES_MAX

    def checked_text(self) -> bytes:
        if self.size > LINE_BYTES_MAX:
            raise InvalidEvent(f"the line has {self.size} bytes; at most {LINE_BYTES_MAX} are allowed")
        return self.text


def _lines(source: BinaryIO) -> Iterator[_Line]:
    first = True
    while line := source.readline(LINE_BYTES_MAX + 1):
        size = len(line)
        if size > LINE_BYTES_MAX:
            ended = line.endswith(b"\n")
            while not ended and (rest := source.readline(LINE_BYTES_MAX)):
                size += len(rest)
                ended = rest.endswith(b"\n")
        yield _Line((line.removeprefix(_BYTE_ORDER_MARK) if first else line).strip(), size)
        first = False
