"""Who may do what on a local Kafka that is closed: its users, their passwords, and what of it goes into its settings.

Passwords are 256 random bits, in files of the home that only their owner can read. Clients reach the broker by SCRAM;
the broker's own connections, and the one by which its users are made, go by a listener of their own.
"""

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from confluent_kafka import KafkaException
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # its stubs re-export only some of these
    AdminClient,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from dompet.infra.errors import BrokerError
from dompet.infra.ports import HOST

USER: Final = "dompet"
"""Whom dompet's own processes are to the broker."""
_BROKER: Final = "dompet-broker"
_SECRETS: Final = "kafka.secrets.json"
_CLIENT: Final = "kafka-client.properties"
_PASSWORD_BYTES: Final = 32
_ITERATIONS: Final = 4_096
_LIMIT_S: Final = 30.0
_PLAIN: Final = "org.apache.kafka.common.security.plain.PlainLoginModule"
_SCRAM: Final = "org.apache.kafka.common.security.scram.ScramLoginModule"


@dataclass(frozen=True)
class KafkaUsers:
    """The passwords of a home's closed Kafka: the broker's own, and dompet's."""

    home: Path
    broker: str
    own: str

    @classmethod
    def of(cls, home: Path, *, make: bool) -> Self | None:
        """Those of a home that has some; `make`: made where there are none."""
        path = home / _SECRETS
        if not path.exists():
            if not make:
                return None
            found = {name: secrets.token_urlsafe(_PASSWORD_BYTES) for name in ("broker", "own")}
            write_for_owner(path, json.dumps(found))
        try:
            found = json.loads(path.read_text())
            return cls(home, str(found["broker"]), str(found["own"]))
        except (ValueError, KeyError, TypeError):
            raise BrokerError(f"{path} does not hold the passwords of the local Kafka") from None

    def properties(self, port: int, inner_port: int, controller_port: int) -> list[str]:
        """The broker's settings."""
        plain = f'{_PLAIN} required username="{_BROKER}" password="{self.broker}" user_{_BROKER}="{self.broker}";'
        listeners = {"CLIENTS": port, "BROKER": inner_port, "CONTROLLER": controller_port}
        return [
            "listeners=" + ",".join(f"{name}://{HOST}:{at}" for name, at in listeners.items()),
            f"advertised.listeners=CLIENTS://{HOST}:{port},BROKER://{HOST}:{inner_port}",
            "listener.security.protocol.map=" + ",".join(f"{name}:SASL_PLAINTEXT" for name in listeners),
            "inter.broker.listener.name=BROKER",
            "sasl.enabled.mechanisms=SCRAM-SHA-512",
            "sasl.mechanism.inter.broker.protocol=PLAIN",
            "sasl.mechanism.controller.protocol=PLAIN",
            "listener.name.clients.sasl.enabled.mechanisms=SCRAM-SHA-512",
            f"listener.name.clients.scram-sha-512.sasl.jaas.config={_SCRAM} required;",
            *(
                line
                for name in ("broker", "controller")
                for line in (
                    f"listener.name.{name}.sasl.enabled.mechanisms=PLAIN",
                    f"listener.name.{name}.plain.sasl.jaas.config={plain}",
                )
            ),
            "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            f"super.users=User:{_BROKER};User:{USER}",
            "allow.everyone.if.no.acl.found=false",
        ]

    def inner(self, inner_port: int) -> dict[str, Any]:
        """librdkafka's settings of a client that is the broker's own user."""
        return {
            "bootstrap.servers": f"{HOST}:{inner_port}",
            "security.protocol": "SASL_PLAINTEXT",
            "sasl.mechanism": "PLAIN",
            "sasl.username": _BROKER,
            "sasl.password": self.broker,
            "log_level": 0,
        }

    def make_own(self, inner_port: int) -> None:
        """Have the broker know dompet's user, and say in the home how its clients reach it. BrokerError where the
        broker does not take it.
        """
        info = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, _ITERATIONS)
        change = UserScramCredentialUpsertion(USER, info, self.own.encode())
        admin = AdminClient(self.inner(inner_port))
        try:
            for answer in admin.alter_user_scram_credentials([change], request_timeout=_LIMIT_S).values():
                answer.result()
        except KafkaException as error:
            raise BrokerError(f"Kafka did not take the user {USER}: {error.args[0].str()}") from None

    def write_client(self, port: int) -> None:
        """Say in the home how dompet's clients, and Kafka's own tools (--command-config), reach the broker."""
        jaas = f'{_SCRAM} required username="{USER}" password="{self.own}";'
        lines = [
            f"bootstrap.servers={HOST}:{port}",
            "security.protocol=SASL_PLAINTEXT",
            "sasl.mechanism=SCRAM-SHA-512",
            f"sasl.jaas.config={jaas}",
            f"sasl.username={USER}",
            f"sasl.password={self.own}",
        ]
        write_for_owner(self.home / _CLIENT, "\n".join([*lines, ""]))


def write_for_owner(path: Path, text: str) -> None:
    """Write a whole file that only its owner can read, or leave what was there."""
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    part.replace(path)
