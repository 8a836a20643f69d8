"""What the workers of this machine say of their health, for who shows it: they answer on loopback."""

import json
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any, Final

from dompet.streams.metrics.declaration import STEPS
from dompet.streams.proof.live import running_workers
from dompet.streams.warehouse.holder import holder_of

if TYPE_CHECKING:
    from dompet.streams.settings import Settings

_ANSWER_LIMIT_S: Final = 1.0


def worker_healths(settings: "Settings") -> list[dict[str, Any]]:
    """What /health says of each worker of the settings' home that folds the settings' log; those that do not answer at
    once are left out.
    """
    holders = filter(None, (holder_of(folder) for folder in running_workers(settings.home)))
    found = filter(None, (_health(f"{one.url}/health") for one in holders))
    return [health for health in found if health.get("topic") == settings.log_topic]


def mean_ms(healths: list[dict[str, Any]]) -> dict[str, int]:
    """By step, how many milliseconds a batch took these workers on average; nothing where they had no batch."""
    batches = sum(one["batches"] for one in healths)
    sums = {step: sum(one["batch_seconds"].get(step, 0.0) for one in healths) for step in STEPS}
    return {step: round(1000 * seconds / batches) for step, seconds in sums.items()} if batches else {}


def _health(url: str) -> dict[str, Any] | None:
    try:
        with urllib.request.urlopen(url, timeout=_ANSWER_LIMIT_S) as response:  # noqa: S310  (a worker's own, on loopback)
            content = response.read()
    except urllib.error.HTTPError as error:  # it is not well, and says so in the same form
        with error:
            content = error.read()
    except OSError:
        return None
    try:
        found = json.loads(content)
    except ValueError:
        return None
    return found if isinstance(found, dict) and {"batches", "batch_seconds"} <= found.keys() else None
