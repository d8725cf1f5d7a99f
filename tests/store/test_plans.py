"""Every list reads an index in its own order: nothing is scanned, nothing is sorted."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, SelectBase, text
from sqlalchemy.dialects import sqlite

from desktop_inbox.store import conversations, database, messages
from desktop_inbox.store.database import Database
from desktop_inbox.store.lists import VIEWS, ListQuery
from desktop_inbox.store.schema import conversation, message
from tests.store.conftest import Store
from tests.support import builders

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


def _list_plan(conn: Connection, query: ListQuery, *, after: str | None) -> list[str]:
    order = conversations._order(query)
    statement = conversations._listed(query, order, order.id, order.moment).limit(51)
    if after is not None:
        statement = statement.where(order.beyond(1_790_000_000_000, 5))
    return _plan(conn, statement)


def _assert_indexed(plan: list[str], *, may_sort: bool = False) -> None:
    for step in plan:
        assert not step.startswith(("SCAN message", "SCAN conversation_tag")), plan
        assert not step.startswith("SCAN conversation") or "USING" in step, plan
        assert may_sort or "TEMP B-TREE" not in step, plan


@pytest.mark.parametrize("after", [None, "key"])
@pytest.mark.parametrize("view", VIEWS)
def test_each_view_is_read_from_an_index(filled: Store, view: str, after: str | None) -> None:
    plan = filled.read(lambda conn: _list_plan(conn, ListQuery(view=view), after=after))
    _assert_indexed(plan, may_sort=view in SORTED_BY_HAND)


@pytest.mark.parametrize("after", [None, "key"])
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
def test_each_filter_is_read_from_an_index(
    filled: Store, query: ListQuery, after: str | None
) -> None:
    plan = filled.read(lambda conn: _list_plan(conn, query, after=after))
    _assert_indexed(plan)


def test_a_page_begins_where_the_one_before_ended(filled: Store) -> None:
    plan = filled.read(lambda conn: _list_plan(conn, ListQuery(), after="key"))
    assert any("last_at<?" in step for step in plan), plan


def test_a_timeline_is_read_from_an_index(filled: Store) -> None:
    query = messages._MESSAGES.where(
        message.c.conversation_id == 1, message.c.deleted_at.is_(None)
    ).order_by(message.c.at, message.c.id)
    _assert_indexed(filled.read(lambda conn: _plan(conn, query)))


@pytest.mark.parametrize("view", ["inbox", "mine", "unassigned", "closed", "spam", "all", "due"])
def test_all_ids_of_a_view_come_from_the_index_alone(filled: Store, view: str) -> None:
    query = ListQuery(view=view)
    order = conversations._order(query)
    statement = conversations._listed(query, order, order.id)
    plan = filled.read(lambda conn: _plan(conn, statement))
    assert all("COVERING INDEX" in step for step in plan), plan


def test_counts_look_at_indexes_only(filled: Store) -> None:
    counted = conversations._count(conversation.c.status == "open").element
    plan = filled.read(lambda conn: _plan(conn, counted))
    assert all("COVERING INDEX" in step for step in plan), plan
