"""Wallets and orders of one partition, as they are stored, against the model's."""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any, Final

from tests.faults.engine import AnyClient
from tests.faults.found import Findings
from tests.model import Model, Order, Wallet
from tests.support.folding import bits

STATE: Final = "state differs"
"""A wallet or an order that is not the model's."""

Key = tuple[str, ...]
State = dict[str, Any]

_KEYS: Final = {"wallet_rows": ("beneficiary_id",), "order_rows": ("beneficiary_id", "platform_id", "order_id")}
_CLASSES: Final = {"wallet_rows": Wallet, "order_rows": Order}
_TIMES: Final = ("first_purchase_due", "spend_by")


def compare_states(client: AnyClient, partition: int, model: Model) -> Findings:
    """Every wallet and every order, field by field."""
    findings = Findings()
    modelled: dict[str, Mapping[Any, Any]] = {"wallet_rows": model.wallets, "order_rows": model.orders}
    for table, states in modelled.items():
        differences(findings, table, dict(_expected(states)), _stored(client, table, partition))
    return findings


def differences(
    findings: Findings, table: str, expected: Mapping[Key, State], stored: Iterator[tuple[Key, State]]
) -> None:
    """Add what is stored and not expected, expected and not stored, or another than expected."""
    left = dict(expected)
    for key, state in stored:
        wanted = left.pop(key, None)
        if wanted is None:
            findings.add(STATE, f"{table} has {key}, and the model has it not, or the table has it twice")
            continue
        for name, value in wanted.items():
            if _plain(value) != (state[name] or 0):
                findings.add(STATE, f"{table}, {key}: {name} is {state[name]!r}, the model says {value!r}")
    for key in left:
        findings.add(STATE, f"{table} lacks {key}")


def _expected(states: Mapping[Any, Any]) -> Iterator[tuple[Key, State]]:
    for key, state in states.items():
        yield (
            key if isinstance(key, tuple) else (key,),
            {one.name: getattr(state, one.name) for one in fields(state)},
        )


def _stored(client: AnyClient, table: str, partition: int) -> Iterator[tuple[Key, State]]:
    names = [one.name for one in fields(_CLASSES[table])]
    columns = ", ".join((*_KEYS[table], *map(_column, names)))
    keys = len(_KEYS[table])
    for row in client.execute(f"SELECT {columns} FROM {table} FINAL WHERE partition = {partition}"):
        yield row[:keys], dict(zip(names, row[keys:], strict=True))


def _column(name: str) -> str:
    """The stored column of something that the model knows."""
    if name == "flags":
        return "flag_bits"
    return f"{name}_us" if name in _TIMES or name.endswith("_at") else name


def _plain(value: Any) -> Any:
    """What the model has as it is stored: nothing as a zero or an empty text, flags as bits."""
    return bits(value) if isinstance(value, tuple) else value or 0
