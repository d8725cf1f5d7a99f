"""A list whose index knows less than is asked: walked step by step until enough belong to it.

What does not belong never leaves the database, so that it costs next to nothing. Reads only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, select

from desktop_inbox.store.asked import Condition, Ids
from desktop_inbox.store.list_order import Key
from desktop_inbox.store.list_walks import Listing
from desktop_inbox.store.match_hits import Hits
from desktop_inbox.store.questions import ALL, Question, Statement, told
from desktop_inbox.store.schema import conversation

FIRST_STEP, _LONGEST_STEP = 4096, 8192  # conversations looked at at once, until enough belong
_PAGE = 50  # so many are looked for in the first step
_FIRST_HITS = 256  # where each has to be looked up among the hits of a search
SOME = 3  # conversations that say how many more there are

Worth = Callable[[int, int], bool]  # to go on, where so many of so many belong


@dataclass(frozen=True, slots=True)
class _Step:
    """One step of a walk."""

    belonging: Question  # which of the conversations that it leads past belong to the list
    last: Question  # where it ends, if anything lies beyond


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sieve:
    """Who belongs to a list: those that meet all conditions, and are among some if so it says."""

    listing: Listing
    conditions: Sequence[Condition]
    of_customers: Sequence[Ids] = ()  # what names the customers of all that meet further ones
    among: Ids | None = None
    # Of the first page, and of further ones:
    _steps: dict[bool, list[_Step]] = field(init=False, default_factory=dict)

    def steps(self, after: str | None) -> list[_Step]:
        """Return what reads on after the row with this key, one after the other.

        Raises:
            ValueError: it is no key of this list.
        """
        steps = self._steps.get(after is not None)
        if steps is None:
            told_there = self.conditions if self.among is None else ()
            telling = self.listing.telling(*told_there, whose=bool(self.of_customers))
            pairs = zip(self.listing.pages(after), telling.pages(after), strict=True)
            steps = [self._step(plain, looked) for plain, looked in pairs]
            self._steps[after is not None] = steps
        return steps

    def _step(self, plain: Statement, looked: Statement) -> _Step:
        *key, belongs, whose = looked.limit(told("step")).subquery().columns
        # What is gathered is so once, not for each status.
        meets: list[Condition] = [belongs, *(whose.in_(ids) for ids in self.of_customers)]
        if self.among is not None:  # the rest is asked of these alone
            here = select(conversation.c.id).where(conversation.c.id == key[-1], *self.conditions)
            meets = [key[-1].in_(self.among), here.exists()]
        belonging = select(*key).where(*meets).limit(told("most"))
        last = plain.limit(1).offset(told("before"))
        return _Step(Question(belonging), Question(last))


def walked(
    conn: Connection,
    sieve: Sieve,
    hits: Hits | None,
    missing: Sequence[Hits] = (),
    *,
    now: datetime,
    limit: int,
    after: str | None,
    worth: Worth,
    step: int | None = None,
) -> list[Key] | None:
    """Return the first that belong, None where it is not worth to go on looking for them.

    In a search they have a hit as well, and none of what is to be missing. The first step may be
    a long one.

    Raises:
        ValueError: `after` is no key of this list.
    """
    found: list[Key] = []
    order = sieve.listing.order
    far, pages, words = 0, max(1, limit // _PAGE), hits is not None or bool(missing)
    step = step or (_FIRST_HITS if words else pages * FIRST_STEP)
    while True:
        known = {} if after is None else order.values_of(after)
        for one in sieve.steps(after):
            most = ALL if words else limit - len(found)
            rows = one.belonging.rows(conn, now=now, step=step, most=most, **known)
            found += _having(sorted(rows, reverse=order.downwards), hits, missing)
            if len(found) >= limit:
                return found[:limit]
            last = next(iter(one.last.rows(conn, now=now, before=step - 1, **known)), None)
            if last is not None:
                break
        else:
            return found
        far += step
        if not worth(len(found), far):
            return None
        after = order.key_of(last)
        if words:
            step = _next_step(step, far, found=len(found), wanted=limit)
        else:
            step = min(4 * step, _LONGEST_STEP)


def _having(found: list[Key], hits: Hits | None, missing: Sequence[Hits]) -> list[Key]:
    """Return those of a step that a search hits, and finds nothing to be missing in, in order."""
    if hits is not None:
        having = hits.within(values[-1] for values in found)
        found = [values for values in found if values[-1] in having]
    return without(found, missing)


def without(found: list[Key], missing: Sequence[Hits]) -> list[Key]:
    """Return those in which nothing is found that is to be missing, in their order."""
    for words in missing:
        having = words.within(values[-1] for values in found)
        found = [values for values in found if values[-1] not in having]
    return found


def _next_step(step: int, far: int, *, found: int, wanted: int) -> int:
    """Return how many to look at next where each is dear: hardly more than is likely enough."""
    likely = 5 * (wanted - found) * far // (4 * found) if found else 4 * step
    most = _LONGEST_STEP if found >= SOME else 4 * step  # of few, no more than a guess
    return max(_FIRST_HITS, min(likely, most, _LONGEST_STEP))
