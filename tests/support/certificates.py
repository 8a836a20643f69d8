"""Certificates of a test's own authority, and a closed Kafka that takes them as a sign-in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from dompet.infra.broker import LocalBroker
from dompet.infra.ports import HOST, free_port

_VALID: Final = timedelta(days=2)


@dataclass(frozen=True)
class Authority:
    """Who signs the certificates, in a folder that holds them."""

    folder: Path
    key: EllipticCurvePrivateKey
    name: x509.Name

    @classmethod
    def of(cls, folder: Path) -> "Authority":
        name = x509.Name.from_rfc4514_string("CN=authority")
        made = cls(folder, generate_private_key(SECP256R1()), name)
        ca = x509.BasicConstraints(ca=True, path_length=None)
        (folder / "ca.pem").write_bytes(made._signed(name, made.key, [ca]))
        return made

    def issue(self, file: str, name: str) -> Path:
        """A file with a new key and the certificate of its owner, who may be a server on this computer too."""
        key, path = generate_private_key(SECP256R1()), self.folder / f"{file}.pem"
        here = x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))])
        certificate = self._signed(x509.Name.from_rfc4514_string(name), key, [here])
        path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + certificate)
        return path

    def client(self, certificate: Path) -> dict[str, str]:
        """librdkafka's settings of a certificate's owner."""
        return {
            "security.protocol": "SSL",
            "ssl.ca.location": str(self.folder / "ca.pem"),
            "ssl.certificate.location": str(certificate),
            "ssl.key.location": str(certificate),
        }

    def _signed(self, name: x509.Name, key: EllipticCurvePrivateKey, more: Sequence[x509.ExtensionType]) -> bytes:
        now = datetime.now(UTC)
        made = x509.CertificateBuilder(self.name, name, key.public_key(), x509.random_serial_number())
        made = made.not_valid_before(now - _VALID).not_valid_after(now + _VALID)
        for one in more:
            made = made.add_extension(one, critical=False)
        return made.sign(self.key, SHA256()).public_bytes(Encoding.PEM)


class CertifiedBroker(LocalBroker):
    """A closed Kafka with one listener more, `by_certificate`, and another that gives an address where nothing is."""

    def __init__(self, authority: Authority, **how: Any) -> None:
        super().__init__(secure=True, **how)
        self._stores = [authority.issue("broker", "CN=broker"), authority.folder / "ca.pem"]
        self.by_certificate, self.misnamed = (f"{HOST}:{free_port()}" for _ in range(2))

    def _write_properties(self, data: str, port: int, controller_port: int) -> None:
        super()._write_properties(data, port, controller_port)
        path = self.home / "kafka.properties"
        lines = dict(line.split("=", 1) for line in path.read_text().splitlines() if "=" in line and line[0] != "#")
        key, trust = self._stores
        own = {
            "listeners": f"{lines['listeners']},TLS://{self.by_certificate},MISNAMED://{self.misnamed}",
            "advertised.listeners": f"{lines['advertised.listeners']},TLS://{self.by_certificate},MISNAMED://{HOST}:1",
            "listener.security.protocol.map": f"{lines['listener.security.protocol.map']},TLS:SSL,MISNAMED:SSL",
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": str(key),
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": str(trust),
            "ssl.client.auth": "required",
        }
        with path.open("a") as file:
            file.writelines(f"{name}={value}\n" for name, value in own.items())
