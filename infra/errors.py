"""What can go wrong with the servers and files that dompet runs on."""

from dompet.schemas.errors import DompetError


class BrokerError(DompetError):
    """The local Kafka cannot be fetched, started or reached."""


class EngineError(DompetError):
    """The engine of the embedded warehouse cannot be started."""
