"""The gateway of the gateway's own tests."""

from tests.streams.gateway.conftest import gateway, toko

__all__ = ["gateway", "toko"]
