"""What can go wrong with what dompet stands on."""

from dompet.schemas.errors import DompetError


class BrokerError(DompetError):
    """The local Kafka cannot be fetched, started or reached."""


class EngineError(DompetError):
    """The engine of the embedded warehouse cannot be started."""
