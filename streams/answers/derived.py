"""Which answers are added up from which cube, and how: the sums are those of the answers' own queries."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dompet.streams.answers.all_cubes import (
    CLAWBACKS,
    JUDGED,
    MONTHS,
    OUTCOMES,
    REASONS,
    SETTLED,
    STEPS,
    WALLETS,
    WAVES_OWED,
)
from dompet.streams.answers.cubes import Cube, only, summed, sums_of
from dompet.streams.answers.filters import AGES, Filters
from dompet.streams.answers.late import LATES, lateness_rows
from dompet.streams.answers.progress import AGE_DAYS, DAY_US, end_of_today_us

_JAKARTA_US: Final = 25_200_000_000


@dataclass(frozen=True)
class Derived:
    """How a question is answered from a cube, under the filters whose fields are `knows`."""

    cube: Cube
    knows: frozenset[str]
    rows: Callable[[pa.Table, Filters], pa.Table]
    whole_days: bool = False
    """Whether it knows of a period's days alone, and not of moments within them."""

    def fits(self, filters: Filters) -> bool:
        """Whether the cube knows all that is filtered by."""
        return all(value is None or name in self.knows for name, value in vars(filters).items()) and (
            not self.whole_days or _of_whole_days(filters)
        )


def _derived(
    cube: Cube, knows: str, rows: Callable[[pa.Table, Filters], pa.Table], *, whole_days: bool = False
) -> Derived:
    return Derived(cube, frozenset(knows.split()) | {"partitions"}, rows, whole_days)


def _of_whole_days(filters: Filters) -> bool:
    """Whether the period begins as a day begins in Asia/Jakarta, and ends as one ends."""
    begin, end = filters.begin_us or -_JAKARTA_US, -1 - _JAKARTA_US if filters.end_us is None else filters.end_us
    return (begin + _JAKARTA_US) % DAY_US == 0 and (end + 1 + _JAKARTA_US) % DAY_US == 0


def _of_wave(table: pa.Table, filters: Filters) -> pa.Table:
    return only(table, wave=filters.wave, decree=filters.decree)


def _totals(table: pa.Table, filters: Filters) -> pa.Table:
    return summed(_of_wave(table, filters), (), WALLETS.combined)


def _waves(table: pa.Table, filters: Filters) -> pa.Table:
    found = summed(_of_wave(table, filters), ("wave", "decree"), WALLETS.combined)
    return found.rename_columns(["wallets" if name == "people" else name for name in found.column_names])


def _waves_owed(table: pa.Table, filters: Filters) -> pa.Table:
    return summed(_of_wave(table, filters), ("wave", "decree"), WAVES_OWED.combined)


def _statuses(table: pa.Table, filters: Filters) -> pa.Table:
    return summed(_of_wave(table, filters), ("status",), WALLETS.combined)


def _months(table: pa.Table, filters: Filters) -> pa.Table:
    found = only(_of_wave(table, filters), platform_id=filters.platform, institution_id=filters.institution)
    return summed(found, ("day",), MONTHS.combined)


def _funnel(table: pa.Table, filters: Filters) -> pa.Table:
    key = {"wave": "wave"}.get(filters.by or "", f"{filters.by or 'platform'}_id")
    of = only(_sold_by(table, filters), course_id=filters.course, wave=filters.wave)
    found = summed(of, (key,), STEPS.combined)
    return found.rename_columns(["subject", *found.column_names[1:]]).set_column(
        0, "subject", found[key].cast(pa.string())
    )


def _sold_by(table: pa.Table, filters: Filters) -> pa.Table:
    return only(table, platform_id=filters.platform, institution_id=filters.institution)


def _settled(key: str) -> Callable[[pa.Table, Filters], pa.Table]:
    def rows(table: pa.Table, filters: Filters) -> pa.Table:
        found = _between(_sold_by(table, filters), filters)
        if key == "day" and filters.grain == "month":
            month = pc.floor_temporal(found["day"], unit="month").cast(pa.date32())
            found = found.set_column(0, "day", month)
        return summed(found, (key,), SETTLED.combined)

    return rows


