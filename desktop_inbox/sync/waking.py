"""Notices that the computer slept or that its network changed. One task on the engine loop.

Either way old connections are dead without knowing it, and waiting for the next attempt makes no
sense any more (rule O9).
"""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from collections.abc import Callable

log = logging.getLogger(__name__)

TICK_SECONDS = 5.0
SLEPT_SECONDS = 20.0  # more wall-clock time between two ticks than this cannot be mere load

# Addresses for documentation: nothing is ever sent there, the system only picks a route.
_SOMEWHERE = ((socket.AF_INET, ("192.0.2.1", 9)), (socket.AF_INET6, ("2001:db8::1", 9)))


def own_addresses() -> tuple[str, ...]:
    """Return the addresses this computer would use towards the world; () without a network."""
    found = []
    for family, somewhere in _SOMEWHERE:
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as sock:
                sock.connect(somewhere)  # of a datagram socket: sends nothing
                found.append(str(sock.getsockname()[0]))
        except OSError:
            continue
    return tuple(found)


async def watch(
    on_woken: Callable[[], None],
    *,
    tick_seconds: float = TICK_SECONDS,
    wall: Callable[[], float] = time.time,
    addresses: Callable[[], tuple[str, ...]] = own_addresses,
) -> None:
    """Call `on_woken` whenever connections of before are worth nothing. Runs until cancelled."""
    last, known = wall(), addresses()
    while True:
        await asyncio.sleep(tick_seconds)
        now, current = wall(), addresses()
        if now - last > tick_seconds + SLEPT_SECONDS:
            log.info("the computer slept")
            on_woken()
        elif current and current != known:
            log.info("the network changed")
            on_woken()
        last, known = now, current
