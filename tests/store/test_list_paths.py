"""Whichever way a list is read, it holds what a plain statement finds, in the same order."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, text, update

from desktop_inbox.domain.conditions import Group, Viewer
from desktop_inbox.domain.messages import Address
from desktop_inbox.domain.query import format_query, parse_query
from desktop_inbox.domain.states import Priority, Status
from desktop_inbox.store import (
    asked,
    beginnings,
    conversations,
    list_queries,
    list_sifting,
    list_wanted,
    match_hits,
    matching,
    view_conditions,
)
from desktop_inbox.store.database import Tx
from desktop_inbox.store.list_order import order_of
from desktop_inbox.store.list_walks import NOT_MERGED
from desktop_inbox.store.list_wanted import Wanted
from desktop_inbox.store.lists import SORT_KEYS, ListQuery
from desktop_inbox.store.match_properties import Asking
from desktop_inbox.store.questions import Keeper
from desktop_inbox.store.schema import conversation
from tests.store.conftest import Store, standing_store
from tests.store.test_matching import QUERIES
from tests.support import builders
from tests.support.builders import MINA, NOON, Mail
from tests.support.conditions import groups

VIEWER = Viewer(now=NOON, agent="nobody")
_KENJI = Address(name="Çağrı Kenji", address="kenji@kiln.example")
_WORDS = ("bowl", "rim", "4711", "crack", "Çatlak", "İade")
_TAGS = ("Refund", "İade oldu")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Some 150 random conversations, with messages that lie far apart."""
    with standing_store(tmp_path_factory.mktemp("paths")) as store:
        store.write(_fill)
        yield store


def _fill(tx: Tx) -> None:
    chance = Random(7)

    def moment() -> Any:
        return NOON - timedelta(minutes=chance.randint(0, 600_000))

    keys = []
    for _ in range(150):
        key = builders.conversation(tx, who=chance.choice((MINA, _KENJI)), at=moment())
        keys.append(key)
        for _ in range(chance.randint(1, 3)):
            said = " ".join(chance.choices(_WORDS, k=chance.randint(0, 3)))
            mail = Mail(subject=said, text=said, at=moment(), seen=chance.random() < 0.7)
            builders.message(tx, key, mail)
    tx.finish()
    for key in keys:
        known = {
            "status": chance.choice((*Status, Status.OPEN, Status.OPEN)).value,
            "priority": chance.choice(tuple(Priority)).value,
            "assignee_id": chance.choice((None, tx.agent.id)),
            "starred": chance.random() < 0.1,
            "waiting_since": chance.choice((None, moment())),
            "next_due_at": chance.choice((None, moment(), NOON + timedelta(hours=1))),
        }
        tx.conn.execute(update(conversation).where(conversation.c.id == key).values(**known))
    tx.conn.execute(text("INSERT INTO tag (uid, name, hue) VALUES ('tag-1', 'Refund', 1)"))
    tx.conn.execute(
        text(
            "INSERT INTO conversation_tag (tag_id, conversation_id, last_at)"
            " SELECT 1, id, last_at FROM conversation WHERE id % 7 = 0"
        )
    )


# Every way to read: all found first, hardly any or few; walked in small steps; walked, and given up
# early. What is not `rare` is walked as long as `some` are found before few are counted; `common`
# is how many of two messages have a beginning of a word that is looked for without the index.
# "passed by": hardly any, and the walk looks whether it meets them.
WAYS = {
    "rare": {"rare": 10_000, "few": 10_000, "step": 256, "far": 40_000, "some": 0, "common": 3},
    "passed by": {"rare": 999, "few": 999, "step": 256, "far": 40_000, "some": 0, "common": 3},
    "found": {"rare": 0, "few": 10_000, "step": 256, "far": 0, "some": 10_000, "common": 3},
    "walked": {"rare": 0, "few": 0, "step": 3, "far": 40_000, "some": 0, "common": 0},
    "given up": {"rare": 0, "few": 0, "step": 2, "far": 6, "some": 0, "common": 3},
    "as it comes": {"rare": 5, "few": 20, "step": 8, "far": 60, "some": 1, "common": 1},
}


@contextmanager
def _forced(way: str) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        rare, few, step, far, some, common = WAYS[way].values()
        patch.setattr(asked, "RARE", rare)
        patch.setattr(asked, "FEW", few)
        patch.setattr(match_hits, "_FEW", few)
        patch.setattr(list_sifting, "FIRST_STEP", step)
        patch.setattr(list_sifting, "_FIRST_HITS", step)
        patch.setattr(list_queries, "_FAR", far)
        patch.setattr(list_sifting, "SOME", some)
        patch.setattr(list_queries, "_PASSED", 10_000 if way == "passed by" else 0)
        patch.setattr(beginnings, "_SAMPLE", 2)
        patch.setattr(beginnings, "_COMMON", common)
        yield


def _plainly(conn: Connection, query: ListQuery, *conditions: Any) -> list[int]:
    """What is found without any index in mind, sorted as the rule says."""
    key = SORT_KEYS[query.sort] or "NULL"
    rows = conn.execute(
        conversation.select().where(NOT_MERGED, *conditions).with_only_columns(conversation.c.id)
    )
    wanted = ", ".join(str(row.id) for row in rows) or "NULL"
    return list(
        conn.scalars(
            text(
                f"SELECT id FROM conversation WHERE id IN ({wanted})"
                f" ORDER BY {key} DESC, last_at DESC, id DESC"
            )
        )
    )


def _in_pages(conn: Connection, query: ListQuery) -> list[int]:
    found: list[int] = []
    after = None
    while True:
        rows, after = conversations.page(conn, query, limit=13, after=after, now=NOON)
        found += [row.id for row in rows]
        if after is None:
            return found


