"""Which of their lines is which of ours. Pure: arrays in, arrays out.

A line's key is its order, sale or refund apart. Of one key, lines of one amount are paired first, then the rest, in the
order in which they are; each of ours is paired once at most. So what is left of theirs was said too often, or is of
an order that we do not have; and where two people have orders of one id and the file does not distinguish people, each
of the two takes a line.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


class Status(IntEnum):
    """What became of a line; a stored line has the name in lower case."""

    MATCHED = 0
    AMOUNT_DIFFERS = 1
    ONLY_THEIRS = 2
    ONLY_OURS = 3
    TWICE_IN_THEIRS = 4


NAMES = tuple(status.name.lower() for status in Status)


@dataclass(frozen=True)
class Matches:
    """By line of the result: its status, and the row of theirs and of ours, -1 where there is none."""

    status: Ints
    theirs: Ints
    ours: Ints


def codes_of(*sides: pa.Table, by_person: bool) -> list[Ints]:
    """For each side's rows a number for the order; the same number is the same order on every side."""
    codes = _encoded([side["order_id"] for side in sides])
    if by_person:
        people = _encoded([side["beneficiary_id"] for side in sides])
        codes = codes * (int(people.max(initial=0)) + 1) + people
    return np.split(_dense(codes), np.cumsum([len(side) for side in sides])[:-1])


def match(theirs: pa.Table, ours: pa.Table, *, by_person: bool, add_up: bool = False) -> Matches:
    """Pair the lines; both sides have order_id, beneficiary_id, amount and refund, and are in order. With `add_up`,
    what is left of a key after equal amounts is compared by its sums: several lines may pay one order.
    """
    their_code, our_code = codes_of(theirs, ours, by_person=by_person)
    their_code, our_code = (
        code * 2 + side["refund"].to_numpy() for code, side in ((their_code, theirs), (our_code, ours))
    )
    their_rest, our_rest = np.arange(len(theirs)), np.arange(len(ours))
    amounts = np.concatenate([theirs["amount"].to_numpy(), ours["amount"].to_numpy()])
    same = _dense(np.concatenate([their_code, our_code]) * (len(amounts) + 1) + _dense(amounts))
    matched = _pairs(same[: len(theirs)], same[len(theirs) :])
    their_rest, our_rest = (_without(rest, pair) for rest, pair in zip((their_rest, our_rest), matched, strict=True))
    summed: list[tuple[Status, Ints, Ints]] = []
    if add_up:
        summed = _added_up(theirs, ours, (their_rest, their_code[their_rest]), (our_rest, our_code[our_rest]))
        their_rest = _without(their_rest, np.concatenate([their for _, their, _ in summed]))
        our_rest = _without(our_rest, np.concatenate([our for _, _, our in summed]))
    differing = _pairs(their_code[their_rest], our_code[our_rest])
    differing = their_rest[differing[0]], our_rest[differing[1]]
    their_rest, our_rest = (_without(rest, pair) for rest, pair in zip((their_rest, our_rest), differing, strict=True))
    known = np.isin(their_code[their_rest], our_code)
    first = np.isin(their_rest, np.unique(their_code, return_index=True)[1])
    unknown = ~known & first
    none = np.int64(-1)
    parts = (
        (Status.MATCHED, *matched),
        *summed,
        (Status.AMOUNT_DIFFERS, *differing),
        (Status.ONLY_THEIRS, their_rest[unknown], np.full(unknown.sum(), none)),
        (Status.TWICE_IN_THEIRS, their_rest[~unknown], np.full((~unknown).sum(), none)),
        (Status.ONLY_OURS, np.full(len(our_rest), none), our_rest),
    )
    return Matches(
        np.concatenate([np.full(len(their), status, dtype=np.int64) for status, their, _ in parts]),
        np.concatenate([their for _, their, _ in parts]),
        np.concatenate([our for _, _, our in parts]),
    )


def _added_up(
    theirs: pa.Table, ours: pa.Table, their: tuple[Ints, Ints], our: tuple[Ints, Ints]
) -> list[tuple[Status, Ints, Ints]]:
    """What is left of keys that both sides have, rows and their codes: matched where the sums are equal, else
    different. The k-th rows are paired, and the longer side's others stay alone, -1 beside them.
    """
    many = 1 + max(int(codes.max(initial=0)) for _, codes in (their, our))
    sums = [np.zeros(many, dtype=np.int64) for _ in range(2)]
    for total, table, (rows, codes) in zip(sums, (theirs, ours), (their, our), strict=True):
        np.add.at(total, codes, table["amount"].to_numpy()[rows])
    both = (np.bincount(their[1], minlength=many) > 0) & (np.bincount(our[1], minlength=many) > 0)
    found = []
    for status, chosen in ((Status.MATCHED, sums[0] == sums[1]), (Status.AMOUNT_DIFFERS, sums[0] != sums[1])):
        mine, yours = (rows[(both & chosen)[codes]] for rows, codes in (their, our))
        pairs = _pairs(*(codes[(both & chosen)[codes]] for _, codes in (their, our)))
        paired = mine[pairs[0]], yours[pairs[1]]
        alone = _without(mine, paired[0]), _without(yours, paired[1])
        found.append(
            (
                status,
                np.concatenate([paired[0], alone[0], np.full(len(alone[1]), np.int64(-1))]),
                np.concatenate([paired[1], np.full(len(alone[0]), np.int64(-1)), alone[1]]),
            )
        )
    return found


def _pairs(theirs: Ints, ours: Ints) -> tuple[Ints, Ints]:
    """Rows of theirs and ours of one group, the k-th with the k-th."""
    groups = 1 + max(int(theirs.max(initial=0)), int(ours.max(initial=0)))
    both = np.minimum(np.bincount(theirs, minlength=groups), np.bincount(ours, minlength=groups))
    return _first_of_each(theirs, both), _first_of_each(ours, both)


def _first_of_each(group: Ints, many: Ints) -> Ints:
    """By group the first rows of it, as many as are wanted of each."""
    order = np.argsort(group, kind="stable")
    ordered = group[order]
    began = np.flatnonzero(np.diff(ordered, prepend=-1))
    rank = np.arange(len(ordered)) - np.repeat(began, np.diff(began, append=len(ordered)))
    return order[rank < many[ordered]]


def _without(rest: Ints, taken: Ints) -> Ints:
    return rest[~np.isin(rest, taken)]


def _dense(values: Ints) -> Ints:
    return np.unique(values, return_inverse=True)[1].astype(np.int64)


def _encoded(columns: list[pa.ChunkedArray]) -> Ints:
    """A number for each text of all columns, one after another."""
    texts = pa.concat_arrays([chunk for column in columns for chunk in column.chunks] or [pa.array([], pa.string())])
    codes: Ints = texts.dictionary_encode().indices.to_numpy().astype(np.int64)
    return codes
