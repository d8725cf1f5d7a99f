"""Pages of the conversation list in every view and order, beside the same in bare SQL."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from bench import big_store
from bench.figures import Figure, median, percentile
from bench.options import Options
from desktop_inbox.domain.conditions import Field, Group, Mode, Operator, Test
from desktop_inbox.store import DATABASE_NAME, conversations, driver
from desktop_inbox.store.lists import SAVED, SORT_KEYS, VIEWS, ListQuery, sort_of
from desktop_inbox.store.workspace import Workspace

PAGE = 50
TURNS = 40  # of each query; half of them first pages, half pages further down
REACH_MS = 5.0
REACH_RATIO = 3.0
GROWTH = 1.2  # what ten times the mail may cost

_TAGGED = "c.id IN (SELECT conversation_id FROM conversation_tag WHERE tag_id = {})"
# What each view holds, in plain SQL.
_VIEWS: Mapping[str, str] = {
    "inbox": "status = 'open'",
    "mine": "status = 'open' AND assignee_id = 1",
    "unassigned": "status = 'open' AND assignee_id IS NULL",
    "due": "status IN ('open', 'snoozed') AND coalesce(warn_at, next_due_at) <= :now",
    "snoozed": "status = 'snoozed'",
    "drafts": "c.id IN (SELECT conversation_id FROM draft)",
    "outbox": "c.id IN (SELECT conversation_id FROM message JOIN outbox ON message_id = id)",
    "closed": "status = 'closed'",
    "spam": "status = 'spam'",
    "all": "status NOT IN ('spam', 'trash')",
}


def _is(field: Field, value: str = "") -> Test:
    return Test(field=field, operator=Operator.IS, value=value)


# Views that somebody saved: each way to ask for one thing, and some of several, nested.
_SAVED: Mapping[str, tuple[Group, str]] = {
    "open, wholesale": (
        Group(members=(_is(Field.STATUS, "open"), _is(Field.TAG, "tag-1"))),
        f"status = 'open' AND {_TAGGED.format(1)}",
    ),
    "museum, or starred": (
        Group(mode=Mode.ANY, members=(_is(Field.TAG, "tag-3"), _is(Field.STARRED))),
        f"status NOT IN ('spam', 'trash') AND (starred OR {_TAGGED.format(3)})",
    ),
    "VIP": (
        Group(members=(_is(Field.VIP),)),
        (
            "status NOT IN ('spam', 'trash')"
            " AND (SELECT vip FROM customer k WHERE k.id = c.customer_id)"
        ),
    ),
    "sending failed": (
        Group(members=(_is(Field.FAILED),)),
        "status NOT IN ('spam', 'trash') AND failed",
    ),
    "has a rare word": (
        Group(
            members=(
                Test(field=Field.WORDS, operator=Operator.CONTAINS, value=big_store.RARE),
                _is(Field.STATUS, "open"),
            )
        ),
        (
            "status = 'open' AND c.id IN (SELECT conversation_id FROM message WHERE id IN"
            f" (SELECT rowid FROM message_fts WHERE message_fts MATCH '{big_store.RARE}'))"
        ),
    ),
    "nested three deep": (
        Group(
            members=(
                _is(Field.STATUS, "open"),
                Group(
                    mode=Mode.ANY,
                    members=(
                        Test(field=Field.PRIORITY, operator=Operator.AT_LEAST, value="high"),
                        _is(Field.TAG, "tag-3"),
                        Group(
                            members=(
                                _is(Field.VIP),
                                Test(field=Field.WAITING, operator=Operator.MORE_THAN, value="2d"),
                            )
                        ),
                    ),
                ),
                Group(
                    mode=Mode.NONE,
                    members=(_is(Field.TAG, "tag-2"), _is(Field.STARRED)),
                ),
            )
        ),
        (
            "status = 'open' AND (priority IN ('high', 'urgent') OR"
            f" {_TAGGED.format(3)} OR ((SELECT vip FROM customer k WHERE k.id = c.customer_id)"
            " AND waiting_since < :now - 172800000))"
            f" AND {_TAGGED.format(2).replace('IN', 'NOT IN')} AND NOT starred"
        ),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One list, and the condition somebody would write for it by hand."""

    name: str
    query: ListQuery
    condition: str


def everything() -> list[Asked]:
    """Return every view, filter and saved view, in every order."""
    narrowed = {view: (ListQuery(view=view), condition) for view, condition in _VIEWS.items()}
    for view in ("inbox", "all"):
        inside = _VIEWS[view]
        narrowed |= {
            f"{view}, an account": (ListQuery(view=view, account_id=2), f"{inside} AND {_AT}"),
            f"{view}, a small account": (
                ListQuery(view=view, account_id=3),
                f"{inside} AND {_AT.replace('2', '3')}",
            ),
            f"{view}, unread": (ListQuery(view=view, unread=True), f"{inside} AND unread > 0"),
            f"{view}, unassigned": (
                ListQuery(view=view, unassigned=True),
                f"{inside} AND assignee_id IS NULL",
            ),
        }
        for key, name in enumerate(big_store.TAGS, 1):
            narrowed[f"{view}, tag {name}"] = (
                ListQuery(view=view, tag_id=key),
                f"{inside} AND {_TAGGED.format(key)}",
            )
    for key, (name, (_condition, condition)) in enumerate(_SAVED.items(), 1):
        narrowed[f"saved: {name}"] = (ListQuery(view=SAVED, saved_id=key), condition)
    assert set(VIEWS) <= set(narrowed)
    return [
        Asked(
            name=f"{name}, by {sort}",
            query=ListQuery(
                view=query.view,
                account_id=query.account_id,
                tag_id=query.tag_id,
                saved_id=query.saved_id,
                unread=query.unread,
                unassigned=query.unassigned,
                sort=sort,
            ),
            condition=condition,
        )
        for name, (query, condition) in narrowed.items()
        for sort in SORT_KEYS
    ]


