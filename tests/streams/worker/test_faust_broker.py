"""Faust's own Kafka client is told the same of security as librdkafka."""

import datetime
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from dompet.infra.ports import HOST
from dompet.schemas.errors import DompetError
from dompet.streams.worker.faust_broker import broker_options

SSL = {"security.protocol": "SSL"}


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate of `broker.test` that nobody but itself vouches for, with its key beside it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "broker.test")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("broker.test")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (tmp_path / "broker.pem").write_bytes(made.public_bytes(pem))
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (tmp_path / "broker.key").write_bytes(key.private_bytes(pem, *plain))
    return tmp_path / "broker.pem"


@pytest.fixture
def listener(certificate: Path) -> Iterator[int]:
    """The port of a server with that certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_suffix(".key"))
    with socket.create_server((HOST, 0)) as server:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    with connection, suppress(OSError), context.wrap_socket(connection, server_side=True) as secure:
                        secure.sendall(b"halo")

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


def context_of(**settings: object) -> ssl.SSLContext:
    named = {name.replace("_", "."): value for name, value in settings.items()}
    context: Any = broker_options({**SSL, **named})["broker_credentials"].context
    assert isinstance(context, ssl.SSLContext)
    return context


def meets(port: int, context: ssl.SSLContext, name: str = "broker.test") -> bool:
    with (
        suppress(ssl.SSLError),
        socket.create_connection((HOST, port), timeout=10) as connection,
        context.wrap_socket(connection, server_hostname=name) as secure,
    ):
        return secure.recv(10) == b"halo"
    return False


def test_a_broker_is_believed_whose_certificate_is_vouched_for(listener: int, certificate: Path) -> None:
    assert not meets(listener, context_of())
    assert not meets(listener, context_of(ssl_ca_location="probe"))
    for trusting in ({"ssl_ca_location": str(certificate)}, {"ssl_ca_pem": certificate.read_text()}):
        context = context_of(**trusting)
        assert meets(listener, context)
        assert not meets(listener, context, "other.test")


def test_a_broker_is_believed_under_another_name_or_at_all_where_the_settings_say_so(
    listener: int, certificate: Path
) -> None:
    unnamed = context_of(ssl_ca_location=str(certificate), ssl_endpoint_identification_algorithm="none")
    assert meets(listener, unnamed, "other.test")
    for off in (False, "false", "FALSE", "0"):
        assert meets(listener, context_of(enable_ssl_certificate_verification=off), "other.test")
    assert not meets(listener, context_of(enable_ssl_certificate_verification="true"))


def test_a_certificate_of_our_own_is_shown_with_its_key(certificate: Path) -> None:
    key = certificate.with_suffix(".key")
    context_of(ssl_certificate_location=str(certificate), ssl_key_location=str(key))
    with pytest.raises(DompetError, match=r"^the certificates cannot be read \(ssl.certificate.location: "):
        context_of(ssl_certificate_location=str(certificate))


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(DompetError, match=r"^the certificates cannot be read \(ssl.ca.location: .*No such file"):
        context_of(ssl_ca_location="/none/ca.pem")


def test_what_only_librdkafka_knows_is_refused_with_what_to_give_instead() -> None:
    sentence = r"^ssl.key.pem: Faust's own Kafka client does not know it; it takes ssl.ca.location, ssl.certificate.loc"
    with pytest.raises(DompetError, match=sentence):
        context_of(ssl_key_pem="-----BEGIN")


def test_a_user_logs_in_with_and_without_tls() -> None:
    user = {"sasl.username": "orang", "sasl.password": "rahasia", "sasl.mechanism": "SCRAM-SHA-512"}
    plain = broker_options({"security.protocol": "sasl_plaintext", **user})["broker_credentials"]
    assert (plain.username, plain.password, plain.mechanism.value) == ("orang", "rahasia", "SCRAM-SHA-512")
    secure = broker_options({"security.protocol": "SASL_SSL", **user})["broker_credentials"]
    assert isinstance(secure.ssl_context, ssl.SSLContext)
    with pytest.raises(DompetError, match=r"^sasl.mechanism GSSAPI: PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512 are supp"):
        broker_options({"security.protocol": "SASL_SSL", "sasl.mechanisms": "GSSAPI"})


def test_without_security_nothing_is_said() -> None:
    assert broker_options({}) == broker_options({"security.protocol": "PLAINTEXT"}) == {}
