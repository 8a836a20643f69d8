"""A publisher's entry: what it must be, its tokens and keys, and what a record of one says."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from dompet.schemas.errors import DompetError
from dompet.streams.publishers.entries import PublisherEntry, Publishers, entry_of, new_publisher
from dompet.streams.publishers.keys import KeyRefused, PublicKey, public_key


def pem_of(private: object) -> bytes:
    """The public half of a key."""
    public = private.public_key()  # type: ignore[attr-defined]
    return bytes(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))


def key_of(private: object) -> PublicKey:
    return public_key(pem_of(private), "2020-04-01T00:00:00Z")


def test_an_entry_s_record_says_the_same_entry_and_no_token() -> None:
    entry, token = new_publisher("tokopedia", "platform", 50).with_token("ani")
    entry = entry.with_key("ani", key_of(Ed25519PrivateKey.generate())).changed("ani", suspended=True)
    assert entry_of(entry.record()) == entry
    assert token.encode() not in entry.record()


@pytest.mark.parametrize(
    ("publisher_id", "kind", "quota", "why"),
    [
        ("", "platform", 1, "publisher_id has 0 bytes"),
        ("x" * 65, "platform", 1, "publisher_id has 65 bytes"),
        ("toko\npedia", "platform", 1, "control character"),
        (" toko", "platform", 1, "begins or ends blank"),
        ("toko\u200b", "platform", 1, "is not printable"),
        ("dompet", "programme", 1, "the pipeline's own events"),
        ("toko", "bank", 1, "'bank' is no kind of publisher: the kinds are platform, institution, programme"),
        ("toko", "platform", 0, "1 to 1000000 are allowed"),
    ],
)
def test_what_can_be_no_publisher_is_refused_in_a_sentence(publisher_id: str, kind: str, quota: int, why: str) -> None:
    with pytest.raises(DompetError, match=why):
        new_publisher(publisher_id, kind, quota)


def test_two_tokens_are_valid_until_the_next_one_or_until_the_old_one_is_ended() -> None:
    entry, first = new_publisher("tokopedia", "platform").with_token("ani")
    entry, second = entry.with_token("ani")
    assert _valid(entry, first, second) == [True, True]
    assert _valid(entry.without_old("ani"), first, second) == [False, True]
    entry, third = entry.with_token("ani")
    assert _valid(entry, first, second, third) == [False, True, True]


def _valid(entry: PublisherEntry, *tokens: str) -> list[bool]:
    publishers = Publishers([entry])
    return [publishers.by_token(token) is not None for token in tokens]


def test_a_token_is_not_found_once_its_entry_has_it_no_more_or_is_gone() -> None:
    entry, token = new_publisher("tokopedia", "platform").with_token("ani")
    publishers = Publishers([entry])
    assert publishers.by_token(token) == entry
    assert publishers.by_token(token + "x") is None
    assert publishers.by_token(entry.tokens[0][0]) is None  # what is stored is not what lets in
    rotated, other = entry.with_token("ani")
    publishers.take("tokopedia", rotated.without_old("ani").record())
    assert (publishers.by_token(token), publishers.by_token(other)) == (None, publishers.get("tokopedia"))
    publishers.take("tokopedia", None)
    assert (publishers.by_token(other), publishers.get("tokopedia"), publishers.all()) == (None, None, [])


@pytest.mark.parametrize("value", [b"", b"{}", b"[]", b"\xff", b'{"publisher_id": "tokopedia", "kind": "bank"}'])
def test_a_record_that_is_no_entry_changes_nothing(value: bytes) -> None:
    entry, token = new_publisher("tokopedia", "platform").with_token("ani")
    publishers = Publishers([entry])
    assert not publishers.take("tokopedia", value)
    assert not publishers.take("ruangguru", entry.record())
    assert publishers.by_token(token) == entry


def test_a_signature_is_verified_by_either_kind_of_key_and_by_no_other() -> None:
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA256

    edwards, rsa = Ed25519PrivateKey.generate(), generate_rsa(65_537, 2_048)
    signatures = {edwards: edwards.sign(b"text"), rsa: rsa.sign(b"text", PKCS1v15(), SHA256())}
    for private, signature in signatures.items():
        key = key_of(private)
        assert key.verifies(signature, b"text")
        assert not key.verifies(signature, b"Text")
        assert not key.verifies(signature[:-1], b"text")
        assert not any(key.verifies(other, b"text") for one, other in signatures.items() if one is not private)
    assert [key_of(one).algorithm for one in (edwards, rsa)] == ["Ed25519", "SHA256withRSA"]


def test_what_is_no_public_key_for_signatures_is_refused() -> None:
    edwards = Ed25519PrivateKey.generate()
    private = edwards.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    files = {
        b"": "no public key in PEM",
        b"-----BEGIN PUBLIC KEY-----\n\n-----END PUBLIC KEY-----\n": "no public key in PEM",
        private: "that is a private key",
        pem_of(generate_rsa(65_537, 1_024)): "2048 to 8192 bits; this one has 1024",  # noqa: S505
        pem_of(generate_private_key(SECP256R1())): "of Ed25519 or RSA",
    }
    for pem, why in files.items():
        with pytest.raises(KeyRefused, match=why):
            public_key(pem, "")
