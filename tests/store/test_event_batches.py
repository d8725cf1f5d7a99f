"""What is recorded of many at once is what would have been recorded of each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import text

from desktop_inbox.domain.conversations import Priority, Status
from desktop_inbox.domain.events import FieldChange
from desktop_inbox.services import conversations as acts
from desktop_inbox.store import conversations, event_batches, events
from desktop_inbox.store.database import Database, Tx
from tests.store.conftest import Store
from tests.support import builders


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


_STATE = """
    SELECT c.uid, c.status, c.priority,
        (SELECT a.uid FROM agent a WHERE a.id = c.assignee_id) AS assignee,
        (SELECT count(*) FROM conversation_tag t WHERE t.conversation_id = c.id) AS tags
    FROM conversation c ORDER BY c.uid
"""
_CLOCKS = "SELECT entity, uid, field, hlc FROM field_clock ORDER BY 1, 2, 3"


def test_replaying_the_log_event_by_event_gives_the_same(
    store: Store, keys: list[int], tmp_path: Path
) -> None:
    before = store.read(lambda conn: conn.execute(text(_STATE)).all())
    store.write(lambda tx: _deeds(tx, keys))
    log = store.read(events.in_order)
    assert len(log) == len({str(one.hlc) for one in log})
    other = Store(Database.open(tmp_path / "other.db"))
    try:
        for one in log:
            other.write(lambda tx, one=one: events.apply(tx, one))  # type: ignore[misc]

        for told in (_STATE, _CLOCKS):
            expected = store.read(lambda conn, told=told: conn.execute(text(told)).all())  # type: ignore[misc]
            found = other.read(lambda conn, told=told: conn.execute(text(told)).all())  # type: ignore[misc]
            assert found == expected
        assert store.read(lambda conn: conn.execute(text(_STATE)).all()) != before
    finally:
        other.db.close()


def test_an_event_that_was_known_before_loses_to_what_a_batch_writes(
    store: Store, keys: list[int]
) -> None:
    store.write(lambda tx: acts.set_priority(tx, keys, Priority.HIGH))
    (first, *_rest) = store.read(events.in_order)
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
        FieldChange("conversation", "c", "snooze", None, {"until": 1}),
        FieldChange("message", "m", "seen", False, True),
        FieldChange("customer", "p", "name", "", "Mina"),
        FieldChange("conversation", "c", "status", "open", "a status to come"),
    ],
)
def test_what_has_effects_of_its_own_is_recorded_one_by_one(change: FieldChange) -> None:
    assert not event_batches.takes([change])
