"""Public keys that requests are signed with: Ed25519, or RSA as SNAP signs (SHA256withRSA).

A shared secret for HMAC is not taken: it could not be stored as a hash, and who reads the topic could sign with it.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from dompet.schemas.errors import DompetError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

RSA_BITS_LEAST: Final = 2_048
RSA_BITS_MOST: Final = 8_192
"""A longer one takes long to verify."""
_PEM_BYTES_MOST: Final = 16_384


class KeyRefused(DompetError):
    """A file holds no public key that may sign requests."""


@dataclass(frozen=True)
class PublicKey:
    """A public key as PEM (SubjectPublicKeyInfo), and since when it is there."""

    pem: str
    added_at: str

    def verifies(self, signature: bytes, text: bytes) -> bool:
        """Whether the signature over these bytes was made by its owner."""
        from cryptography.exceptions import InvalidSignature

        try:
            _verify(self.pem, signature, text)
        except (InvalidSignature, KeyRefused):
            return False
        return True

    @property
    def algorithm(self) -> str:
        """How it signs, in words."""
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

        return "SHA256withRSA" if isinstance(_loaded(self.pem), RSAPublicKey) else "Ed25519"


def public_key(pem: bytes, added_at: str) -> PublicKey:
    """The public key in PEM; KeyRefused where it is none, is a private one, or is too short."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = _loaded(pem.decode("utf-8", "replace"))
    form = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return PublicKey(form.decode(), added_at)


@lru_cache(256)
def _loaded(pem: str) -> "RSAPublicKey | Ed25519PublicKey":
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    if "PRIVATE KEY" in pem:
        raise KeyRefused("that is a private key: only its owner has it; give the public one")
    try:
        if len(pem) > _PEM_BYTES_MOST:
            raise ValueError
        key = load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm):
        raise KeyRefused("that is no public key in PEM (-----BEGIN PUBLIC KEY-----)") from None
    if isinstance(key, RSAPublicKey):
        if not RSA_BITS_LEAST <= key.key_size <= RSA_BITS_MOST:
            raise KeyRefused(f"an RSA key has {RSA_BITS_LEAST} to {RSA_BITS_MOST} bits; this one has {key.key_size}")
        return key
    if isinstance(key, Ed25519PublicKey):
        return key
    raise KeyRefused("a public key is of Ed25519 or RSA")


def _verify(pem: str, signature: bytes, text: bytes) -> None:
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.hashes import SHA256

    key = _loaded(pem)
    if isinstance(key, RSAPublicKey):
        key.verify(signature, text, PKCS1v15(), SHA256())
    else:
        key.verify(signature, text)
