"""Searching among as many messages as asked for, by every operator; newest first."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial

from sqlalchemy import Connection

from bench import big_store
from bench.figures import Figure, median, percentile
from bench.options import Options
from desktop_inbox.store import conversations, search_beside
from desktop_inbox.store.lists import ListQuery
from desktop_inbox.store.search import search
from desktop_inbox.store.workspace import Workspace

TURNS = 40
_ENOUGH_MS = 400  # a slow one needs fewer turns
_FIRST_IDS, _ROWS = 300, 64  # what the window reads before it paints

_COMMON, _RARE, _PHRASE = big_store.COMMON, big_store.RARE, f'"{big_store.PHRASE}"'
_WORD_MS, _PREFIX_MS = 5.0, 60.0
SEARCHES = (
    ("a common word", _COMMON, _WORD_MS),
    ("a rare word", _RARE, _WORD_MS),
    ("a phrase", _PHRASE, _WORD_MS),
    ("a prefix of three letters", f"{big_store.PREFIX}*", _PREFIX_MS),
    ("a prefix of two letters", f"{big_store.PREFIX[:2]}*", _PREFIX_MS),
    ("a prefix of one letter", f"{big_store.PREFIX[:1]}*", _PREFIX_MS),
    ("from:", "from:mina", _WORD_MS),
    ("subject:", "subject:kitchen", _WORD_MS),
    ("note:", "note:teapot", _WORD_MS),
    ("file:", "file:invoice", _WORD_MS),
    ("contact:", "contact:alice", _WORD_MS),
    ("email:", "email:c4711@x.example", _WORD_MS),
    ("tag: of many", "tag:wholesale", _WORD_MS),
    ("tag: of few", "tag:museum", _WORD_MS),
    ("has:attachment", "has:attachment", _WORD_MS),
    ("has:note", "has:note", _WORD_MS),
    ("is:unread", "is:unread", _WORD_MS),
    ("is:starred", "is:starred", _WORD_MS),
    ("is:vip", "is:vip", _WORD_MS),
    ("is:failed", "is:failed", _WORD_MS),
    ("is:automated, of none", "is:automated", _WORD_MS),
    ("assignee:", "assignee:me", _WORD_MS),
    ("priority:", "priority:urgent", _WORD_MS),
    ("waiting:", "waiting:>2d", _WORD_MS),
    ("lang:", "lang:tr", _WORD_MS),
    ("created: a month", "created:2025-01", _WORD_MS),
    ("before:", "before:2024-03", _WORD_MS),
    ("after:", "after:2025-03", _WORD_MS),
    ("a word without another", f"{_COMMON} -kitchen", _WORD_MS),
    ("all without a word", f"-{_COMMON}", _WORD_MS),
    ("either of two words", f"{_COMMON} OR {_RARE}", _WORD_MS),
    ("a common word, is:open", f"{_COMMON} is:open", _WORD_MS),
    ("a common word, tag: of few", f"{_COMMON} tag:museum", _WORD_MS),
    ("a common word, from:", f"{_COMMON} from:mina", _WORD_MS),
    (
        "word, from:, has:, created:",
        f"{_COMMON} from:mina has:attachment created:2025-01",
        _WORD_MS,
    ),
    (
        "(word OR tag:), is:, -word",
        f"({_PHRASE} OR tag:museum) is:open -kitchen",
        _WORD_MS,
    ),
)


def measure(options: Options) -> Iterator[Figure]:
    """Search in the workspace of the lists, which is built if need be."""
    workspace = Workspace.open(big_store.built(rows=options.rows, seed=options.seed))
    try:
        yield from workspace.db.read(lambda conn: list(figures(conn))).result()
    finally:
        workspace.close()


def figures(conn: Connection) -> Iterator[Figure]:
    """Ask for each as a command does, then as the list of the window does."""
    for what, typed, reach in SEARCHES:
        times = _times(partial(search, conn, typed, typing=False))
        yield Figure(
            what=f"search, {what}, p95",
            value=percentile(times, 0.95),
            unit="ms",
            reach=reach,
            note=f"p50 {median(times):.2f} ms",
        )
    for what, typed, _reach in SEARCHES:
        times = _times(partial(_first_screen, conn, typed))
        yield Figure(
            what=f"list while searching, {what}, p95",
            value=percentile(times, 0.95),
            unit="ms",
            reach=50.0,
            note=f"p50 {median(times):.2f} ms",
        )


def _first_screen(conn: Connection, typed: str) -> None:
    """What the window reads to show the first rows that were found, and where the words lie."""
    query = ListQuery(view="all", text=typed)
    found = conversations.ids(conn, query, limit=_FIRST_IDS)
    rows = conversations.rows(conn, found[:_ROWS])
    search_beside.shown(conn, typed, rows)


def _times(work: Callable[[], object]) -> list[float]:
    times: list[float] = []
    while len(times) < TURNS and sum(times) < _ENOUGH_MS:
        began = time.perf_counter()
        work()
        times.append((time.perf_counter() - began) * 1000)
    return times
