"""Avro's binary encoding of the few types that events use, written and read strictly.

Only the canonical bytes are read: the shortest varint, a branch or boolean byte that a correct writer writes. Avro
libraries are laxer, each in its own way and changing with its version; what is valid must not depend on one of them.
"""

from typing import Final

from dompet.schemas.dead import NotCanonical, NotUtf8, Truncated
from dompet.schemas.limits import INT64_MAX, INT64_MIN

_VARINT_BYTES_MAX: Final = 10
_TWO_GROUPS: Final = 1 << 14
_GOES_ON: Final = tuple(bytes((low & 0x7F | 0x80, low >> 7 | 0x80)) for low in range(_TWO_GROUPS))
_ENDS: Final = tuple(bytes((n,)) if n < 0x80 else bytes((n & 0x7F | 0x80, n >> 7)) for n in range(_TWO_GROUPS))


def write_long(value: int) -> bytes:
    """An int64 as a zigzag varint. `value` must lie within int64."""
    rest = value << 1 ^ value >> 63
    out = b""
    while rest >= _TWO_GROUPS:  # two bytes at a time, from tables: this runs for every number of every event
        out += _GOES_ON[rest & _TWO_GROUPS - 1]
        rest >>= 14
    return out + _ENDS[rest]


class Reader:
    """Reads one record's fields from the left. Each method names the field in the DeadRecord that it raises."""

    def __init__(self, data: bytes, at: int) -> None:
        self.data = data
        self.at = at

    @property
    def left(self) -> int:
        """How many bytes are not read yet."""
        return len(self.data) - self.at

    def long(self, field: str) -> int:
        """The next zigzag varint. Raises Truncated, NotCanonical."""
        value = 0
        for index in range(_VARINT_BYTES_MAX):
            byte = self._byte(field)
            value |= (byte & 0x7F) << 7 * index
            if byte < 0x80:
                if byte == 0 and index > 0:
                    raise NotCanonical(f"{field} holds a number in more bytes than it needs")
                number = value >> 1 ^ -(value & 1)
                if not INT64_MIN <= number <= INT64_MAX:
                    break
                return number
        raise NotCanonical(f"{field} holds a number beyond 64 bits")

    def string(self, field: str) -> str:
        """The next string. Raises Truncated, NotCanonical, NotUtf8."""
        size = self.long(field)
        if size < 0:
            raise NotCanonical(f"{field} has a negative length")
        if size > self.left:
            raise Truncated(f"the value ends within {field}, which should have {size} bytes and has {self.left}")
        end = self.at + size
        try:
            text = self.data[self.at : end].decode()
        except UnicodeDecodeError:
            raise NotUtf8(f"{field} is not valid UTF-8") from None
        self.at = end
        return text

    def boolean(self, field: str) -> bool:
        """The next boolean. Raises Truncated, NotCanonical."""
        byte = self._byte(field)
        if byte > 1:
            raise NotCanonical(f"{field} holds a boolean byte of {byte}; 0 or 1 is allowed")
        return byte == 1

    def nullable_long(self, field: str) -> int | None:
        """The next union of null and long. Raises Truncated, NotCanonical."""
        byte = self._byte(field)
        if byte not in {0, 2}:
            raise NotCanonical(f"{field} holds a branch byte of {byte}; 0 or 2 is allowed")
        return self.long(field) if byte else None

    def _byte(self, field: str) -> int:
        if self.at >= len(self.data):
            raise Truncated(f"the value ends within {field}")
        self.at += 1
        return self.data[self.at - 1]
