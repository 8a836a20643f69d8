"""Publishing events to the log."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dompet.streams.publish.publisher import BrokerUnreachable, DeliveryError, DeliveryFailed, Origin, Publisher

__all__ = ["BrokerUnreachable", "DeliveryError", "DeliveryFailed", "Origin", "Publisher"]


def __getattr__(name: str) -> Any:
    """What `publisher` holds, loaded when it is first asked for: the deadlines beside it need no Kafka client."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from dompet.streams.publish import publisher

    return getattr(publisher, name)
