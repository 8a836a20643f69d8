"""Hypothesis strategies: any event that its contract and the limits allow."""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from dompet.schemas.contracts import Contract, Field, Kind, events_by_name
from dompet.schemas.limits import FREE_TEXT, TIME_US_END, TIME_US_MIN, string_fault


def int64s() -> st.SearchStrategy[int]:
    return st.integers(-(2**63), 2**63 - 1)


def strings(field: str) -> st.SearchStrategy[str]:
    longest = 512 if field in FREE_TEXT else 64
    edges = st.sampled_from(["x" * longest, "é" * (longest // 2), "x"])
    fits: Callable[[str], bool] = lambda text: string_fault(field, text, len(text.encode())) is None  # noqa: E731
    return st.one_of(edges, st.text(max_size=longest)).filter(fits)


def values(field: Field) -> st.SearchStrategy[Any]:
    match field.kind:
        case Kind.STRING:
            return strings(field.name)
        case Kind.LONG:
            return int64s()
        case Kind.TIME:
            return st.integers(TIME_US_MIN, TIME_US_END - 1)
        case Kind.BOOLEAN:
            return st.booleans()
        case Kind.NULLABLE_LONG:
            return st.none() | int64s()


def fields_of(contract: Contract) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({field.name: values(field) for field in contract.fields})


def typed_fields() -> st.SearchStrategy[tuple[str, dict[str, Any]]]:
    """A type's name and its fields, times as integer microseconds."""
    return st.one_of([st.tuples(st.just(name), fields_of(contract)) for name, contract in events_by_name().items()])
