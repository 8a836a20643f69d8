"""The platforms' shares of the demonstration's market."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class MarketShare:
    """A platform's share of all purchases, and the commission it usually keeps, in hundredths of a percent."""

    platform_id: str
    share: float
    commission_bp: int


MARKET: Final = (
    MarketShare("tokopedia", 0.27, 1000),
    MarketShare("bukalapak", 0.19, 1000),
    MarketShare("ruangguru", 0.14, 1400),
    MarketShare("maubelajarapa", 0.12, 1200),
    MarketShare("pintaria", 0.11, 1500),
    MarketShare("sekolahmu", 0.09, 1300),
    MarketShare("pijarmahir", 0.05, 900),
    MarketShare("kemnaker", 0.03, 0),
)
