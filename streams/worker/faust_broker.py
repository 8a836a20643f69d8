"""librdkafka's security settings as Faust's own Kafka client (aiokafka) takes them."""

import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import faust

from dompet.schemas.errors import DompetError

_FILES: Final = ("ssl.ca.location", "ssl.certificate.location", "ssl.key.location")
_LIBRDKAFKA_ONLY: Final = frozenset(
    {"ssl.certificate.pem", "ssl.key.pem", "ssl.keystore.location", "ssl.crl.location", "ssl.engine.location"}
)
_OFF: Final = ("false", "f", "0")
"""How librdkafka's settings say no."""


def broker_options(kafka: Mapping[str, Any]) -> dict[str, Any]:
    """Options of faust.App that say the same as the Kafka settings; raises DompetError for what Faust cannot do."""
    protocol = str(kafka.get("security.protocol", "plaintext")).lower()
    context = _ssl_context(kafka) if protocol in ("ssl", "sasl_ssl") else None
    if protocol in ("sasl_plaintext", "sasl_ssl"):
        mechanism = str(kafka.get("sasl.mechanism") or kafka.get("sasl.mechanisms") or "PLAIN").upper()
        if mechanism not in ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"):
            raise DompetError(f"sasl.mechanism {mechanism}: PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512 are supported")
        user, password = str(kafka.get("sasl.username", "")), str(kafka.get("sasl.password", ""))
        credentials = faust.SASLCredentials(username=user, password=password, ssl_context=context, mechanism=mechanism)
        return {"broker_credentials": credentials}
    return {"broker_credentials": faust.SSLCredentials(context=context)} if context else {}


def _ssl_context(kafka: Mapping[str, Any]) -> ssl.SSLContext:
    if refused := sorted(_LIBRDKAFKA_ONLY & kafka.keys()):
        raise DompetError(f"{refused[0]}: Faust's own Kafka client does not know it; it takes {', '.join(_FILES)}")
    trusted = str(kafka.get("ssl.ca.location", "probe"))
    place: dict[str, Any] = {} if trusted == "probe" else {"capath" if Path(trusted).is_dir() else "cafile": trusted}
    try:
        context = ssl.create_default_context(**place, cadata=kafka.get("ssl.ca.pem"))
        if certificate := kafka.get("ssl.certificate.location"):
            context.load_cert_chain(certificate, kafka.get("ssl.key.location"), kafka.get("ssl.key.password"))
    except (OSError, ValueError) as error:
        said = f"{', '.join(name for name in (*_FILES, 'ssl.ca.pem') if name in kafka)}: {error}"
        raise DompetError(f"the certificates cannot be read ({said})") from None
    if str(kafka.get("ssl.endpoint.identification.algorithm", "https")).lower() == "none":
        context.check_hostname = False
    if str(kafka.get("enable.ssl.certificate.verification", True)).lower() in _OFF:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context
