"""Every list reads an index in its own order: nothing is scanned, nothing is sorted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection, SelectBase, text

from desktop_inbox.domain.conditions import ME, Field, Operator, Test, Viewer
from desktop_inbox.domain.states import Status
from desktop_inbox.store import (
    bulk,
    conversations,
    list_queries,
    list_walks,
    list_wanted,
    message_rows,
    view_conditions,
)
from desktop_inbox.store.asked import Stretch
from desktop_inbox.store.database import Tx
from desktop_inbox.store.list_order import NEWEST
from desktop_inbox.store.lists import SORT_KEYS, VIEWS, ListQuery
from desktop_inbox.store.schema import conversation, message
from tests.store.conftest import Store, standing_store
from tests.support import builders
from tests.support.builders import NOON

FEW = {"drafts", "outbox"}  # as few as somebody writes, found from their own tables


@pytest.fixture(scope="module", params=["fresh", "analysed"])
def filled(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    """A store with some conversations, with and without statistics for the planner."""
    with standing_store(tmp_path_factory.mktemp("plans")) as store:
        store.write(lambda tx: builders.fill(tx, conversation_count=30, messages_each=1))
        if request.param == "analysed":
            store.write(_analyse)
        yield store


def _analyse(tx: Tx) -> None:
    """Leave statistics as of many rows: to look through thirty is right, whatever is asked."""
    tx.conn.exec_driver_sql("ANALYZE")
    tx.conn.exec_driver_sql("DELETE FROM sqlite_stat4")
    tx.conn.exec_driver_sql(
        "UPDATE sqlite_stat1 SET stat = '1000000' || substr(stat, instr(stat, ' '))"
        " WHERE instr(stat, ' ')"
    )


def _plan(conn: Connection, statement: SelectBase) -> list[str]:
    compiled = statement.compile(conn, compile_kwargs={"literal_binds": True})
    found = conn.execute(text(f"EXPLAIN QUERY PLAN {compiled}".replace(":", r"\:")))
    return [str(row[3]) for row in found]


def _list_plan(
    conn: Connection, query: ListQuery, *, after: bool = False, among: Iterable[int] | None = None
) -> list[str]:
    """How a list is read by walking, or among a few that were found before."""
    wanted = list_wanted.wanted(conn, query, now=NOON)
    used = list_queries._Reading(conn, wanted, NOON)._used()
    listing = wanted.walk(used) if among is None else wanted.of(bulk.values(among))
    values = (1_790_000_000_000,) * len(listing.order.columns)
    statements = listing.pages(listing.order.key_of(values) if after else None)
    return [step for one in statements for step in _plan(conn, one.limit(51))]


def _assert_indexed(plan: list[str], *, may_sort: bool = False) -> None:
    for step in plan:
        assert not step.startswith(("SCAN message", "SCAN conversation_tag")), plan
        assert not step.startswith("SCAN conversation") or "USING" in step, plan
        assert may_sort or "TEMP B-TREE" not in step, plan


@pytest.mark.parametrize("after", [False, True], ids=["first", "further"])
@pytest.mark.parametrize("view", [view for view in VIEWS if view not in FEW])
def test_each_view_is_read_from_an_index(filled: Store, view: str, after: bool) -> None:
    plan = filled.read(lambda conn: _list_plan(conn, ListQuery(view=view), after=after))
    _assert_indexed(plan)


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


SORTED_VIEWS = ["inbox", "mine", "unassigned", "snoozed", "closed", "spam", "all"]


@pytest.mark.parametrize("after", [False, True], ids=["first", "further"])
@pytest.mark.parametrize("sort", SORT_KEYS)
@pytest.mark.parametrize("view", SORTED_VIEWS)
def test_every_order_of_a_view_is_read_from_an_index_alone(
    filled: Store, view: str, sort: str, after: bool
) -> None:
    plan = filled.read(lambda conn: _list_plan(conn, ListQuery(view=view, sort=sort), after=after))
    _assert_indexed(plan)
    reads = [step for step in plan if step.startswith(("SEARCH", "SCAN"))]
    assert all("COVERING INDEX" in step for step in reads), plan
    assert not after or all("last_at<?" in step or "<expr><?" in step for step in reads), plan


@pytest.mark.parametrize("sort", SORT_KEYS)
@pytest.mark.parametrize("view", VIEWS)
def test_of_few_each_is_looked_at_by_its_key(filled: Store, view: str, sort: str) -> None:
    query = ListQuery(view=view, sort=sort, account_id=1, tag_id=1, unread=True)
    for after in (False, True):
        plan = filled.read(
            lambda conn, after=after: _list_plan(conn, query, after=after, among=[1, 2])  # type: ignore[misc]
        )
        assert "SEARCH conversation USING INTEGER PRIMARY KEY (rowid=?)" in plan, plan
        _assert_indexed(plan, may_sort=True)


CONDITIONS = {
    "a tag": Test(field=Field.TAG, operator=Operator.IS, value="t"),
    "starred": Test(field=Field.STARRED, operator=Operator.IS),
    "failed": Test(field=Field.FAILED, operator=Operator.IS),
    "a file": Test(field=Field.ATTACHMENT, operator=Operator.IS),
    "unread": Test(field=Field.UNREAD, operator=Operator.IS),
    "VIP": Test(field=Field.VIP, operator=Operator.IS),
    "a language": Test(field=Field.LANGUAGE, operator=Operator.IS, value="tr"),
    "urgent": Test(field=Field.PRIORITY, operator=Operator.IS, value="urgent"),
    "an account": Test(field=Field.ACCOUNT, operator=Operator.IS, value="a"),
    "mine": Test(field=Field.ASSIGNEE, operator=Operator.IS, value=ME),
    "waiting": Test(field=Field.WAITING, operator=Operator.MORE_THAN, value="2h"),
    "due": Test(field=Field.DUE, operator=Operator.LESS_THAN, value="2h"),
    "begun": Test(field=Field.CREATED, operator=Operator.SINCE, value="2026-09-01"),
    "active": Test(field=Field.ACTIVITY, operator=Operator.SINCE, value="2026-09-01"),
    "words": Test(field=Field.WORDS, operator=Operator.CONTAINS, value="crack"),
}


@pytest.mark.parametrize("test", CONDITIONS.values(), ids=CONDITIONS)
def test_who_can_meet_a_condition_is_named_by_an_index(filled: Store, test: Test) -> None:
    asked = view_conditions.compiled(test, Viewer(now=NOON, agent="a"))
    (plan,) = [filled.read(lambda conn, one=one: _plan(conn, one)) for one in asked.among]  # type: ignore[misc]
    reads = [step for step in plan if step.startswith(("SEARCH", "SCAN"))]
    assert all("INDEX" in step or "VIRTUAL TABLE" in step or "KEY" in step for step in reads), plan


_IN_ORDER = {Field.STARRED, Field.FAILED}  # an index has just these, newest first


@pytest.mark.parametrize("test", CONDITIONS.values(), ids=CONDITIONS)
@pytest.mark.parametrize("sort", SORT_KEYS)
def test_a_saved_view_walks_through_its_order(filled: Store, sort: str, test: Test) -> None:
    def plan(conn: Connection) -> list[str]:
        wanted = list_wanted.wanted(conn, ListQuery(view="all", sort=sort), now=NOON)
        asked = view_conditions.compiled(test, Viewer(now=NOON, agent="a"))
        whole = replace(wanted, asked=asked).walk(list_wanted.ALL_VIEW)
        return [step for one in whole.pages() for step in _plan(conn, one.limit(51))]

    steps = filled.read(plan)
    assert not any("TEMP B-TREE FOR" in step for step in steps), steps
    own = f"conversation_{test.field}" if test.field in _IN_ORDER else "conversation_status"
    used = own if sort == "newest" else f"conversation_by_{sort}"
    assert sum(f" {used} (status=?" in step for step in steps) == len(list_wanted.ALL_VIEW), steps


@pytest.mark.parametrize("sort", SORT_KEYS)
@pytest.mark.parametrize("condition", ["VIP", "unread", "mine", "an account", "a tag"])
def test_what_is_asked_is_told_as_an_index_is_walked(
    filled: Store, condition: str, sort: str
) -> None:
    """No conversation is looked at but in the index that has the order."""

    def plan(conn: Connection) -> list[str]:
        asked = view_conditions.compiled(CONDITIONS[condition], Viewer(now=NOON, agent="a"))
        wanted = list_wanted.wanted(conn, ListQuery(view="inbox", sort=sort), now=NOON)
        told = wanted.walk(wanted.statuses).telling(asked.holds)
        return [step for one in told.pages() for step in _plan(conn, one.limit(51))]

    steps = filled.read(plan)
    covered = condition in {"VIP", "a tag"} or sort != "newest"
    looked = [step for step in steps if step.startswith("SEARCH conversation USING")]
    assert looked, steps
    assert all("COVERING INDEX" in step or not covered for step in looked), steps
    assert not any("TEMP B-TREE FOR" in step for step in steps), steps


def test_what_was_begun_at_some_time_is_read_from_where_it_lies(filled: Store) -> None:
    begun = Stretch(start=NOON - timedelta(days=30), end=NOON)
    listing = list_walks.through_begun(NEWEST, (Status.OPEN,), [begun])
    plan = filled.read(lambda conn: [s for one in listing.pages() for s in _plan(conn, one)])
    reads = [step for step in plan if step.startswith("SEARCH")]
    assert [step.split("INDEX ")[1].split()[0] for step in reads] == [
        "conversation_status",
        "conversation_lasting",
    ]
    assert "last_at>? AND last_at<?" in reads[0], plan
    assert all("COVERING INDEX" in step for step in reads), plan
    assert not any("TEMP B-TREE" in step for step in plan), plan


def test_a_timeline_is_read_from_an_index(filled: Store) -> None:
    query = message_rows.MESSAGES.where(
        message.c.conversation_id == 1, message.c.deleted_at.is_(None)
    ).order_by(message.c.at, message.c.id)
    _assert_indexed(filled.read(lambda conn: _plan(conn, query)))


@pytest.mark.parametrize("view", ["inbox", "mine", "unassigned", "closed", "spam", "all", "due"])
def test_all_ids_of_a_view_come_from_the_index_alone(filled: Store, view: str) -> None:
    plan = filled.read(lambda conn: _list_plan(conn, ListQuery(view=view)))
    reads = [step for step in plan if step.startswith(("SEARCH", "SCAN"))]
    assert reads
    assert all("COVERING INDEX" in step for step in reads), plan


def test_counts_look_at_indexes_only(filled: Store) -> None:
    counted = conversations._count(conversation.c.status == "open").element
    plan = filled.read(lambda conn: _plan(conn, counted))
    assert all("COVERING INDEX" in step for step in plan), plan
