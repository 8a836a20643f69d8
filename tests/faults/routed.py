"""What routers put on the log against what is in the inboxes. It knows of a record only its place in the inbox, the key
and the bytes.
"""

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Final, NamedTuple

from dompet.schemas.topics import inbox_of
from tests.faults.entrance import BY_INBOX
from tests.faults.found import ALTERED, DISORDERED, DOUBLED, INVENTED, LOST, Findings
from tests.support.log_reader import LogRecord, read_log

_ORIGIN: Final = "dompet.origin."


class Routed(NamedTuple):
    """A record of an inbox, or what the log has of it."""

    topic: str
    partition: int
    offset: int
    person: bytes
    digest: bytes

    @property
    def place(self) -> tuple[str, int, int]:
        """Where it is in its inbox."""
        return self.topic, self.partition, self.offset


def routed_of(log: Iterable[LogRecord]) -> list[Routed]:
    """The records of the log that came from an inbox, as their headers say, in the log's order."""
    found = []
    for record in log:
        said = {name: value.decode() for name, value in record.headers if name.startswith(_ORIGIN)}
        if topic := said.get(f"{_ORIGIN}topic"):  # the gateway names an origin, too, which is no inbox
            place = topic, int(said[f"{_ORIGIN}partition"]), int(said[f"{_ORIGIN}offset"])
            found.append(Routed(*place, record.key, _digest(record)))
    return found


def put_in(bootstrap: str) -> list[Routed]:
    """All records of all inboxes."""
    topics = [inbox_of(name).topic.name for name in BY_INBOX]
    return [
        Routed(topic, one.partition, one.offset, one.key, _digest(one))
        for topic in topics
        for one in read_log(bootstrap, topic)
    ]


def compare_inboxes(inboxes: Iterable[Routed], log: Iterable[Routed]) -> Findings:
    """Every record of an inbox must be on the log once, unchanged."""
    findings = Findings()
    left = {one.place: one for one in inboxes}
    seen = set()
    for one in log:
        put = left.pop(one.place, None)
        if one.place in seen:
            findings.add(DOUBLED, f"{one.place} is on the log again")
        elif put is None:
            findings.add(INVENTED, f"the log has {one.place}, and the inbox has it not")
        elif put != one:
            findings.add(ALTERED, f"{one.place} has other bytes on the log")
        seen.add(one.place)
    for place in left:
        findings.add(LOST, f"{place} of an inbox is not on the log")
    return findings


def disordered(log: Sequence[Routed]) -> Findings:
    """Each person's records of an inbox must be on the log in the inbox's order."""
    findings = Findings()
    last: dict[tuple[str, int, bytes], int] = {}
    for one in log:
        of_whom = (one.topic, one.partition, one.person)
        if one.offset < last.get(of_whom, -1):
            findings.add(DISORDERED, f"{one.place} is behind a later record of the same person")
        last[of_whom] = one.offset
    return findings


def _digest(record: LogRecord) -> bytes:
    return blake2b(record.key + b"\0" + record.value, digest_size=8).digest()
