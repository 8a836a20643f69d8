"""Requests of who is not who they say, and what each is to be answered."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from dompet.streams.process.tokens import digest
from dompet.streams.publishers.entries import new_publisher
from dompet.streams.publishers.keys import PublicKey, public_key
from dompet.streams.publishers.topic import remove_publisher, write_publisher
from tests.support.gateway import LINES, Gateway, pem_of, publisher, review, signature, until_taken
from tests.support.web import Answer


@dataclass(frozen=True)
class Cast:
    """Publishers of all kinds, and what an attacker may have of them."""

    gateway: Gateway
    open_id: str
    token: str
    other_token: str
    old_token: str
    suspended_token: str
    removed_token: str
    edwards_id: str
    edwards: Ed25519PrivateKey
    edwards_token: str
    rsa_id: str
    rsa: RSAPrivateKey
    stranger: Ed25519PrivateKey
    suspended_id: str
    suspended_key: Ed25519PrivateKey

    def lines(self, publisher_id: str, event_id: str) -> bytes:
        return json.dumps(review(publisher_id, event_id)).encode()


def cast_of(gateway: Gateway) -> Cast:
    """All of them, known to the gateway."""
    settings = gateway.settings
    rotated, old_token = publisher(settings)
    rotated, token = rotated.with_token("tester")
    write_publisher(settings, rotated.without_old("tester"))
    suspended, suspended_token = publisher(settings)
    suspended_key = Ed25519PrivateKey.generate()
    write_publisher(settings, suspended.changed("tester", suspended=True))
    removed, removed_token = publisher(settings)
    remove_publisher(settings, removed.publisher_id, "tester")
    edwards, rsa = Ed25519PrivateKey.generate(), generate_private_key(65_537, 2_048)
    signing, edwards_token = new_publisher("toko-edwards", "platform", 10_000).with_token("tester")
    write_publisher(settings, signing.with_key("tester", _key(edwards)))
    write_publisher(settings, new_publisher("toko-rsa", "platform", 10_000).with_key("tester", _key(rsa)))
    barred = new_publisher("toko-barred", "platform").with_key("tester", _key(suspended_key))
    write_publisher(settings, barred.changed("tester", suspended=True))
    _, other_token = publisher(settings)
    until_taken(gateway, other_token)  # what was written before it is followed, too
    return Cast(
        gateway, rotated.publisher_id, token, other_token, old_token, suspended_token, removed_token,
        "toko-edwards", edwards, edwards_token, "toko-rsa", rsa, Ed25519PrivateKey.generate(),
        "toko-barred", suspended_key,
    )  # fmt: skip


def _key(private: Ed25519PrivateKey | RSAPrivateKey) -> PublicKey:
    return public_key(pem_of(private), "")


def post(cast: Cast, event_id: str, publisher_id: str, **headers: str) -> Answer:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    body = cast.lines(publisher_id, event_id)
    return cast.gateway.ask("POST", "/v1/events", body, {"Content-Type": LINES, **given})


def bearer(token: Callable[[Cast], str], publisher_id: Callable[[Cast], str]) -> Callable[[Cast, str], Answer]:
    return lambda cast, event_id: post(cast, event_id, publisher_id(cast), Authorization=f"Bearer {token(cast)}")


def changed(name: str, value: str) -> Callable[[Cast, str], Answer]:
    """A request that was signed well, of which a header is another one afterwards."""

    def ask(cast: Cast, event_id: str) -> Answer:
        body = cast.lines(cast.edwards_id, event_id)
        headers = {**signature(cast.edwards, body, cast.edwards_id), name: value}
        return cast.gateway.ask("POST", "/v1/events", body, {"Content-Type": LINES, **headers})

    return ask


def with_body(cast: Cast, event_id: str) -> Answer:
    headers = signature(cast.edwards, cast.lines(cast.edwards_id, "another"), cast.edwards_id)
    body = cast.lines(cast.edwards_id, event_id)
    return cast.gateway.ask("POST", "/v1/events", body, {"Content-Type": LINES, **headers})


def dry_run_made_real(cast: Cast, event_id: str) -> Answer:
    body = cast.lines(cast.edwards_id, event_id)
    headers = signature(cast.edwards, body, cast.edwards_id, "/v1/events?dry_run=1")
    return cast.gateway.ask("POST", "/v1/events", body, {"Content-Type": LINES, **headers})


def signing(
    private: Callable[[Cast], object],
    partner: Callable[[Cast], str],
    moved_s: float = 0,
    token: Callable[[Cast], str] = lambda cast: "",
    publisher_id: Callable[[Cast], str] | None = None,
) -> Callable[[Cast, str], Answer]:
    def ask(cast: Cast, event_id: str) -> Answer:
        body = cast.lines((publisher_id or partner)(cast), event_id)
        return cast.gateway.signed(private(cast), body, partner(cast), moved_s=moved_s, token=token(cast))

    return ask


FORGED: dict[str, tuple[Callable[[Cast, str], Answer], int, str]] = {
    "no token": (lambda cast, one: post(cast, one, cast.open_id), 401, "token"),
    "an empty token": (bearer(lambda c: "", lambda c: c.open_id), 401, "token"),
    "a token that nobody has": (bearer(lambda c: "dompet_" + "A" * 43, lambda c: c.open_id), 401, "token"),
    "what is stored of a token": (bearer(lambda c: digest(c.token), lambda c: c.open_id), 401, "token"),
    "a long token": (bearer(lambda c: "x" * 5_000, lambda c: c.open_id), 401, "token"),
    "a token in another scheme": (
        lambda cast, one: post(cast, one, cast.open_id, Authorization=f"Basic {cast.token}"), 401, "token",
    ),
    "a rotated token": (bearer(lambda c: c.old_token, lambda c: c.open_id), 401, "token"),
    "a removed publisher's token": (bearer(lambda c: c.removed_token, lambda c: c.open_id), 401, "token"),
    "a suspended publisher's token": (bearer(lambda c: c.suspended_token, lambda c: c.open_id), 403, "suspended"),
    "another publisher's token": (bearer(lambda c: c.other_token, lambda c: c.open_id), 403, "publisher_id"),
    "a token for the pipeline's own events": (bearer(lambda c: c.token, lambda c: "dompet"), 403, "publisher_id"),
    "a token for a publisher without an entry": (bearer(lambda c: c.token, lambda c: "nobody"), 403, "publisher_id"),
    "a token alone where requests are signed": (
        bearer(lambda c: c.edwards_token, lambda c: c.edwards_id), 401, "signature",
    ),
    "another key": (signing(lambda c: c.stranger, lambda c: c.edwards_id), 401, "signature"),
    "another publisher's key": (signing(lambda c: c.rsa, lambda c: c.edwards_id), 401, "signature"),
    "another publisher's name": (signing(lambda c: c.edwards, lambda c: c.rsa_id), 401, "signature"),
    "a publisher without a key": (signing(lambda c: c.edwards, lambda c: c.open_id), 401, "signature"),
    "a publisher that is none": (signing(lambda c: c.edwards, lambda c: "nobody"), 401, "signature"),
    "a signature for another's events": (
        signing(lambda c: c.edwards, lambda c: c.edwards_id, publisher_id=lambda c: c.rsa_id), 403, "publisher_id",
    ),
    "a suspended publisher's key": (signing(lambda c: c.suspended_key, lambda c: c.suspended_id), 403, "suspended"),
    "another body": (with_body, 401, "signature"),
    "a dry run made real": (dry_run_made_real, 401, "signature"),
    "another timestamp": (changed("X-TIMESTAMP", "2999-01-01T00:00:00Z"), 401, "clock"),
    "a timestamp that is none": (changed("X-TIMESTAMP", "now"), 401, "clock"),
    "a timestamp without offset": (changed("X-TIMESTAMP", "2026-11-30T00:00:00"), 401, "clock"),
    "no timestamp": (changed("X-TIMESTAMP", ""), 401, "clock"),
    "no signature": (changed("X-SIGNATURE", ""), 401, "signature"),
    "a signature that is no base64": (changed("X-SIGNATURE", "****"), 401, "signature"),
    "a long signature": (changed("X-SIGNATURE", "A" * 4_096), 401, "signature"),
    "a token added afterwards": (changed("Authorization", "Bearer dompet_x"), 401, "token"),
    "an old request": (signing(lambda c: c.edwards, lambda c: c.edwards_id, -200), 401, "clock"),
    "a request of the future": (signing(lambda c: c.rsa, lambda c: c.rsa_id, 200), 401, "clock"),
    "another publisher's token in a signature": (
        signing(lambda c: c.edwards, lambda c: c.edwards_id, token=lambda c: c.token), 401, "token",
    ),
}  # fmt: skip
