"""Where answers read a view: of its tables only the rows that are wanted, once it is known how many partitions the log
has. So pages ask; the view alone says the same, and takes longer.
"""

from typing import Final

from dompet.schemas.murmur2 import partition_of
from dompet.streams.answers.filters import Filters
from dompet.streams.warehouse.base import bound
from dompet.streams.warehouse.narrowed import narrowed

_PERSON: Final = "beneficiary_id = %(person)s"
_PLATFORM: Final = "platform_id = %(platform)s"


def partition_of_person(filters: Filters) -> int | None:
    """Where the log keeps the person, if it is known how many partitions there are."""
    person, count = filters.person or "", filters.partitions
    return partition_of(person.encode("utf-8", "surrogatepass"), count) if count else None


def of_person(view: str, filters: Filters, *keyed: str) -> str:
    """A view of the journal, of one person; `keyed` are tables beside it whose keys begin with the person."""
    partition = partition_of_person(filters)
    if filters.person is None or partition is None:
        return view
    person = bound(_PERSON, {"person": filters.person})
    conditions = {**dict.fromkeys(keyed, person), "journal_rows": f"partition = {partition} AND {person}"}
    return narrowed(view, conditions)


def orders_of(view: str, filters: Filters) -> str:
    """A view of orders, their owners and their events: of one person, or of one platform."""
    if filters.person is not None:
        return of_person(view, filters, "order_rows", "wallet_rows")
    return sold_by(view, filters, "journal_rows")


def sold_by(view: str, filters: Filters, *beside: str) -> str:
    """A view of orders, of one platform; `beside` are tables of which only its rows are wanted, too."""
    if filters.platform is None or not filters.partitions:
        return view
    platform = bound(_PLATFORM, {"platform": filters.platform})
    return narrowed(view, dict.fromkeys(("order_rows", *beside), platform))


def sent_by(view: str, filters: Filters, where: str) -> str:
    """A view of the journal, under a condition on its records, of which none ever changes."""
    return narrowed(view, {"journal_rows": where}) if where != "1" and filters.partitions else view
