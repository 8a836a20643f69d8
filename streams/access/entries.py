"""Entries of those who may enter, as records of a compacted topic: an entrance works while the warehouse is away."""

import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from dompet.schemas.errors import DompetError
from dompet.streams.access.roles import Role, Who
from dompet.streams.process.tokens import Tokens, among, digest, now, with_another

_NAME_BYTES: Final = 64


class AccessError(DompetError):
    """An entry cannot be as it is asked for, or is not there."""


@dataclass(frozen=True)
class Entry:
    """Somebody who may enter. `tokens` are SHA-256 in hexadecimal, by when each was made, the newest last."""

    name: str
    roles: frozenset[Role]
    party: str = ""
    tokens: Tokens = ()
    changed_at: str = ""
    changed_by: str = ""

    @property
    def who(self) -> Who:
        """Whom it lets in."""
        return Who(self.name, self.roles, self.party)

    def rotated(self, by: str) -> tuple["Entry", str]:
        """The entry with one token more, without the oldest where there would be three; and that token, to be shown
        once.
        """
        tokens, token = with_another(self.tokens)
        return self._changed(by, tokens), token

    def revoked(self, by: str, *, old: bool = False) -> "Entry":
        """The entry without its tokens; `old`: without all but the newest."""
        return self._changed(by, self.tokens[-1:] if old else ())

    def _changed(self, by: str, tokens: Tokens) -> "Entry":
        return replace(self, tokens=tokens, changed_at=now(), changed_by=by)

    def record(self) -> bytes:
        """The entry as a record's value."""
        fields = {
            "name": self.name,
            "roles": sorted(self.roles),
            "party": self.party,
            "tokens": [{"sha256": one, "made_at": made_at} for one, made_at in self.tokens],
            "changed_at": self.changed_at,
            "changed_by": self.changed_by,
        }
        return json.dumps(fields).encode()


def new_entry(name: str, roles: Iterable[str], party: str) -> Entry:
    """An entry without tokens; AccessError where the name, a role or the party is none."""
    if not name.strip() or len(name.encode("utf-8", "replace")) > _NAME_BYTES or not name.isprintable():
        raise AccessError("a name is a printable text of 1 to 64 bytes")
    try:
        known = frozenset(Role(role) for role in roles)
    except ValueError as error:
        raise AccessError(f"{error}: the roles are {', '.join(Role)}") from None
    if not known:
        raise AccessError(f"an entry has one role or more: {', '.join(Role)}")
    if (Role.PUBLISHER in known) != bool(party):
        raise AccessError("a publisher, and nobody else, has a --party: the platform or institution that it is")
    return Entry(name, known, party)


def entry_of(value: bytes) -> Entry | None:
    """The entry that a record holds; None where it is none."""
    try:
        fields: Any = json.loads(value)
        roles = frozenset(Role(role) for role in fields["roles"])
        tokens = tuple((str(one["sha256"]), str(one["made_at"])) for one in fields["tokens"])
        found = (str(fields[name]) for name in ("changed_at", "changed_by"))
        return Entry(str(fields["name"]), roles, str(fields["party"]), tokens, *found)
    except (ValueError, KeyError, TypeError):
        return None


class Entries:
    """Entries by their names, for a guard to look up."""

    def __init__(self, entries: Mapping[str, Entry]) -> None:
        self._entries = dict(entries)

    def put(self, name: str, entry: Entry | None) -> None:
        """An entry as it is now; None where it is gone."""
        if entry is None:
            self._entries.pop(name, None)
        else:
            self._entries[name] = entry

    def take(self, name: str, value: bytes | None) -> bool:
        """Put what a record says; False where it is no entry."""
        entry = entry_of(value) if value is not None else None
        if value is not None and (entry is None or entry.name != name):
            return False
        self.put(name, entry)
        return True

    def all(self) -> list[Entry]:
        """All of them, by name."""
        return [entry for _, entry in sorted(self._entries.copy().items())]

    def get(self, name: str) -> Entry | None:
        """The entry of a name."""
        return self._entries.get(name)

    def by_token(self, token: str) -> tuple[Who, str] | None:
        """Who has this token, and what names it. Every stored one is compared, in constant time."""
        given, found = digest(token), None
        for entry in list(self._entries.values()):  # another thread may put one meanwhile
            for stored, _ in entry.tokens:
                if hmac.compare_digest(stored, given):
                    found = (entry.who, stored)
        return found

    def by_name(self, name: str) -> Who | None:
        """Who has this name, as long as the entry is not revoked."""
        entry = self._entries.get(name)
        return entry.who if entry and entry.tokens else None

    def holds(self, name: str, token_id: str) -> bool:
        """Whether the entry still has the token that is named so."""
        entry = self._entries.get(name)
        return entry is not None and among(token_id, entry.tokens)
