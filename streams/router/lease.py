"""How long a router may have records on their way after the group last said that they are its own."""

from typing import Final

from dompet.streams.process.deadline import Deadline

MARGIN_S: Final = 2.0
"""How long a broker that answers may still hold what a connection that is gone had sent, and clocks may differ."""


class Lease:
    """Begins with each commit that the group takes, from before it was sent. For one thread.

    In its first eighth records may be begun to be handed over, by its first quarter all of them are, each has its
    report within half a lease from then on, and at its end the kernel kills a process that still has some on their way.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._began = float("-inf")
        self._deadline = Deadline()

    @staticmethod
    def now() -> float:
        """What to begin with."""
        return Deadline.now()

    def begin(self, at: float) -> None:
        """The group took a commit that was sent after this time."""
        self._began = at

    def end(self) -> None:
        """The group's word does not count any more."""
        self._began = float("-inf")

    @property
    def is_fresh(self) -> bool:
        """Whether records may be begun to be handed over."""
        return Deadline.now() < self._began + self._seconds / 8

    @property
    def takes_more(self) -> bool:
        """Whether more of them may be handed over."""
        return Deadline.now() < self._began + self._seconds / 4

    @property
    def report_limit_ms(self) -> int:
        """Within what time a record has its report."""
        return int(self._seconds * 500)

    @property
    def wait_s(self) -> float:
        """After so long nothing of another router's is on its way any more."""
        return self._seconds + MARGIN_S

    def arm(self) -> None:
        """Records are about to be on their way: the process ends with the lease."""
        self._deadline.set(self._began + self._seconds)

    def lift(self) -> None:
        """None is on its way."""
        self._deadline.lift()
