"""Why a record of the log is dead: one class for each kind of fault.

The class names are public: they are in the Kafka header `__connect.errors.exception.class.name` of a dead letter.
Messages are one sentence and never hold personal data: field names, sizes and numbers only.
"""

from dompet.schemas.errors import DompetError


class DeadRecord(DompetError):
    """A record of the log that breaks its contract. It goes to the dead-letter topic and never reaches the rules."""


class Unreadable(DeadRecord):
    """Kafka's client cannot give the record: its batch is damaged, of an unknown kind, or too large when unpacked."""


class NullValue(DeadRecord):
    """The record has no value."""


class Truncated(DeadRecord):
    """The value ends before the record does, or has no room for the header."""


class BadMagic(DeadRecord):
    """The value does not begin with the byte 0 of the wire format."""


class UnknownSchema(DeadRecord):
    """The schema id belongs to no event contract."""


class NotCanonical(DeadRecord):
    """A length, number, branch or boolean is written in a way no correct writer would write it."""


class NotUtf8(DeadRecord):
    """A string's bytes are not valid UTF-8."""


class TrailingBytes(DeadRecord):
    """Bytes are left over after the record's last field."""


class OutsideLimits(DeadRecord):
    """An id or a text is too short, too long, or holds a character that it may not."""


class TimeOutsideLimits(DeadRecord):
    """A time lies before 2000 or not before 2100."""


class NationalId(DeadRecord):
    """`beneficiary_id` has the form of a national id number, which must never enter an event."""


class KeyMismatch(DeadRecord):
    """The record's key is not its `beneficiary_id`."""


class WrongPartition(DeadRecord):
    """The record is in another partition than its key's."""
