"""Tokens of those who may enter: 256 random bits, shown once, stored as their SHA-256."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

TOKEN_BYTES: Final = 32
TOKENS_MOST: Final = 2
"""So many are valid at a time: the one before, until its user has the new one."""
_PREFIX: Final = "dompet_"

Tokens = tuple[tuple[str, str], ...]
"""SHA-256 in hexadecimal, and when each was made, the newest last."""


def with_another(tokens: Tokens) -> tuple[Tokens, str]:
    """The tokens with one more, without the oldest where there would be three; and that token, to be shown once."""
    token = _PREFIX + base64.urlsafe_b64encode(secrets.token_bytes(TOKEN_BYTES)).decode().rstrip("=")
    return (*tokens, (digest(token), now()))[-TOKENS_MOST:], token


def digest(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def among(given: str, tokens: Iterable[tuple[str, str]]) -> bool:
    """Whether the token of this digest is one of them. Every one is compared, in constant time."""
    return sum(hmac.compare_digest(stored, given) for stored, _ in tokens) > 0


def now() -> str:
    """The moment, as entries have it."""
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