@given(condition=groups, sort=st.sampled_from(tuple(SORT_KEYS)), way=st.sampled_from(tuple(WAYS)))
@settings(max_examples=150, deadline=None)
def test_a_saved_view_is_the_same_whichever_way_it_is_read(
    shop: Store, condition: Group, sort: str, way: str
) -> None:
    query = ListQuery(view="all", sort=sort)
    statuses, shown = view_conditions.shown_by(condition, VIEWER)
    # Worked out anew, and kept from another time.
    fresh = list_wanted._shown_by(query, condition, VIEWER)
    earlier = replace(VIEWER, now=NOON - timedelta(days=900))
    kept = list_wanted._shown_by(query, condition, earlier)

    def read(conn: Connection, wanted: Wanted) -> tuple[list[int], list[int], list[int], int]:
        reading = list_queries._Reading(conn, wanted, NOON)
        whole = list(reading.all_ids())
        first = list(reading.keys(9))
        after = order_of(query).key_of(first[-1]) if first else None
        more = reading.keys(9, after=after) if after else []
        return whole, [key[-1] for key in first], [key[-1] for key in more], reading.count()

    expected = shop.read(
        lambda conn: _plainly(conn, query, conversation.c.status.in_(statuses), shown.holds)
    )
    if statuses:
        with _forced(way):
            right = (expected, expected[:9], expected[9:18], len(expected))
            assert shop.read(lambda conn: read(conn, fresh)) == right
            assert shop.read(lambda conn: read(conn, kept)) == right


@given(query=QUERIES, sort=st.sampled_from(tuple(SORT_KEYS)), way=st.sampled_from(tuple(WAYS)))
@example(query=parse_query("tag:refund contact:kenji"), sort="newest", way="passed by")
@example(query=parse_query("contact:kenji is:open"), sort="newest", way="walked")
@settings(max_examples=150, deadline=None)
def test_a_search_in_a_list_is_the_same_whichever_way_it_is_read(
    shop: Store, query: Any, sort: str, way: str
) -> None:
    typed = format_query(query)
    listed = ListQuery(view="all", sort=sort, text=typed)
    found = matching.asked_of(parse_query(typed), Asking(now=NOON)).holds
    everywhere = conversation.c.status.in_(("open", "snoozed", "closed"))
    expected = shop.read(lambda conn: _plainly(conn, listed, everywhere, found))
    with _forced(way):
        assert shop.read(lambda conn: _in_pages(conn, listed)) == expected
        assert shop.read(lambda conn: list(conversations.ids(conn, listed, now=NOON))) == expected
        counted = shop.read(lambda conn: conversations.count(conn, listed, now=NOON))
        assert counted == len(expected)


@pytest.mark.parametrize("way", ["rare", "found", "walked", "as it comes"])
def test_of_plain_words_the_newest_hits_count_in_every_way(
    shop: Store, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_wanted, "NEWEST_HITS", 30)
    monkeypatch.setattr(list_wanted, "_SEARCHED", Keeper[Wanted](9))
    listed = ListQuery(view="all", sort="newest", text='"crack"')
    newest = (
        "SELECT conversation_id FROM message WHERE id IN (SELECT rowid FROM message_fts"
        " WHERE message_fts MATCH 'crack' ORDER BY rowid DESC LIMIT 30)"
    )
    everywhere = conversation.c.status.in_(("open", "snoozed", "closed"))
    expected = shop.read(
        lambda conn: _plainly(conn, listed, everywhere, text(f"conversation.id IN ({newest})"))
    )
    with _forced(way):
        assert shop.read(lambda conn: _in_pages(conn, listed)) == expected
        assert shop.read(lambda conn: list(conversations.ids(conn, listed, now=NOON))) == expected


_VIEWS = {
    "inbox": "status = 'open'",
    "mine": "status = 'open' AND assignee_id = 1",
    "unassigned": "status = 'open' AND assignee_id IS NULL",
    "snoozed": "status = 'snoozed'",
    "closed": "status = 'closed'",
    "spam": "status = 'spam'",
    "all": "status IN ('open', 'snoozed', 'closed')",
}


@given(
    view=st.sampled_from(tuple(_VIEWS)),
    sort=st.sampled_from(tuple(SORT_KEYS)),
    tag=st.sampled_from([None, 1, 2]),
    unread=st.booleans(),
    unassigned=st.booleans(),
    way=st.sampled_from(tuple(WAYS)),
)
@settings(max_examples=150, deadline=None)
def test_a_narrowed_view_is_the_same_whichever_way_it_is_read(
    shop: Store,
    view: str,
    sort: str,
    tag: int | None,
    unread: bool,
    unassigned: bool,
    way: str,
) -> None:
    query = ListQuery(view=view, sort=sort, tag_id=tag, unread=unread, unassigned=unassigned)
    conditions = [text(_VIEWS[view])]
    if tag is not None:
        bearing = f"id IN (SELECT conversation_id FROM conversation_tag WHERE tag_id = {tag})"
        conditions.append(text(bearing))
    if unread:
        conditions.append(text("unread > 0"))
    if unassigned and view != "mine":
        conditions.append(text("assignee_id IS NULL"))
    if unassigned and view == "mine":
        return  # nobody asks for that
    expected = shop.read(lambda conn: _plainly(conn, query, *conditions))
    with _forced(way):
        assert shop.read(lambda conn: _in_pages(conn, query)) == expected
        assert shop.read(lambda conn: list(conversations.ids(conn, query, now=NOON))) == expected
        assert shop.read(lambda conn: conversations.count(conn, query)) == len(expected)
