"""Figures as people read them: counts, rupiah, speeds, and the clocks behind them."""

import time


class Stopwatch:
    """How long something takes, from its making on."""

    def __init__(self) -> None:
        self._began = time.perf_counter()

    @property
    def seconds(self) -> float:
        """The time since then."""
        return time.perf_counter() - self._began


class Meter:
    """How fast a number grows, between its first reading and its last change."""

    def __init__(self) -> None:
        self._clock = Stopwatch()
        self._first: tuple[int, float] | None = None
        self._last = (0, 0.0)

    def read(self, number: int) -> None:
        """The number now."""
        reading = (number, self._clock.seconds)
        self._first = self._first or reading
        if number != self._last[0]:
            self._last = reading

    @property
    def number(self) -> int:
        """The last number read."""
        return self._last[0]

    @property
    def per_second(self) -> int:
        """By how much it grew a second; 0 where one reading saw it all."""
        number, seconds = (last - first for last, first in zip(self._last, self._first or self._last, strict=True))
        return per_second(int(number), seconds) if number else 0

    def __str__(self) -> str:
        return f": {count(self.per_second)} a second" if self.per_second else ""


def rupiah(amount: int) -> str:
    """An amount as Indonesia writes it.

    >>> rupiah(1234567), rupiah(-5000)
    ('Rp 1.234.567', '-Rp 5.000')
    """
    return f"{'-' * (amount < 0)}Rp {digits(abs(amount))}"


def digits(amount: int) -> str:
    """The same where a heading says that it is rupiah: 1.234.567."""
    return f"{amount:,}".replace(",", ".")


def count(number: int) -> str:
    """A number of things: 1,234,567."""
    return f"{number:,}"


def plural(number: int, noun: str, nouns: str = "") -> str:
    """A number of things with their name: 1 event, 1,234 events, 2 people."""
    return f"{count(number)} {noun if number == 1 else nouns or noun + 's'}"


def per_second(number: int, seconds: float) -> int:
    """How many a second, for so many in so many seconds; 0 where it took no time."""
    return round(number / seconds) if seconds > 0 else 0


def speed(number: int, seconds: float) -> str:
    """So many things in so many seconds, and how many that is a second."""
    rate = per_second(number, seconds)
    return f"in {seconds:.1f} s{f': {count(rate)} a second' if rate else ''}"
