"""Pages of the conversation list and search, at a million rows, beside bare SQL."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from bench import big_store
from bench.figures import Figure, percentile
from bench.options import Options
from desktop_inbox.store import DATABASE_NAME, conversations, driver
from desktop_inbox.store.conversations import ListQuery
from desktop_inbox.store.search import search
from desktop_inbox.store.workspace import Workspace

PAGE = 50
BEFORE_ALL = "9999999999999.0"
TURNS = 40  # of each query; half of them first pages, half pages further down

# Each way the list can be narrowed, and the same in plain SQL.
FILTERS: dict[str, tuple[ListQuery, str]] = {
    "inbox": (ListQuery(), "status = 'open'"),
    "mine": (ListQuery(view="mine"), "status = 'open' AND assignee_id = 1"),
    "unassigned": (ListQuery(view="unassigned"), "status = 'open' AND assignee_id IS NULL"),
    "closed": (ListQuery(view="closed"), "status = 'closed'"),
    "snoozed": (ListQuery(view="snoozed"), "status = 'snoozed'"),
    "spam": (ListQuery(view="spam"), "status = 'spam'"),
    "all": (ListQuery(view="all"), "status <> 'spam'"),
    "an account": (ListQuery(account_id=2), "status = 'open' AND account_id = 2"),
    "unread": (ListQuery(unread=True), "status = 'open' AND unread > 0"),
}
# The other orders, in the views that a person lives in; the due view has the order it is for.
SORTED = {
    **{
        f"{view}, by {sort}": ListQuery(view=view, sort=sort)
        for sort in ("waiting", "due", "priority")
        for view in ("inbox", "mine")
    },
    "due soon": ListQuery(view="due"),
}
_BARE = """
SELECT c.id, c.uid, c.subject, c.customer_id, status, priority, assignee_id, last_at,
    last_direction, waiting_since, next_due_at, unread, message_count, snippet, p.name
FROM conversation c LEFT JOIN customer p ON p.id = c.customer_id
WHERE c.merged_into_id IS NULL AND {condition} AND (last_at, c.id) < (?, ?)
ORDER BY last_at DESC, c.id DESC LIMIT 50
"""
SEARCHES = (
    ("search for a common word", big_store.COMMON, 5.0),
    ("search for a rare word", big_store.RARE, 5.0),
    ("search for a phrase", f'"{big_store.PHRASE}"', 5.0),
    ("search for a prefix of three letters", f"{big_store.PREFIX}*", 60.0),
)


def measure(options: Options) -> Iterator[Figure]:
    """Build the rows, then ask each question many times."""
    with tempfile.TemporaryDirectory(prefix="bench-rows-") as folder:
        began = time.perf_counter()
        big_store.build(Path(folder), rows=options.rows, seed=options.seed)
        print(f"· {options.rows:,} rows built in {time.perf_counter() - began:.0f} s", flush=True)
        workspace = Workspace.open(Path(folder))
        try:
            yield from workspace.db.read(lambda conn: list(_pages(conn, Path(folder)))).result()
            yield from workspace.db.read(lambda conn: list(_searches(conn))).result()
        finally:
            workspace.close()


def _pages(conn: Connection, folder: Path) -> Iterator[Figure]:
    bare = driver.open_file(folder / DATABASE_NAME, key=None)
    for name, query in SORTED.items():
        times = _walk(conn, query)
        yield Figure(
            what=f"page of {PAGE}, {name}, p95", value=percentile(times, 0.95), unit="ms", reach=5.0
        )
    for name, (query, condition) in FILTERS.items():
        ours, theirs = _page_times(conn, bare, query, condition)
        yield Figure(
            what=f"page of {PAGE}, {name}, p95",
            value=percentile(ours, 0.95),
            unit="ms",
            anchor="bare SQL",
            anchor_value=percentile(theirs, 0.95),
            reach=3.0,
            note="" if percentile(ours, 0.95) <= 5 else "over 5 ms",
        )
    bare.close()


def _walk(conn: Connection, query: ListQuery) -> list[float]:
    """Return how long the first page takes, and pages further and further down, in turn."""
    times: list[float] = []
    after: str | None = None
    for turn in range(TURNS):
        here = after if turn % 2 else None
        times.append(_ms(partial(conversations.page, conn, query, limit=PAGE, after=here)))
        _rows, after = conversations.page(conn, query, limit=PAGE, after=after)
    return times


def _page_times(
    conn: Connection, bare: Any, query: ListQuery, condition: str
) -> tuple[list[float], list[float]]:
    ours: list[float] = []
    theirs: list[float] = []
    sql = _BARE.format(condition=condition)
    after: str | None = None
    for turn in range(TURNS):
        here = after if turn % 2 else None
        key = [int(part) for part in (here or BEFORE_ALL).split(".")]
        ours.append(_ms(partial(conversations.page, conn, query, limit=PAGE, after=here)))
        theirs.append(_ms(partial(_fetch, bare, sql, key)))
        _rows, after = conversations.page(conn, query, limit=PAGE, after=after)
    return ours, theirs


def _fetch(bare: Any, sql: str, key: list[int]) -> None:
    bare.execute(sql, key).fetchall()


def _searches(conn: Connection) -> Iterator[Figure]:
    for what, typed, reach in SEARCHES:
        ask = partial(search, conn, typed, typing=False)
        times = [_ms(ask) for _ in range(TURNS)]
        yield Figure(what=f"{what}, p95", value=percentile(times, 0.95), unit="ms", reach=reach)


def _ms(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000
