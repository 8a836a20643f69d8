"""Signed requests, in SNAP's form: headers X-PARTNER-ID, X-TIMESTAMP and X-SIGNATURE.

What is signed is `METHOD:path:token:lowercase(hex(sha256(body))):timestamp`: the path as it was sent, with its query;
the bearer token, empty where none is sent; the body as it was sent, packed or not. The signature, in base64, is Ed25519
or SHA256withRSA (PKCS #1 v1.5).
"""

import base64
import binascii
import hashlib
from collections import deque
from typing import Final

from dompet.schemas.times import read_time
from dompet.streams.gateway.problems import Problem
from dompet.streams.publishers.entries import PublisherEntry

SKEW_S: Final = 120
"""A timestamp may differ from this machine's clock by so much, and a signature is remembered for as long."""
REMEMBERED_MOST: Final = 500_000
"""So many signatures are remembered; where there are more of them within the window, requests wait."""
_SIGNATURE_CHARACTERS_MOST: Final = 2_048


class SeenSignatures:
    """What was signed lately: the same is not taken again."""

    def __init__(self) -> None:
        self._seen: set[bytes] = set()
        self._ends: deque[tuple[float, bytes]] = deque()

    def remember(self, publisher_id: str, text: bytes, now_s: float) -> None:
        """Problem 401 where it was seen before, 503 where too many are remembered."""
        while self._ends and self._ends[0][0] <= now_s:
            self._seen.discard(self._ends.popleft()[1])
        one = hashlib.sha256(publisher_id.encode() + b"\0" + text).digest()
        if one in self._seen:
            raise Problem(401, "this signed request was taken before: use another X-TIMESTAMP", refused="replay")
        if len(self._seen) >= REMEMBERED_MOST:
            raise Problem(503, "too many signed requests within the replay window")
        self._seen.add(one)
        # A timestamp may lie ahead by the skew, and is then good for twice as long.
        self._ends.append((now_s + 2 * SKEW_S, one))


def check_clock(timestamp: str, now_s: float) -> None:
    """Problem 401 where X-TIMESTAMP is no time, or too far from this machine's."""
    try:
        given_s = read_time(timestamp).timestamp()
    except (ValueError, OverflowError):
        raise Problem(401, "X-TIMESTAMP is no time of ISO 8601 with an offset", refused="clock") from None
    if not abs(given_s - now_s) <= SKEW_S:
        raise Problem(401, f"X-TIMESTAMP differs by more than {SKEW_S} s from the gateway's clock", refused="clock")


def signed_text(method: str, path: str, token: str, body_sha256: str, timestamp: str) -> bytes:
    """What a request's signature is over."""
    return f"{method}:{path}:{token}:{body_sha256}:{timestamp}".encode()


def is_signed(entry: PublisherEntry | None, signature: str, text: bytes) -> bool:
    """Whether one of the publisher's keys signed this."""
    if entry is None or len(signature) > _SIGNATURE_CHARACTERS_MOST:
        return False
    try:
        raw = base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError):
        return False
    return any(key.verifies(raw, text) for key in entry.keys)
