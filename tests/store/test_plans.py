"""Every list reads an index in its own order: nothing is scanned, nothing is sorted."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, SelectBase, text
from sqlalchemy.dialects import sqlite

from desktop_inbox.store import conversations, database, list_queries, messages
from desktop_inbox.store.database import Database
from desktop_inbox.store.lists import SORT_KEYS, VIEWS, ListQuery
from desktop_inbox.store.schema import conversation, message
from tests.store.conftest import Store
from tests.support import builders
from tests.support.builders import NOON

SORTED_BY_HAND = {"drafts", "outbox"}  # as few as somebody writes, found from their own tables


@pytest.fixture(scope="module", params=["fresh", "analysed"])
def filled(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    """A store with some conversations, with and without statistics for the planner."""
    db = Database.open(tmp_path_factory.mktemp("plans") / "workspace.db")
    store = Store(db)
    store.write(lambda tx: builders.fill(tx, conversation_count=30, messages_each=1))
    if request.param == "analysed":
        store.write(lambda tx: tx.conn.exec_driver_sql("ANALYZE"))
    # Both readers at work, so that no test seems to leave one behind.
    met = threading.Barrier(database.READERS, timeout=10)
    for reading in [db.read(lambda _: met.wait()) for _ in range(database.READERS)]:
        reading.result(10)
    yield store
    db.close()


def _plan(conn: Connection, statement: SelectBase) -> list[str]:
    compiled = statement.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
    found = conn.execute(text(f"EXPLAIN QUERY PLAN {compiled}".replace(":", r"\:")))
    return [str(row[3]) for row in found]


def _list_plan(conn: Connection, query: ListQuery, *, after: bool) -> list[str]:
    order = list_queries.order_of(query)
    statement = list_queries.listed(conn, query, order, *order.columns, now=NOON)
    statements = [statement]
    if after:
        key = order.key_of((1_790_000_000_000,) * len(order.columns))
        statements = order.beyond(statement, key)
    return [step for one in statements for step in _plan(conn, one.limit(51))]


def _assert_indexed(plan: list[str], *, may_sort: bool = False) -> None:
    for step in plan:
        assert not step.startswith(("SCAN message", "SCAN conversation_tag")), plan
        assert not step.startswith("SCAN conversation") or "USING" in step, plan
        assert may_sort or "TEMP B-TREE" not in step, plan


@pytest.mark.parametrize("after", [False, True], ids=["first", "further"])
@pytest.mark.parametrize("view", VIEWS)
def test_each_view_is_read_from_an_index(filled: Store, view: str, after: bool) -> None:
    plan = filled.read(lambda conn: _list_plan(conn, ListQuery(view=view), after=after))
    _assert_indexed(plan, may_sort=view in SORTED_BY_HAND)


@pytest.mark.parametrize("after", [False, True], ids=["first", "further"])
@pytest.mark.parametrize(
    "query",
    [
        ListQuery(view="inbox", account_id=1),
        ListQuery(view="closed", account_id=1),
        ListQuery(view="all", account_id=1),
        ListQuery(view="inbox", unread=True),
        ListQuery(view="spam", unread=True),
        ListQuery(view="all", unread=True),
        ListQuery(view="inbox", unassigned=True),
        ListQuery(view="all", unassigned=True),
        ListQuery(view="inbox", tag_id=1),
        ListQuery(view="all", tag_id=1),
        ListQuery(view="mine", unread=True),
        ListQuery(view="mine", account_id=1),
    ],
    ids=lambda query: "+".join(
        k
        for k in (
            query.view,
            query.account_id and "account",
            query.unread and "unread",
            query.unassigned and "unassigned",
            query.tag_id and "tag",
        )
        if k
    ),
)
def test_each_filter_is_read_from_an_index(filled: Store, query: ListQuery, after: bool) -> None:
    plan = filled.read(lambda conn: _list_plan(conn, query, after=after))
    _assert_indexed(plan)


def test_a_page_begins_where_the_one_before_ended(filled: Store) -> None:
    plan = filled.read(lambda conn: _list_plan(conn, ListQuery(), after=True))
    assert any("last_at<?" in step for step in plan), plan


SORTED_VIEWS = ["inbox", "mine", "unassigned", "snoozed", "closed", "spam"]


@pytest.mark.parametrize("after", [False, True], ids=["first", "further"])
@pytest.mark.parametrize("sort", SORT_KEYS)
@pytest.mark.parametrize("view", SORTED_VIEWS)
def test_every_order_of_a_view_is_read_from_an_index_alone(
    filled: Store, view: str, sort: str, after: bool
) -> None:
    plan = filled.read(lambda conn: _list_plan(conn, ListQuery(view=view, sort=sort), after=after))
    _assert_indexed(plan)
    assert all("COVERING INDEX" in step for step in plan), plan
    assert not after or all("last_at<?" in step or "<expr><?" in step for step in plan), plan


@pytest.mark.parametrize("sort", SORT_KEYS)
def test_what_is_due_soon_is_found_before_it_is_sorted(filled: Store, sort: str) -> None:
    query = ListQuery(view="due", sort=sort)
    plan = filled.read(lambda conn: _list_plan(conn, query, after=False))
    assert "conversation_due (next_due_at" in plan[0], plan


def test_a_timeline_is_read_from_an_index(filled: Store) -> None:
    query = messages._MESSAGES.where(
        message.c.conversation_id == 1, message.c.deleted_at.is_(None)
    ).order_by(message.c.at, message.c.id)
    _assert_indexed(filled.read(lambda conn: _plan(conn, query)))


@pytest.mark.parametrize("view", ["inbox", "mine", "unassigned", "closed", "spam", "all", "due"])
def test_all_ids_of_a_view_come_from_the_index_alone(filled: Store, view: str) -> None:
    query = ListQuery(view=view)
    order = list_queries.order_of(query)
    plan = filled.read(
        lambda conn: _plan(conn, list_queries.listed(conn, query, order, order.id, now=NOON))
    )
    assert all("COVERING INDEX" in step for step in plan), plan


def test_counts_look_at_indexes_only(filled: Store) -> None:
    counted = conversations._count(conversation.c.status == "open").element
    plan = filled.read(lambda conn: _plan(conn, counted))
    assert all("COVERING INDEX" in step for step in plan), plan
