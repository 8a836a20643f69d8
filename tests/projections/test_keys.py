"""The index of keys is a dict from key to row, whatever its seed, its size and the collisions of its hashes."""

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dompet.projections.keys import KeyIndex
from dompet.projections.state import Texts, order_keys, reference_keys
from dompet.schemas.strings import PackedStrings, Strings
from dompet.schemas.varints import Words

SEEDS = (0, 1, 12345, 2**63, 2**64 - 1)
SIZES = (1, 2, 7, 8, 9, 15, 16, 17, 24, 63, 64, 65, 130)


class FewHashes(KeyIndex):
    """An index whose hashes keep some bits only, so that different keys meet all the time."""

    bits = np.uint64(0)

    def _tags(self, keys: PackedStrings) -> Words:
        return super()._tags(keys) & self.bits


class OneHash(FewHashes):
    """All keys have one hash."""


class OneHome(FewHashes):
    """All keys want one slot, some with different hashes."""

    bits = np.uint64(0xFF)


class LastHomes(FewHashes):
    """All keys want the last slots, so that searches wrap around."""

    bits = np.uint64(0x1)

    def _tags(self, keys: PackedStrings) -> Words:
        return super()._tags(keys) | np.uint64(0xFFFFFFFE)


KINDS = (KeyIndex, KeyIndex, OneHash, OneHome, LastHomes)


def packed(keys: list[bytes]) -> PackedStrings:
    return Strings.of(keys).packed()


def some_key(rng: Random) -> bytes:
    """A key, of which many others differ in one byte or in length only."""
    size = rng.choice(SIZES)
    return bytes([rng.choice(b"ab")]) * (size - 1) + bytes([rng.choice(b"abcdefgh\xff")])


@given(st.integers(0, 2**32 - 1), st.sampled_from(KINDS), st.sampled_from(SEEDS), st.sampled_from([0, 1, 1_000]))
@settings(max_examples=100)
def test_the_index_is_a_dict(number: int, kind: type[KeyIndex], seed: int, expected: int) -> None:
    rng = Random(number)
    index, known = kind(seed, expected), dict[bytes, int]()
    for _ in range(rng.randint(1, 8)):
        keys = [some_key(rng) for _ in range(rng.choice((0, 1, 5, 60)))]
        assert index.find(packed(keys)).tolist() == [known.get(key, 0) for key in keys]
        if rng.random() < 0.5:
            rows = index.intern(packed(keys)).tolist()
        else:
            keys = [key for key in dict.fromkeys(keys) if key not in known]
            rows = index.append(packed(keys)).tolist()
            assert rows == list(range(len(known) + 1, len(known) + len(keys) + 1))
        assert all(known.setdefault(key, row) == row for key, row in zip(keys, rows, strict=True))
        assert sorted(known.values()) == list(range(1, index.count + 1))
        rows_of_all = np.array([0, *known.values()])
        strings = index.strings(rows_of_all)
        assert [strings.row(row) for row in range(len(strings))] == [b"", *known]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("expected", [0, 100_000])
def test_it_grows_to_any_size(seed: int, expected: int) -> None:
    index, rng, known = KeyIndex(seed, expected), Random(seed), dict[bytes, int]()
    for size in (1, 300, 3_000, 3, 20_000):
        keys = [b"beneficiary-%d" % rng.randrange(20_000) for _ in range(size)]
        for key, row in zip(keys, index.intern(packed(keys)).tolist(), strict=True):
            assert known.setdefault(key, row) == row
    assert sorted(known.values()) == list(range(1, index.count + 1))
    assert index.find(packed(list(known))).tolist() == list(known.values())
    assert not index.find(packed([b"stranger-%d" % number for number in range(20_000)])).any()


@pytest.mark.parametrize("kind", [OneHash, OneHome, LastHomes])
def test_it_grows_while_all_hashes_collide(kind: type[KeyIndex]) -> None:
    index, keys = kind(), [b"k%d" % number for number in range(700)]
    rows = [row for part in range(0, 700, 70) for row in index.intern(packed(keys[part : part + 70] * 2))[:70].tolist()]
    assert sorted(rows) == list(range(1, 701))
    assert index.find(packed(keys)).tolist() == rows


def test_the_empty_key_is_a_key() -> None:
    index = KeyIndex()
    assert index.find(packed([b""])).tolist() == [0]
    assert index.intern(packed([b"", b"a", b""])).tolist() in ([1, 2, 1], [2, 1, 2])
    assert index.find(packed([b"b", b""])).tolist()[0] == 0


@given(st.lists(st.tuples(*(st.sampled_from([1, 2, 2**31 - 1]),) * 2, st.sampled_from([b"1", b"11", b"1" * 8]))))
@settings(max_examples=60)
def test_an_order_and_a_reference_are_reported_by_every_part_of_their_keys(parts: list[tuple[int, int, bytes]]) -> None:
    wallet = np.array([one for one, _, _ in parts], dtype=np.int64)
    platform = np.array([one for _, one, _ in parts], dtype=np.int32)
    index = KeyIndex()
    rows = index.intern(order_keys(wallet, platform, packed([one for _, _, one in parts]))).tolist()
    assert len(set(zip(parts, rows, strict=True))) == len(set(parts)) == len(set(rows))
    for kind in (1, 2):
        keys = reference_keys(wallet, kind, packed([one for _, _, one in parts]))
        apart = [(owner, reference) for owner, _, reference in parts]
        rows = KeyIndex().intern(keys).tolist()
        assert len(set(zip(apart, rows, strict=True))) == len(set(apart)) == len(set(rows))


@given(st.lists(st.lists(st.text(max_size=20).filter(lambda text: "\0" not in text)), max_size=5))
@settings(max_examples=60)
def test_texts_come_back_from_their_numbers(batches: list[list[str]]) -> None:
    texts, known = Texts(seed=7), {"": 0}
    for batch in batches:
        numbers = texts.intern(Strings.of([text.encode() for text in batch]))
        assert all(known.setdefault(text, number) == number for text, number in zip(batch, numbers, strict=True))
        assert len(set(known.values())) == len(known)
        strings = texts.strings(numbers)
        assert [strings.row(row).decode() for row in range(len(batch))] == batch
        assert strings.arrow().to_pylist() == batch
