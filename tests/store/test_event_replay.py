"""Events in any order, and all of them undone: the same is left every time."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Row, TextClause, text

from desktop_inbox.domain.conversations import Priority, Status
from desktop_inbox.domain.events import Event, FieldChange
from desktop_inbox.store import (
    conversations,
    customers,
    events,
    messages,
)
from desktop_inbox.store.database import Database, Tx
from tests.store.conftest import Store
from tests.store.event_desk import Desk
from tests.store.event_desk import desk as desk
from tests.support.lookups import whole_log


def _content(conn: Connection) -> dict[str, Any]:
    """Everything that events decide, by uid, without keys that differ from device to device."""
    return {
        "conversations": conn.execute(
            text(
                """
                SELECT c.uid, c.subject, c.status, c.priority, a.uid, c.snoozed_until,
                    c.snoozed_until_reply, m.uid, p.uid, c.unread, c.message_count, c.last_at,
                    c.waiting_since, c.snippet, c.has_attachment
                FROM conversation c LEFT JOIN agent a ON a.id = c.assignee_id
                LEFT JOIN conversation m ON m.id = c.merged_into_id
                LEFT JOIN customer p ON p.id = c.customer_id ORDER BY c.uid
                """
            )
        ).all(),
        "tags": conn.execute(
            text(
                """
                SELECT t.uid, t.name, t.hue, t.deleted, c.uid, ct.last_at
                FROM tag t LEFT JOIN conversation_tag ct ON ct.tag_id = t.id
                LEFT JOIN conversation c ON c.id = ct.conversation_id ORDER BY t.uid, c.uid
                """
            )
        ).all(),
        "messages": conn.execute(
            text(
                """
                SELECT m.uid, m.seen, m.snippet, m.deleted_at IS NULL, c.uid, b.text
                FROM message m JOIN conversation c ON c.id = m.conversation_id
                LEFT JOIN message_body b ON b.message_id = m.id ORDER BY m.uid
                """
            )
        ).all(),
        "canned": conn.execute(
            text(
                "SELECT uid, title, body, bodies, files, deleted FROM canned_response ORDER BY uid"
            )
        ).all(),
        "customers": conn.execute(
            text("SELECT uid, name, company, notes FROM customer ORDER BY uid")
        ).all(),
        "clocks": conn.execute(
            text("SELECT entity, uid, field, hlc FROM field_clock ORDER BY 1, 2, 3")
        ).all(),
    }


def _actions(desk: Desk, rng: random.Random) -> list[Callable[[], Event]]:
    """Random things people do."""
    uids = [desk.first_uid, desk.second_uid]
    found = desk.store.read(lambda conn: messages.of_conversation(conn, desk.first))
    customer_uid = desk.store.read(lambda conn: customers.list_all(conn))[0].uid
    agent = desk.store.write(lambda tx: tx.agent.uid)

    def conversation(field: str, values: list[object]) -> Callable[[], Event]:
        change = FieldChange("conversation", rng.choice(uids), field, None, rng.choice(values))
        return lambda: desk.do(f"conversation.{field}", change)

    def other(entity: str, uid: str, field: str, values: list[object]) -> Callable[[], Event]:
        change = FieldChange(entity, uid, field, None, rng.choice(values))
        return lambda: desk.do(f"{entity}.{field}", change)

    def note() -> Callable[[], Event]:
        content = {"conversation": rng.choice(uids), "agent": agent, "at": 5, "text": "n"}
        return other("note", rng.choice("ab"), "content", [content, None])

    makers: list[Callable[[], Callable[[], Event]]] = [
        lambda: conversation("status", [status.value for status in Status]),
        lambda: conversation("priority", [priority.value for priority in Priority]),
        lambda: conversation("assignee", [agent, None, "somebody else"]),
        lambda: conversation("snooze", [{"until": 7, "until_reply": False}, None]),
        lambda: conversation("merged_into", [None, *uids]),
        lambda: conversation(f"tag:{rng.choice('xy')}", [True, None]),
        lambda: other("tag", rng.choice("xy"), "name", ["VIP", "late"]),
        lambda: other("tag", rng.choice("xy"), "deleted", [True, False]),
        lambda: other("canned", "k", "body", ["one", "two"]),
        lambda: other("canned", "k", rng.choice(["body:tr", "body:en"]), ["bir", "iki", None]),
        lambda: other("canned", "k", "files", [[{"name": "a", "sha256": "0"}], [], None]),
        lambda: other("customer", customer_uid, "company", ["Clay", ""]),
        lambda: other("message", found[0].uid, "seen", [True, False]),
        note,
    ]
    return [rng.choice(makers)() for _ in range(60)]


@pytest.mark.parametrize("seed", range(5))
def test_replaying_all_events_shuffled_and_doubled_gives_the_same(
    tmp_path: Path, desk: Desk, seed: int
) -> None:
    rng = random.Random(seed)
    for action in _actions(desk, rng):
        action()
    log = desk.store.read(whole_log)
    live = desk.store.read(_content)
    shuffled = [*log, *rng.sample(log, len(log) // 2)]
    rng.shuffle(shuffled)

    db = Database.open(tmp_path / "other.db", device_uid="another laptop")
    other = Store(db)
    _copy_what_came_from_outside(desk.store, other)
    for event in shuffled:
        other.write(lambda tx, event=event: events.apply(tx, event))  # type: ignore[misc]
    assert other.read(_content) == live
    db.close()


def _all(query: TextClause, conn: Connection) -> Sequence[Row[*tuple[Any, ...]]]:
    return conn.execute(query).all()


def _copy_what_came_from_outside(source: Store, target: Store) -> None:
    """Give another store the same mail, under the same uids."""
    tables = ("account", "customer", "identity", "agent", "conversation", "message", "message_body")
    first = {
        "conversation": "status = 'open', priority = 'normal', assignee_id = NULL,"
        " snoozed_until = NULL, snoozed_until_reply = 0, merged_into_id = NULL",
        "message": "seen = 0, conversation_id = origin_id",
        "customer": "company = ''",
    }

    def copy(tx: Tx) -> None:
        tx.conn.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        tx.conn.exec_driver_sql("DELETE FROM agent")
        for table in tables:
            where = " WHERE direction = 'in'" if table == "message" else ""
            if table == "message_body":
                where = " WHERE message_id IN (SELECT id FROM message WHERE direction = 'in')"
            query = text(f"SELECT * FROM {table}{where}")
            found = source.read(partial(_all, query))
            for row in found:
                marks = ", ".join("?" * len(row))
                tx.conn.exec_driver_sql(f"INSERT INTO {table} VALUES ({marks})", tuple(row))
            if table in first:
                tx.conn.exec_driver_sql(f"UPDATE {table} SET {first[table]}")
        conversations.refresh(tx, tx.conn.scalars(text("SELECT id FROM conversation")))

    target.write(copy)


@pytest.mark.parametrize("seed", range(3))
def test_undoing_everything_restores_what_was_there(desk: Desk, seed: int) -> None:
    def content(conn: Connection) -> dict[str, Any]:
        found = _content(conn)
        return {name: found[name] for name in ("conversations", "customers")}

    for field in ("status", "priority"):
        desk.set(field, "open" if field == "status" else "normal")
    before = desk.store.read(content)
    rng = random.Random(seed)
    done = []
    for _ in range(30):
        row = desk.row(desk.first)
        kind = rng.choice(["status", "priority", "snooze", "subject"])
        until = row.snoozed_until and {"until": int(row.snoozed_until.timestamp() * 1000)}
        current: dict[str, object] = {
            "status": row.status.value,
            "priority": row.priority.value,
            "snooze": until,
            "subject": row.subject,
        }
        choices: dict[str, list[object]] = {
            "status": [status.value for status in Status],
            "priority": [priority.value for priority in Priority],
            "snooze": [{"until": rng.randrange(10**12)}, None],
            "subject": ["Plates", "Cups"],
        }
        done.append(desk.set(kind, rng.choice(choices[kind]), before=current[kind]))
    for event in reversed(done):
        desk.take_back(event)
    assert desk.store.read(content) == before
