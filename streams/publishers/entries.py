"""Publishers' entries, as records of a compacted topic: an entrance works while the warehouse is away."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from dompet.schemas.errors import DompetError
from dompet.schemas.limits import id_fault
from dompet.streams.process.tokens import Tokens, among, digest, now, with_another
from dompet.streams.publishers.keys import PublicKey

KEYS_MOST: Final = 2
"""So many public keys are valid at a time: the one before, until its owner signs with the new one."""
QUOTA: Final = 1_000
QUOTA_MOST: Final = 1_000_000
"""Events a second, where none is given and at most."""
PIPELINE: Final = "dompet"
"""What the pipeline itself publishes has this publisher_id, so nobody else may."""


class PublisherError(DompetError):
    """A publisher's entry cannot be as it is asked for, or is not there."""


class Kind(StrEnum):
    """What a publisher is."""

    PLATFORM = "platform"
    INSTITUTION = "institution"
    PROGRAMME = "programme"


@dataclass(frozen=True)
class PublisherEntry:
    """One who may put events in whose publisher_id is `publisher_id`. `quota` is in events a second."""

    publisher_id: str
    kind: Kind
    tokens: Tokens = ()
    keys: tuple[PublicKey, ...] = ()
    quota: int = QUOTA
    suspended: bool = False
    changed_at: str = ""
    changed_by: str = ""

    def with_token(self, by: str) -> tuple["PublisherEntry", str]:
        """The entry with one token more, at most two; and that token, to be shown once."""
        tokens, token = with_another(self.tokens)
        return self.changed(by, tokens=tokens), token

    def with_key(self, by: str, key: PublicKey) -> "PublisherEntry":
        """The entry with one public key more, at most two."""
        others = tuple(one for one in self.keys if one.pem != key.pem)
        return self.changed(by, keys=(*others, key)[-KEYS_MOST:])

    def without_old(self, by: str) -> "PublisherEntry":
        """The entry with its newest token and its newest key alone."""
        return self.changed(by, tokens=self.tokens[-1:], keys=self.keys[-1:])

    def changed(self, by: str, **values: Any) -> "PublisherEntry":
        """The entry with other values, and who changed it."""
        return replace(self, changed_at=now(), changed_by=by, **values)

    def record(self) -> bytes:
        """The entry as a record's value."""
        fields = {
            "publisher_id": self.publisher_id,
            "kind": self.kind,
            "tokens": [{"sha256": one, "made_at": made_at} for one, made_at in self.tokens],
            "keys": [{"pem": one.pem, "added_at": one.added_at} for one in self.keys],
            "quota": self.quota,
            "suspended": self.suspended,
            "changed_at": self.changed_at,
            "changed_by": self.changed_by,
        }
        return json.dumps(fields).encode()


def new_publisher(publisher_id: str, kind: str, quota: int = QUOTA) -> PublisherEntry:
    """An entry with neither token nor key; PublisherError where the id, the kind or the quota is none."""
    fault = id_fault("publisher_id", publisher_id, len(publisher_id.encode("utf-8", "replace")))
    if fault or not publisher_id.isprintable() or publisher_id != publisher_id.strip():
        raise PublisherError(str(fault or f"publisher_id {publisher_id!r} is not printable, or begins or ends blank"))
    if publisher_id == PIPELINE:
        raise PublisherError(f"{PIPELINE} is the publisher_id of the pipeline's own events: choose another")
    if kind not in list(Kind):
        raise PublisherError(f"{kind!r} is no kind of publisher: the kinds are {', '.join(Kind)}")
    if not 1 <= quota <= QUOTA_MOST:
        raise PublisherError(f"a quota of {quota} events a second is none: 1 to {QUOTA_MOST} are allowed")
    return PublisherEntry(publisher_id, Kind(kind), quota=quota)


def entry_of(value: bytes) -> PublisherEntry | None:
    """The entry that a record holds; None where it is none."""
    try:
        fields: Any = json.loads(value)
        return PublisherEntry(
            publisher_id=str(fields["publisher_id"]),
            kind=Kind(fields["kind"]),
            tokens=tuple((str(one["sha256"]), str(one["made_at"])) for one in fields["tokens"]),
            keys=tuple(PublicKey(str(one["pem"]), str(one["added_at"])) for one in fields["keys"]),
            quota=int(fields["quota"]),
            suspended=fields["suspended"] is not False,
            changed_at=str(fields["changed_at"]),
            changed_by=str(fields["changed_by"]),
        )
    except (ValueError, KeyError, TypeError):
        return None


class Publishers:
    """Entries by publisher_id. One thread puts; any may look one up."""

    def __init__(self, entries: Iterable[PublisherEntry] = ()) -> None:
        self._entries: dict[str, PublisherEntry] = {}
        self._by_digest: dict[str, str] = {}
        for entry in entries:
            self._put(entry.publisher_id, entry)

    def take(self, publisher_id: str, value: bytes | None) -> bool:
        """Put what a record says; False where it is no entry."""
        entry = entry_of(value) if value is not None else None
        if value is not None and (entry is None or entry.publisher_id != publisher_id):
            return False
        self._put(publisher_id, entry)
        return True

    def get(self, publisher_id: str) -> PublisherEntry | None:
        """The entry of a publisher, suspended or not; None where it has none."""
        return self._entries.get(publisher_id)

    def all(self) -> list[PublisherEntry]:
        """All of them, by publisher_id."""
        return [entry for _, entry in sorted(self._entries.copy().items())]

    def by_token(self, token: str) -> PublisherEntry | None:
        """Who has this token, suspended or not. What is looked up is the token's SHA-256."""
        given = digest(token)
        entry = self._entries.get(self._by_digest.get(given, ""))
        return entry if entry is not None and among(given, entry.tokens) else None

    def _put(self, publisher_id: str, entry: PublisherEntry | None) -> None:
        before = self._entries.pop(publisher_id, None) if entry is None else self._entries.get(publisher_id)
        if entry is not None:
            self._entries[publisher_id] = entry
        valid = {one for one, _ in entry.tokens} if entry else set()
        for gone, _ in before.tokens if before else ():
            if gone not in valid:
                self._by_digest.pop(gone, None)
        self._by_digest.update(dict.fromkeys(valid, publisher_id))
