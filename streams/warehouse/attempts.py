"""Statements that another process can get in the way of: two that start at the same time make the same tables."""

import logging
import random
import time
from collections.abc import Callable
from typing import Final, TypeVar

from dompet.streams.process.patience import Unavailable
from dompet.streams.warehouse.base import WarehouseError

log = logging.getLogger("dompet.warehouse")

_TRIES: Final = 6
_PAUSE_S: Final = 0.5

Result = TypeVar("Result")


def attempted(work: Callable[[], Result], again: str) -> Result:
    """What `work` gives, which is done again, from its start, where the warehouse refuses: at most six times in all.

    Between them it waits about half a second, then twice as long, three times, and so on: so one of several gets ahead.
    `again` ends the line of the log. WarehouseError where the last one fails, Unavailable at once.
    """
    for number in range(1, _TRIES):
        try:
            return work()
        except Unavailable:
            raise
        except WarehouseError as error:
            log.info("%s; %s", error, again)
            time.sleep(random.uniform(0.5, 1.5) * _PAUSE_S * number)
    return work()
