"""Whose query runs now: places are never given twice, and those for long queries never to more than half."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dompet.streams.engine.limits import Limits
from dompet.streams.engine.refusals import TOO_MANY_QUERIES, Refusal
from dompet.streams.engine.turns import Turn, Turns

LIMITS = Limits(at_once=4, at_once_a_user=3, waiting=100, waiting_seconds=60)
USERS = ("a", "b", "c")
KINDS = SHORT, LONG, OVERSTAYING, GIVEN_UP = range(4)


def test_a_short_query_has_a_place_beside_long_ones_of_its_own_user() -> None:
    async def scenario() -> None:
        turns = Turns(LIMITS)
        async with turns.turn("a") as one, turns.turn("a") as two:
            assert one.lengthen()
            assert two.lengthen()
            async with asyncio.timeout(5), turns.turn("a") as short:
                assert not short.lengthen()  # of a user half of the places, rounded up
            async with asyncio.timeout(5), turns.turn("b") as other:
                assert not other.lengthen()  # of all half

    asyncio.run(scenario())


def test_a_long_query_waits_for_a_place_and_lets_short_ones_pass() -> None:
    async def scenario() -> None:
        turns = Turns(Limits(at_once=2, at_once_a_user=2))
        async with turns.turn("a") as first:
            assert first.lengthen()
            async with turns.turn("b") as second:
                waiting = asyncio.create_task(second.come_again())
                await asyncio.sleep(0)
                assert (turns.running, turns.waiting) == (1, 1)
                async with asyncio.timeout(5), turns.turn("c"):
                    assert not waiting.done()
                turns.give_back(first)
                await waiting
                assert (turns.running, second.is_held, second.is_long) == (1, True, True)
        assert turns.running == 0

    asyncio.run(scenario())


def test_who_waits_too_long_for_a_long_place_is_refused_and_leaves_no_place_behind() -> None:
    async def scenario() -> None:
        turns = Turns(Limits(at_once=2, at_once_a_user=2, waiting_seconds=0.01))
        async with turns.turn("a") as first:
            assert first.lengthen()
            with pytest.raises(Refusal, match="its turn did not come in") as refused:
                async with turns.turn("b") as second:
                    await second.come_again()
            assert refused.value.code == TOO_MANY_QUERIES
        assert (turns.running, turns.waiting) == (0, 0)
        async with turns.turn("a") as again:
            assert again.lengthen()

    asyncio.run(scenario())


@given(st.lists(st.tuples(st.sampled_from(USERS), st.sampled_from(KINDS), st.integers(0, 5)), max_size=30))
def test_no_more_run_than_may_and_all_have_their_turn(queries: Sequence[tuple[str, int, int]]) -> None:
    asyncio.run(_all_of(queries))


async def _all_of(queries: Sequence[tuple[str, int, int]]) -> None:
    """Queries of a user and a kind, and how many steps of the loop they take."""
    turns, seen, overstaying = Turns(LIMITS), list[Turn](), set[Turn]()

    def look() -> None:
        held = [turn for turn in seen if turn.is_held]
        assert len(held) <= turns.running <= LIMITS.at_once
        assert sum(turn.is_long and turn not in overstaying for turn in held) <= 2
        for user in USERS:
            assert sum(turn.user == user for turn in held) <= LIMITS.at_once_a_user

    async def one(user: str, kind: int, steps: int) -> None:
        async with turns.turn(user) as turn:
            seen.append(turn)
            look()
            for _ in range(steps):
                await asyncio.sleep(0)
            if kind == LONG and not turn.lengthen():
                await turn.come_again()
            if kind == OVERSTAYING:
                overstaying.add(turn)
                turn.overstay()
            look()
            await asyncio.sleep(0)

    tasks = [asyncio.create_task(one(*query)) for query in queries]
    for number, (_, kind, steps) in enumerate(queries):
        if kind == GIVEN_UP:
            for _ in range(steps):
                await asyncio.sleep(0)
            tasks[number].cancel()
    async with asyncio.timeout(30):
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task
    assert (turns.running, turns.waiting) == (0, 0)
    assert all(turns.has_long(user) for user in USERS)
