"""The domain, one event at a time: the reference every faster implementation is compared with.

Written from the specification alone, to be read beside it: one function per event type, one line per check, in the
order of the specification's table. It knows nothing of the packages under test.
"""

from tests.model.contracts import EVENT_TYPES
from tests.model.model import Model
from tests.model.rules import RULES_FILE, Rulebook, Rules
from tests.model.state import Effects, Order, Result, Wallet

__all__ = ["EVENT_TYPES", "RULES_FILE", "Effects", "Model", "Order", "Result", "Rulebook", "Rules", "Wallet"]
