"""Heads of the chain as they are published outside: JSON, signed with Ed25519 where a key is at hand."""

import base64
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from dompet.schemas.errors import DompetError
from dompet.streams.proof.chain import VERSION, Head
from dompet.streams.proof.chains import stored_heads
from dompet.streams.warehouse.client import WarehouseClient

_ALGORITHM: Final = "Ed25519"


class HeadError(DompetError):
    """A file of heads or a key cannot be read, or is of another log."""


def latest_heads(ask: WarehouseClient, partitions: Iterable[int]) -> list[Head]:
    """The last head of each partition that the warehouse has."""
    some = ", ".join(map(str, partitions)) or "-1"
    return stored_heads(
        ask.read(
            "SELECT partition, segment, next_offset, records, head FROM chain_rows FINAL"  # noqa: S608
            f" WHERE formula = {VERSION} AND partition IN ({some})"
            " ORDER BY partition, segment DESC LIMIT 1 BY partition"
        )
    )


def published(heads: Iterable[Head], cluster_id: str, topic: str, key: Ed25519PrivateKey | None) -> dict[str, Any]:
    """What is published of them."""
    content: dict[str, Any] = {
        "formula": VERSION,
        "cluster_id": cluster_id,
        "topic": topic,
        "partitions": [
            {
                "partition": one.partition,
                "segment": one.segment,
                "next_offset": one.next_offset,
                "records": one.records,
                "head": one.head.hex(),
            }
            for one in heads
        ],
    }
    if key is not None:
        content["signature"] = {
            "algorithm": _ALGORITHM,
            "public_key": _text(key.public_key().public_bytes_raw()),
            "value": _text(key.sign(signed_bytes(content))),
        }
    return content


def signed_bytes(content: Mapping[str, Any]) -> bytes:
    """What is signed: the JSON without its signature, keys in order, no spaces, ASCII."""
    rest = {name: value for name, value in content.items() if name != "signature"}
    return json.dumps(rest, sort_keys=True, separators=(",", ":")).encode()


def read_published(file: Path, cluster_id: str, topic: str) -> tuple[dict[str, Any], list[Head]]:
    """A file of published heads; HeadError where it is none, or one of another log or formula."""
    try:
        content = json.loads(file.read_text("utf-8"))
        heads = [
            Head(
                int(one["partition"]),
                int(one["segment"]),
                int(one["next_offset"]),
                int(one["records"]),
                bytes.fromhex(one["head"]),
            )
            for one in content["partitions"]
        ]
        of = {name: content[name] for name in ("formula", "cluster_id", "topic")}
    except OSError as error:
        raise HeadError(f"{file}: the heads cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise HeadError(f"{file}: not what `dompet chain head` prints") from None
    for name, mine in (("formula", VERSION), ("cluster_id", cluster_id), ("topic", topic)):
        if of[name] != mine:
            raise HeadError(f"{file}: the heads have {name} {of[name]!r}, the log that is verified has {mine!r}")
    return content, heads


def signature_fault(content: Mapping[str, Any], key: Ed25519PublicKey) -> str:
    """Why the signature does not hold; empty where it does."""
    match content.get("signature"):
        case {"algorithm": str(algorithm), "value": str(value)} if algorithm == _ALGORITHM:
            try:
                key.verify(base64.b64decode(value, validate=True), signed_bytes(content))
            except (InvalidSignature, ValueError):
                return "the signature is not that of these heads by this key: they were altered, or another key signed"
            return ""
    return f"there is no {_ALGORITHM} signature"


def private_key(file: Path) -> Ed25519PrivateKey:
    """The key that signs, from a PEM file; HeadError where there is none."""
    key = _loaded(file, lambda content: load_pem_private_key(content, None))
    if not isinstance(key, Ed25519PrivateKey):
        raise HeadError(f"{file}: not a private key of Ed25519")
    return key


def public_key(file: Path) -> Ed25519PublicKey:
    """The key that signatures are compared with, from a PEM file; HeadError where there is none."""
    key = _loaded(file, load_pem_public_key)
    if not isinstance(key, Ed25519PublicKey):
        raise HeadError(f"{file}: not a public key of Ed25519")
    return key


def _loaded(file: Path, load: Any) -> object:
    try:
        return load(file.read_bytes())
    except OSError as error:
        raise HeadError(f"{file}: the key cannot be read: {error.strerror}") from None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise HeadError(f"{file}: not a key in PEM without a password") from None


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()
