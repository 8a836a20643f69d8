"""The world of one seed: a scheduler that chooses every next step, faults among them, and then lets all heal."""

import logging
from random import Random
from typing import Final

from tests.simulation.bugs import Sound
from tests.simulation.checking import Checker, Violation
from tests.simulation.histories import HISTORIES, PARTITIONS, history
from tests.simulation.storage import Insert, Storage
from tests.simulation.worker import Worker

WORKERS: Final = 3
_STEPS: Final = (40, 110)
_SIZES: Final = (2, 5, 12)
_HEALING_SIZES: Final = (12, 50)
_HEALING_STEPS: Final = 2_000
_LOSABLE: Final = ("journal_rows", "wallet_rows", "order_rows", "checkpoint_rows")
"""What a power cut may take. Dead letters that it takes from their table are still on their topic and on the log."""
_BESIDE: Final = ("wallet_rows", "order_rows")
"""What it may take of a warehouse whose workers live on."""


class World:
    """Everything that one seed decides. `faults` counts what happened, by name."""

    def __init__(self, seed: int, bugs: Sound | None = None) -> None:
        self._rng = Random(seed)
        self._history = history(seed % HISTORIES)
        self._bugs = bugs or Sound()
        self._storage = Storage()
        self._checker = Checker(self._history)
        self._workers: list[Worker | None] = [None] * WORKERS
        self._late: list[Insert] = []
        self.faults: dict[str, int] = {}
        self.steps = 0

    def run(self) -> None:
        """Live through faults, heal, and check. Raises Violation, or what the product raises."""
        calm = self._rng.random() < 0.3
        for _ in range(self._rng.randint(*_STEPS)):
            self._step(calm=calm)
        self._heal(restart=self._rng.random() < 0.5)
        self._checker.finish(self._storage)

    def _step(self, *, calm: bool) -> None:
        self.steps += 1
        if self._rng.random() < (0.04 if calm else 0.15):
            self._fault()
            return
        worker = self._rng.choice(self._workers)
        if worker is None:
            if not any(self._workers) or self._rng.random() < 0.1:
                self._rebalance()
            return
        self._work(worker, faulty=not calm)

    def _work(self, worker: Worker, *, faulty: bool, sizes: tuple[int, ...] = _SIZES) -> None:
        """The next thing that this worker does; it may read beyond what it has stored."""
        if worker.next_insert is not None and self._rng.random() < 0.8:
            self._insert(worker, faulty=faulty)
        elif worker.pending is not None:
            worker.assign(self._history)
        elif self._rng.random() < 0.5:
            worker.read(self._history, self._rng.choice(sizes))
        else:
            worker.project()

    def _insert(self, worker: Worker, *, faulty: bool) -> None:
        insert = worker.next_insert
        if insert is None:
            return
        fate = self._rng.random() if faulty else 1.0
        if fate < 0.08:
            self._count("timed out, happened")
            self._apply(insert)
            worker.timed_out(happened=True)
        elif fate < 0.14:
            self._count("timed out, did not happen")
            worker.timed_out(happened=False)
        elif fate < 0.20:
            self._count("timed out, happened late")
            self._late.append(insert)
            worker.timed_out(happened=False)
        else:
            self._apply(insert)
            worker.done()

    def _fault(self) -> None:
        match self._rng.choice(("crash", "rebalance", "rebalance", "late", "late", "again", "again", "power")):
            case "crash":
                self._count("crash")
                self._workers[self._rng.randrange(WORKERS)] = None
            case "rebalance":
                self._count("rebalance")
                self._rebalance()
            case "late" if self._late:
                self._count("late insert")
                self._apply(self._late.pop(self._rng.randrange(len(self._late))))
            case "again" if self._storage.inserts:
                self._count("insert done again")
                self._apply(self._rng.choice(self._storage.inserts))
            case "power" if self._rng.random() < 0.3:
                self._count("power cut")
                self._workers = [None] * WORKERS
                self._late = []
                self._storage.lose(self._rng.sample(_LOSABLE, self._rng.randint(1, len(_LOSABLE))), self._rng)
            case "power" if self._rng.random() < 0.4:  # what is lost is looked for at the next assignment
                self._count("power cut of the warehouse alone")
                self._late = []
                self._storage.lose(self._rng.sample(_BESIDE, self._rng.randint(1, len(_BESIDE))), self._rng)
                self._rebalance()

    def _rebalance(self) -> None:
        """Share the partitions out among some workers; one that is left out does not know yet and goes on."""
        some = self._rng.sample(range(WORKERS), self._rng.randint(1, WORKERS))
        shares: dict[int, list[int]] = {one: [] for one in some}
        for partition in range(PARTITIONS):
            shares[self._rng.choice(some)].append(partition)
        for one, partitions in shares.items():
            worker = self._workers[one] or Worker(self._storage, self._bugs)
            worker.revoke(partitions)
            self._workers[one] = worker

    def _heal(self, *, restart: bool) -> None:
        """Faults end. The workers live on with the partitions shared out once more, or are all started again."""
        while self._late:
            self._apply(self._late.pop())
        if restart:
            self._workers = [None] * WORKERS
        else:
            self._finish_inserts()
        owned = [partition for worker in self._workers if worker for partition in worker.positions]
        pending = any(worker and worker.pending is not None for worker in self._workers)
        if pending or sorted(owned) != list(range(PARTITIONS)):
            self._rebalance()
        steps = 0
        while not all(worker is None or worker.idle(self._history) for worker in self._workers):
            for worker in self._workers:
                if worker is not None:
                    self._work(worker, faulty=False, sizes=_HEALING_SIZES)
            steps += 1
            if steps > _HEALING_STEPS:
                raise Violation("the log's end was not reached after the faults had ended")

    def _finish_inserts(self) -> None:
        """What is in flight arrives before the group settles: a worker that was left out may then be forgotten."""
        for worker in self._workers:
            while worker is not None and worker.next_insert is not None:
                self._insert(worker, faulty=False)

    def _apply(self, insert: Insert) -> None:
        self._checker.see(insert)
        self._storage.apply(insert)

    def _count(self, fault: str) -> None:
        self.faults[fault] = self.faults.get(fault, 0) + 1


def run_counted(seed: int, bugs: Sound | None = None) -> tuple[str, dict[str, int], int]:
    """What one seed finds, as a sentence, empty where everything holds; its faults by name; and its steps."""
    world = World(seed, bugs)
    try:
        world.run()
    except Exception as error:  # noqa: BLE001  (whatever the product raises is a finding)
        return f"seed {seed}, step {world.steps}: {type(error).__name__}: {error}", world.faults, world.steps
    return "", world.faults, world.steps


def run_seed(seed: int, bugs: Sound | None = None) -> str:
    """What one seed finds."""
    return run_counted(seed, bugs)[0]


def quiet() -> None:
    """That rows were lost, and are filled again, is what is simulated here."""
    logging.disable(logging.WARNING)
