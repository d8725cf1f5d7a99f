"""Messages of narrowed searches are those that a plain statement finds, newest first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, insert, select, update

from desktop_inbox.domain.query import parse_query
from desktop_inbox.domain.states import Status
from desktop_inbox.store import asked, match_hits, matching, message_index, messages
from desktop_inbox.store.database import Tx
from desktop_inbox.store.match_properties import Asking
from desktop_inbox.store.match_words import is_hit, message_fts
from desktop_inbox.store.schema import conversation, message, message_body
from desktop_inbox.store.search_narrowed import Narrowed
from tests.store.conftest import Store, standing_store
from tests.support import builders
from tests.support.builders import MINA, NOON, Mail

WORDS = ("bowl", "rim", "crack", "glaze")
_DAYS = 300


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Conversations of most of a year: short ones, long ones, and with notes much later."""
    with standing_store(tmp_path_factory.mktemp("narrowed")) as store:
        store.write(_fill)
        yield store


def _fill(tx: Tx) -> None:
    chance = Random(11)
    keys = []
    for _ in range(120):
        begun = NOON - timedelta(days=chance.uniform(10, _DAYS))
        keys.append(key := builders.conversation(tx, who=MINA, at=begun))
        long = timedelta(days=chance.choice((1, 6, 8, 200)))
        for at in (begun, *(begun + long * chance.random() for _ in range(chance.randint(0, 2)))):
            files = ("a.pdf",) if key % 3 == 0 else ()
            mail = Mail(text=_said(chance), at=min(at, NOON), attachments=files)
            builders.message(tx, key, mail)
        if chance.random() < 0.3:
            _note(tx, key, _said(chance), chance)
    tx.finish()
    for key in keys:
        status = chance.choice((Status.OPEN, Status.CLOSED)).value
        tx.conn.execute(update(conversation).where(conversation.c.id == key).values(status=status))


def _said(chance: Random) -> str:
    return " ".join(chance.choices(WORDS, k=chance.randint(1, 3)))


def _note(tx: Tx, conversation_id: int, said: str, chance: Random) -> None:
    at = NOON - timedelta(days=chance.uniform(0, _DAYS))
    (key,) = messages.next_ids(tx, [at])
    tx.conn.execute(
        insert(message).values(
            id=key, uid=f"note-{key}", conversation_id=conversation_id, origin_id=conversation_id,
            direction="note", refs=[], people={}, at=at,
        )
    )  # fmt: skip
    tx.conn.execute(insert(message_body).values(message_id=key, text=said))
    message_index.put_words(tx, key, body=said)


def _dated(chance: int) -> str:
    day = (NOON - timedelta(days=chance)).date()
    return f"created:{day.isoformat()[:7]}" if chance % 2 else f"before:{day.isoformat()}"


TYPED = st.builds(
    " ".join,
    st.tuples(
        st.sampled_from([*WORDS, "bo*", "rim crack", '"bowl rim"', "note:glaze"]),
        st.integers(0, _DAYS).map(_dated) | st.sampled_from(["", "is:open"]),
        st.sampled_from(["", "is:open", "has:attachment", "-has:attachment", "created:2026"]),
        st.sampled_from(["", "-glaze", "-(is:closed crack)", "(rim OR is:open)"]),
    ),
)


def _plainly(conn: Connection, typed: str) -> list[int]:
    search = matching.search_of(parse_query(typed, typing=False), Asking(now=NOON))
    assert search.rest is not None
    found = (
        select(message.c.id)
        .join(conversation, conversation.c.id == message.c.conversation_id)
        .where(
            message.c.id.in_(select(message_fts.c.rowid).where(is_hit(search.messages))),
            message.c.deleted_at.is_(None),
            search.rest.holds,
        )
    )
    return sorted(conn.scalars(found), reverse=True)


@given(typed=TYPED, few=st.sampled_from([0, 5, 1000]), most=st.sampled_from([1, 4, 500]))
@settings(max_examples=100, deadline=None)
def test_it_finds_what_a_plain_statement_does_k(
    shop: Store, typed: str, few: int, most: int
) -> None:
    query, asking = parse_query(typed, typing=False), Asking(now=NOON)
    search = matching.search_of(query, asking)
    if search.rest is None:
        return
    narrowed = Narrowed(query, asking, search)

    def newest(conn: Connection) -> Any:
        return list(narrowed.newest(conn, now=NOON, most=most))

    expected = shop.read(lambda conn: _plainly(conn, typed))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asked, "FEW", few)
        patch.setattr(match_hits, "_FEW", few)
        patch.setattr(match_hits, "_LOOKED_UP", few // 5)
        assert shop.read(newest) == expected[:most]
