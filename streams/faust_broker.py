"""librdkafka's security settings as Faust's own Kafka client (aiokafka) takes them."""

import ssl
from collections.abc import Mapping
from typing import Any

import faust

from dompet.schemas.errors import DompetError


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
    context = ssl.create_default_context(cafile=kafka.get("ssl.ca.location"))
    if certificate := kafka.get("ssl.certificate.location"):
        context.load_cert_chain(certificate, kafka.get("ssl.key.location"), kafka.get("ssl.key.password"))
    if str(kafka.get("ssl.endpoint.identification.algorithm", "https")).lower() == "none":
        context.check_hostname = False
    return context
