"""A computer that slept, or changed its network, does not wait for dead connections to time out."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from desktop_inbox.sync import waking
from tests.support.engine_room import eventually


class Clock:
    """A wall clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


async def woken_by(clock: Clock, addresses: Iterator[tuple[str, ...]], *, jump: float = 0.0) -> int:
    """Return how often somebody was woken while the addresses were looked at one by one."""
    calls: list[None] = []
    looked: list[tuple[str, ...]] = []

    def look() -> tuple[str, ...]:
        looked.append(next(addresses, looked[-1] if looked else ()))
        if len(looked) == 3:
            clock.now += jump
        return looked[-1]

    task = asyncio.create_task(
        waking.watch(lambda: calls.append(None), tick_seconds=0.001, wall=clock, addresses=look)
    )
    await eventually(lambda: len(looked) > 6)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return len(calls)


HOME, CAFE, NONE = ("192.168.1.5",), ("10.0.0.7",), ()


@pytest.mark.parametrize(
    ("seen", "jump", "times"),
    [
        ([HOME], 0, 0),
        ([HOME], 3600, 1),
        ([HOME], -3600, 0),  # somebody set the clock back
        ([HOME], waking.SLEPT_SECONDS / 2, 0),
        ([HOME, HOME, CAFE], 0, 1),
        ([HOME, NONE, NONE, NONE], 0, 0),  # gone: nothing to connect to
        ([HOME, NONE, HOME], 0, 1),  # back again
        ([NONE, NONE, CAFE], 0, 1),
    ],
)
async def test_sleep_and_a_new_network_wake_and_nothing_else_does(
    seen: list[tuple[str, ...]], jump: float, times: int
) -> None:
    assert await woken_by(Clock(), iter(seen), jump=jump) == times


def test_the_own_addresses_are_found_without_sending_anything() -> None:
    assert waking.own_addresses() == waking.own_addresses()
