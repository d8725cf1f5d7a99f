"""A list whose index knows less than is asked: walked step by step until enough belong to it.

What does not belong never leaves the database, so that it costs next to nothing. Reads only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from desktop_inbox.store.asked import Condition
from desktop_inbox.store.list_order import Key, Order
from desktop_inbox.store.list_walks import Listing, Statement, raw
from desktop_inbox.store.match_hits import Hits

FIRST_STEP, _LONGEST_STEP = 4096, 8192  # conversations looked at at once, until enough belong
_FIRST_HITS = 256  # where each has to be looked up among the hits of a search
SOME = 3  # conversations that say how many more there are

Worth = Callable[[int, int], bool]  # to go on, where so many of so many belong


@dataclass(frozen=True, slots=True, kw_only=True)
class Sieve:
    """Who belongs to a list: those that meet all conditions and, in a search, have a hit."""

    conditions: Sequence[Condition]
    hits: Hits | None = None


def walked(
    conn: Connection, listing: Listing, sieve: Sieve, *, limit: int, after: str | None, worth: Worth
) -> list[Key] | None:
    """Return the first that belong, None where it is not worth to go on looking for them.

    Raises:
        ValueError: `after` is no key of this list.
    """
    found: list[Key] = []
    far, step = 0, FIRST_STEP if sieve.hits is None else _FIRST_HITS
    told = listing.telling(*sieve.conditions)
    while True:
        for plain, telling in zip(listing.pages(after), told.pages(after), strict=True):
            most = limit - len(found)
            found += _belonging(conn, telling.limit(step), sieve, listing.order, limit=most)
            if len(found) >= limit:
                return found[:limit]
            last = next(iter(raw(conn, plain.limit(1).offset(step - 1))), None)
            if last is not None:
                break
        else:
            return found
        far += step
        if not worth(len(found), far):
            return None
        after = listing.order.key_of(last)
        step = _next_step(step, far, sieve, found=len(found), wanted=limit)


def _belonging(
    conn: Connection, looked: Statement, sieve: Sieve, order: Order, *, limit: int
) -> list[Key]:
    """Return those of a step that belong, in their order, and no more than it takes.

    A step is handed over row by row in its own order, so the walk ends with the last one wanted.
    """
    *key, told = looked.subquery().columns
    belong = select(*key).where(told)
    if sieve.hits is None:
        return sorted(raw(conn, belong.limit(limit)), reverse=order.downwards)
    found = sorted(raw(conn, belong), reverse=order.downwards)
    having = sieve.hits.within(values[-1] for values in found)
    return [values for values in found if values[-1] in having]


def _next_step(step: int, far: int, sieve: Sieve, *, found: int, wanted: int) -> int:
    """Return how many to look at next: where each is dear, hardly more than is likely enough."""
    if sieve.hits is None:
        return min(4 * step, _LONGEST_STEP)
    likely = 5 * (wanted - found) * far // (4 * found) if found else 4 * step
    most = _LONGEST_STEP if found >= SOME else 4 * step  # of few, no more than a guess
    return max(_FIRST_HITS, min(likely, most, _LONGEST_STEP))