def _between(table: pa.Table, filters: Filters) -> pa.Table:
    """The days that a period begins and ends with, and those between."""
    for bound_us, holds in ((filters.begin_us, pc.greater_equal), (filters.end_us, pc.less_equal)):
        if bound_us is not None:
            day = (bound_us + _JAKARTA_US) // DAY_US % (1 << 16)
            table = table.filter(holds(table["day"].cast(pa.int32()), pa.scalar(day, pa.int32())))
    return table


def _sent(table: pa.Table, filters: Filters) -> pa.Table:
    of = _between(table, filters)
    return only(of, publisher_id=filters.publisher, platform_id=filters.platform, type=filters.type)


def _outcomes(table: pa.Table, filters: Filters) -> pa.Table:
    return summed(_sent(table, filters), ("publisher_id",), OUTCOMES.combined)


def _reasons(table: pa.Table, filters: Filters) -> pa.Table:
    return summed(only(_sent(table, filters), reason=filters.reason), ("reason",), REASONS.combined)


def _ages(table: pa.Table, filters: Filters) -> pa.Table:
    found = summed(_of_wave(table, filters), ("beneficiary_id", "clawback_id"), CLAWBACKS.combined)
    found = found.filter(pc.greater(found["ordered"], found["repaid"]))
    days = pc.divide(pc.subtract(end_of_today_us(), found["ordered_us"]), DAY_US).to_numpy()
    ages = pa.array(AGES).take(pa.array(np.searchsorted(AGE_DAYS, days, side="right")))
    ones = pa.array(np.ones(len(days), np.int64))
    found = pa.table({"age": ages, "clawbacks": ones, "ordered": found["ordered"], "repaid": found["repaid"]})
    found = summed(found, ("age",), sums_of("clawbacks", "ordered", "repaid"))
    return found.append_column("outstanding", pc.subtract(found["ordered"], found["repaid"]))


def _judgements(table: pa.Table, filters: Filters) -> pa.Table:
    return summed(_sold_by(table, filters), ("judgement",), JUDGED.combined)


def _owners(table: pa.Table, filters: Filters) -> pa.Table:
    own = only(table, judgement="same_owner", platform_id=filters.platform)
    return summed(own, ("platform_id", "institution_id"), JUDGED.combined)


_WAVE: Final = "wave decree"
_PARTY: Final = "platform institution begin_us end_us"
_SENT_BY: Final = "publisher platform type begin_us end_us"
DERIVED: Final[Mapping[str, Derived]] = {
    "programme": _derived(WALLETS, _WAVE, _totals),
    "waves": _derived(WALLETS, _WAVE, _waves),
    "incentives-by-wave": _derived(WAVES_OWED, _WAVE, _waves_owed),
    "statuses": _derived(WALLETS, _WAVE, _statuses),
    "clawback-ages": _derived(CLAWBACKS, _WAVE, _ages),
    "days": _derived(MONTHS, f"{_WAVE} platform institution grain", _months),
    "funnel": _derived(STEPS, "by platform institution course wave", _funnel),
    "platforms": _derived(SETTLED, _PARTY, _settled("platform_id")),
    "institutions": _derived(SETTLED, _PARTY, _settled("institution_id")),
    "settlement": _derived(SETTLED, f"{_PARTY} grain", _settled("day")),
    "judgements": _derived(JUDGED, "platform institution", _judgements),
    "owners": _derived(JUDGED, "platform", _owners),
    "lateness": _derived(LATES, "publisher", lateness_rows),
    "outcomes": _derived(OUTCOMES, _SENT_BY, _outcomes, whole_days=True),
    "rejection-reasons": _derived(REASONS, f"{_SENT_BY} reason", _reasons, whole_days=True),
}
"""By the question's name."""


def derived_of(name: str, filters: Filters) -> Derived | None:
    """How a question is answered from a cube under these filters, if it is."""
    found = DERIVED.get(name)
    fits = found is not None and found.fits(filters)
    if name == "days":
        fits = fits and filters.grain == "month"
    if name == "funnel":
        fits = fits and filters.by != "category"
    return found if fits else None