_AT = "account_id = 2"
_SHOWN = """
SELECT c.id, c.uid, c.subject, c.customer_id, status, priority, assignee_id, last_at,
    last_direction, waiting_since, next_due_at, unread, message_count, snippet, p.name,
    (SELECT group_concat(tag_id) FROM conversation_tag t WHERE t.conversation_id = c.id),
    (SELECT body FROM draft d WHERE d.conversation_id = c.id), {key} AS sort_key
FROM conversation c LEFT JOIN customer p ON p.id = c.customer_id
WHERE c.merged_into_id IS NULL AND {condition} {further}
ORDER BY {order} LIMIT 50
"""


def measure(options: Options) -> Iterator[Figure]:
    """Ask each question many times, of all the rows and of a tenth of them."""
    few, many = (
        big_store.built(rows=n, seed=options.seed) for n in (options.rows // 10, options.rows)
    )
    yield from measure_in(few, many, rows=options.rows)


def measure_in(small: Path, large: Path, *, rows: int) -> Iterator[Figure]:
    """Measure in workspaces that were built, the small one with a tenth of the rows."""
    for folder in (small, large):
        for key, (condition, _sql) in enumerate(_SAVED.values(), 1):
            big_store.save_view(folder, key, condition)
    asked = everything()
    now = big_store.end(rows)
    little, much = Workspace.open(small), Workspace.open(large)
    try:
        yield from much.db.read(lambda conn: list(_pages(conn, large, asked, now))).result()
        yield _growth(little, much, asked, now)
    finally:
        little.close()
        much.close()


def _pages(conn: Connection, folder: Path, asked: list[Asked], now: datetime) -> Iterator[Figure]:
    bare = driver.open_file(folder / DATABASE_NAME, key=None)
    first: list[float] = []
    for one in asked:
        theirs = _bare_times(bare, one, now)
        first += _times(conn, one.query, now, turns=1)  # the window does so ahead
        ours = _times(conn, one.query, now, turns=TURNS)
        p95 = percentile(ours, 0.95)
        yield Figure(
            what=f"page of {PAGE}, {one.name}, p95",
            value=p95,
            unit="ms",
            anchor="bare SQL",
            anchor_value=percentile(theirs, 0.95),
            reach=REACH_RATIO,
            note=f"p50 {median(ours):.2f} ms" + ("" if p95 <= REACH_MS else "; over 5 ms"),
        )
    bare.close()
    yield Figure(
        what="a list that was not asked for ahead, p95 of all",
        value=percentile(first, 0.95),
        unit="ms",
        note=f"p50 {median(first):.2f} ms",
    )


def _times(conn: Connection, query: ListQuery, now: datetime, *, turns: int) -> list[float]:
    """Return how long the first page takes, and pages further and further down, in turn."""
    times: list[float] = []
    after: str | None = None
    for turn in range(turns):
        further = turn % 2 == 1
        began = time.perf_counter()
        _rows, following = conversations.page(
            conn, query, limit=PAGE, after=after if further else None, now=now
        )
        times.append((time.perf_counter() - began) * 1000)
        if further or after is None:
            after = following
    return times


def _bare_times(bare: Any, asked: Asked, now: datetime) -> list[float]:
    """Return the same of a statement written by hand; of a slow one, few turns are enough."""
    key = SORT_KEYS[sort_of(asked.query.view, asked.query.sort)] or "0"
    order = "sort_key DESC, last_at DESC, c.id DESC" if key != "0" else "last_at DESC, c.id DESC"
    times: list[float] = []
    last: tuple[int, int, int] | None = None
    for turn in range(TURNS):
        further = _FURTHER if turn % 2 and last else ""
        sql = _SHOWN.format(
            key=key, condition=asked.condition, order=order, further=further.format(key=key)
        )
        known = {"now": int(now.timestamp() * 1000)}
        if further and last:
            known |= {"k": last[0], "t": last[1], "i": last[2]}
        wanted = {name: value for name, value in known.items() if f":{name}" in sql}
        began = time.perf_counter()
        found = bare.execute(sql, wanted).fetchall()
        times.append((time.perf_counter() - began) * 1000)
        if found:
            last = found[-1][-1], found[-1][7], found[-1][0]
        if sum(times) > _ENOUGH_MS:
            break
    return times


_FURTHER = "AND {key} <= :k AND ({key} < :k OR (last_at, c.id) < (:t, :i))"
_ENOUGH_MS = 300


def _growth(little: Workspace, much: Workspace, asked: list[Asked], now: datetime) -> Figure:
    """Compare the pages of a tenth of the rows with those of all, in turns."""
    ratios = []
    for one in asked:
        few: list[float] = []
        many: list[float] = []
        for _ in range(3):
            few += little.db.read(lambda conn: _times(conn, one.query, now, turns=4)).result()  # noqa: B023 - at once
            many += much.db.read(lambda conn: _times(conn, one.query, now, turns=4)).result()  # noqa: B023
        ratios.append((median(many) / median(few), one.name))
    worst = max(ratios)
    return Figure(
        what="ten times the mail: a page, the median of all lists",
        value=median([ratio for ratio, _name in ratios]),
        unit="x",
        reach=GROWTH,
        note=f"most {worst[0]:.1f}x: {worst[1]}",
    )
