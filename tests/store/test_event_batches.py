"""What is recorded of many at once is what would have been recorded of each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from desktop_inbox.domain.conversations import Priority, Status
from desktop_inbox.domain.events import FieldChange
from desktop_inbox.services import conversations as acts
from desktop_inbox.store import conversations, driver, event_batches, events
from desktop_inbox.store.database import Database, Tx
from desktop_inbox.store.moments import to_milliseconds
from tests.store.conftest import Store
from tests.support import builders
from tests.support.lookups import whole_log


@pytest.fixture
def keys(store: Store) -> list[int]:
    return store.write(lambda tx: builders.fill(tx, conversation_count=5, messages_each=1))


def _deeds(tx: Tx, keys: Sequence[int]) -> None:
    acts.close(tx, keys[:3])
    acts.reopen(tx, keys[1:2])
    acts.set_status(tx, keys[3:], Status.SPAM)
    acts.set_priority(tx, keys, Priority.URGENT)
    acts.assign_to_me(tx, keys[::2])
    acts.assign(tx, keys[:1], None)
    acts.tag(tx, keys, "wholesale")
    acts.untag(tx, keys[2:4], "wholesale")
    acts.star(tx, keys[1:])
    acts.star(tx, keys[1:3], on=False)
    acts.mark_read(tx, keys[:4])
    acts.mark_unread(tx, keys[1:])
    acts.follow_up(tx, keys[:2], tx.now + timedelta(days=2))
    acts.snooze(tx, keys[:4], until=tx.now + timedelta(days=1), until_reply=True)
    acts.snooze(tx, keys[3:], until=tx.now + timedelta(days=3), stays=True)
    for row in conversations.rows(tx.conn, keys[2:4]).values():
        woke = {"at": to_milliseconds(tx.now + timedelta(days=1)), "why": "snooze"}
        change = FieldChange("conversation", row.uid, "woke", None, woke)
        events.record(tx, "conversation.woke", [change], conversation=row.uid)
    acts.reopen(tx, keys[:3])


_TABLES = ("conversation", "message", "conversation_tag", "field_clock", "tag")


def test_replaying_the_log_event_by_event_gives_the_same(
    store: Store, keys: list[int], tmp_path: Path
) -> None:
    path = tmp_path / "other.db"
    store.read(lambda conn: driver.copy(driver.below(conn), path, key=None))
    before = store.read(_content)
    store.write(lambda tx: _deeds(tx, keys))
    log = store.read(whole_log)
    assert len(log) == len({str(one.hlc) for one in log})
    other = Store(Database.open(path))
    try:
        for one in log:
            other.write(lambda tx, one=one: events.apply(tx, one))  # type: ignore[misc]
        expected, found = store.read(_content), other.read(_content)
        assert {name: found[name] for name in _TABLES} == {name: expected[name] for name in _TABLES}
        assert {name for name in _TABLES if expected[name] == before[name]} == set()
    finally:
        other.db.close()


def _content(conn: Connection) -> dict[str, list[tuple[object, ...]]]:
    return {
        name: sorted(map(tuple, conn.execute(text(f"SELECT * FROM {name}"))), key=repr)
        for name in _TABLES
    }


def test_an_event_that_was_known_before_loses_to_what_a_batch_writes(
    store: Store, keys: list[int]
) -> None:
    store.write(lambda tx: acts.set_priority(tx, keys, Priority.HIGH))
    (first, *_rest) = store.read(whole_log)
    store.write(lambda tx: acts.set_priority(tx, keys, Priority.LOW))
    store.write(lambda tx: events.apply(tx, first))  # comes a second time
    rows = store.read(lambda conn: conversations.rows(conn, keys))
    assert {row.priority for row in rows.values()} == {Priority.LOW}


def test_listeners_hear_of_every_conversation_and_of_the_tag(store: Store, keys: list[int]) -> None:
    heard: list[object] = []
    store.db.subscribe(lambda changes: heard.extend(changes.conversations))
    store.write(lambda tx: acts.tag(tx, keys, "wholesale"))
    assert set(heard) == set(keys)


@pytest.mark.parametrize(
    "change",
    [
        FieldChange("conversation", "c", "merged_into", None, "d"),
        FieldChange("message", "m", "kind", "human", "automated"),
        FieldChange("customer", "p", "name", "", "Mina"),
        FieldChange("conversation", "c", "status", "open", "a status to come"),
    ],
)
def test_what_has_effects_of_its_own_is_recorded_one_by_one(change: FieldChange) -> None:
    assert not event_batches.takes([change])
