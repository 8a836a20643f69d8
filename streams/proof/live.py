"""What the workers of this machine hold in memory, for comparison: each answers on loopback with sums of its state."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from dompet.projections.columns import Kind
from dompet.projections.laws import Laws
from dompet.projections.state import State
from dompet.schemas.errors import DompetError
from dompet.streams.proof.fingerprint import ORDERS, WALLETS, Fingerprint, Sums
from dompet.streams.proof.state_rows import order_table, reference_table, wallet_table
from dompet.streams.warehouse.holder import HOLDER, ask

if TYPE_CHECKING:
    from dompet.streams.settings import Settings

_REFERENCES: Final = {
    "beneficiary_id": Kind.STRING,
    "partition": Kind.INT32,
    "kind": Kind.INT64,
    "id": Kind.STRING,
    "amount": Kind.INT64,
    "repaid": Kind.INT64,
    "stage": Kind.INT64,
}
_PART: Final = 500_000
_PARTS_OF_STATE: Final = ("wallets", "orders", "references")


@dataclass(frozen=True)
class LiveState:
    """A worker's state of one partition after it folded all below `next_offset`: by part of the state its rows, and
    the sum of their fingerprints.
    """

    next_offset: int
    sums: Mapping[str, tuple[int, int]]


def live_states(state: State, laws: Laws, positions: Mapping[int, int], seed: int) -> dict[int, LiveState]:
    """The state that a fold holds, by partition."""
    sums = {part: Sums({}) for part in _PARTS_OF_STATE}
    for part, columns, tables in (
        ("wallets", _without_version(WALLETS.columns), _tables(state.wallets.count, state, laws)),
        ("orders", _without_version(ORDERS.columns), _tables(state.orders.count, state, None)),
        ("references", _REFERENCES, iter([reference_table(state)])),
    ):
        printed = Fingerprint(columns, seed)
        for table in tables:
            partition = table["partition"].to_numpy()
            sums[part].add(partition, np.zeros_like(partition), printed.of(table))
    return {
        partition: LiveState(next_offset, {part: sums[part].found.get((partition, 0), (0, 0)) for part in sums})
        for partition, next_offset in positions.items()
    }


def _tables(count: int, state: State, laws: Laws | None) -> Iterator[pa.Table]:
    """All wallets, or without laws all orders, some at a time."""
    for begin in range(1, count + 1, _PART):
        rows = np.arange(begin, min(begin + _PART, count + 1))
        yield wallet_table(state, laws, rows) if laws else order_table(state, rows)


def _without_version(columns: Mapping[str, Kind]) -> dict[str, Kind]:
    return {name: kind for name, kind in columns.items() if name != "version"}


def as_json(states: Mapping[int, LiveState], place: Mapping[str, str]) -> bytes:
    """What a worker answers; `place` says which log and warehouse it is about."""
    partitions = {
        str(partition): {"next_offset": one.next_offset, **{part: list(pair) for part, pair in one.sums.items()}}
        for partition, one in states.items()
    }
    return json.dumps({**place, "partitions": partitions}).encode()


def place_of(settings: "Settings") -> dict[str, str]:
    """Which log and warehouse the settings name."""
    return {"topic": settings.log_topic, "warehouse": settings.warehouse_shown}


@contextmanager
def announced(settings: "Settings", token: str) -> Iterator[None]:
    """Say, in the settings' home, where this worker answers, for as long as the block runs."""
    folder = _workers(settings.home) / str(os.getpid())
    folder.mkdir(parents=True, exist_ok=True)
    holder = {"pid": os.getpid(), "url": f"http://127.0.0.1:{settings.web_port}", "token": token}
    file = os.open(folder / HOLDER, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with open(file, "w", encoding="utf-8") as written:  # noqa: PTH123  (by its descriptor)
            json.dump(holder, written)
        yield
    finally:
        (folder / HOLDER).unlink(missing_ok=True)
        with suppress(OSError):
            folder.rmdir()


def ask_workers(settings: "Settings", seed: int) -> tuple[dict[int, LiveState], list[str]]:
    """What the workers of the settings' home hold of the settings' log; and of those that do not answer, why."""
    states: dict[int, LiveState] = {}
    silent = []
    for folder in running_workers(settings.home):
        try:
            answer = json.loads(ask(folder, "/state", {"seed": seed}))
        except DompetError as error:
            silent.append(f"worker {folder.name} does not report its state: {error}")
            continue
        if {name: answer[name] for name in ("topic", "warehouse")} == place_of(settings):
            for partition, found in answer["partitions"].items():
                sums = {part: (found[part][0], found[part][1]) for part in _PARTS_OF_STATE}
                states[int(partition)] = LiveState(found["next_offset"], sums)
    return states, silent


def running_workers(home: Path) -> list[Path]:
    """The folders in which workers of a home that run say where they answer."""
    return [folder for folder in sorted(_workers(home).glob("[0-9]*")) if _runs(int(folder.name))]


def _workers(home: Path) -> Path:
    return home / "workers"


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def seed_of(content: Any) -> int | None:
    """The seed in what a worker was asked; None where there is none."""
    match content:
        case {"seed": int(seed)} if 0 <= seed < 1 << 64:
            return seed
    return None
