"""The one door: fields, their clocks, undo, and replay in any order."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Row, TextClause, text

from desktop_inbox.domain.clock import Hlc
from desktop_inbox.domain.conversations import Priority, Status
from desktop_inbox.domain.events import Event, FieldChange, undo
from desktop_inbox.domain.states import Direction
from desktop_inbox.store import (
    canned,
    conversations,
    customers,
    events,
    messages,
    search,
    tags,
    threads,
)
from desktop_inbox.store.conversation_rows import ConversationRow
from desktop_inbox.store.conversations import ListQuery
from desktop_inbox.store.database import Database, Tx
from tests.store.conftest import Store
from tests.support import builders
from tests.support.builders import NOON, Mail
from tests.support.lookups import whole_log

Change = tuple[str, str, str, object]


class Desk:
    """A store with two conversations, and a person who changes things in it."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.first, self.second = store.write(self._fill)
        self.first_uid, self.second_uid = self.row(self.first).uid, self.row(self.second).uid

    @staticmethod
    def _fill(tx: Tx) -> tuple[int, int]:
        account_id = builders.account(tx)
        found = []
        for number in range(2):
            key = builders.conversation(tx, subject=f"Order {number}")
            at = NOON + timedelta(hours=number)
            builders.message(tx, key, Mail(at=at, seen=False), account_id=account_id)
            found.append(key)
        return found[0], found[1]

    def row(self, conversation_id: int) -> ConversationRow:
        found = self.store.read(lambda conn: conversations.row(conn, conversation_id))
        assert found is not None
        return found

    def do(self, kind: str, *changes: FieldChange, uid: str | None = None) -> Event:
        return self.store.write(
            lambda tx: events.record(tx, kind, changes, conversation=uid or self.first_uid)
        )

    def set(self, field: str, after: object, *, before: object = None) -> Event:
        change = FieldChange("conversation", self.first_uid, field, before, after)
        return self.do(f"conversation.{field}", change)

    def take_back(self, done: Event) -> None:
        def write(tx: Tx) -> None:
            inverse = undo(
                done,
                uid=f"undo {done.uid}",
                hlc=events.stamp(tx),
                at=tx.now,
                group_uid="undone",
                actor=done.actor,
            )
            events.apply(tx, inverse)

        self.store.write(write)

    def listed(self, view: str) -> list[int]:
        return list(self.store.read(lambda conn: conversations.ids(conn, ListQuery(view=view))))


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store)


def test_closing_moves_a_conversation_from_the_inbox_to_closed(desk: Desk) -> None:
    desk.set("status", "closed", before="open")
    assert desk.row(desk.first).status is Status.CLOSED
    assert desk.listed("inbox") == [desk.second]
    assert desk.listed("closed") == [desk.first]


def test_a_snooze_is_one_value(desk: Desk) -> None:
    until = NOON + timedelta(days=1)
    desk.set("snooze", {"until": int(until.timestamp() * 1000), "until_reply": True})
    assert desk.row(desk.first).snoozed_until == until
    assert desk.row(desk.first).snoozed_until_reply
    desk.set("snooze", None)
    assert desk.row(desk.first).snoozed_until is None
    assert not desk.row(desk.first).snoozed_until_reply


def test_assigning_names_an_agent(desk: Desk) -> None:
    uid = desk.store.write(lambda tx: tx.agent.uid)
    desk.set("assignee", uid)
    assert desk.row(desk.first).assignee_id == 1
    assert desk.listed("mine") == [desk.first]
    assert desk.listed("unassigned") == [desk.second]


def test_a_tag_is_put_on_and_taken_off(desk: Desk) -> None:
    desk.do("tag.created", FieldChange("tag", "t1", "name", None, "VIP"))
    done = desk.set("tag:t1", True)
    assert [tag.name for tag in desk.row(desk.first).tags] == ["VIP"]
    desk.take_back(done)
    assert desk.row(desk.first).tags == ()


def test_a_deleted_tag_is_not_shown(desk: Desk) -> None:
    desk.do("tag.created", FieldChange("tag", "t1", "name", None, "VIP"))
    desk.set("tag:t1", True)
    desk.do("tag.deleted", FieldChange("tag", "t1", "deleted", None, True))
    assert desk.row(desk.first).tags == ()
    assert desk.store.read(tags.list_all) == []


def test_reading_a_message_counts_it_as_read(desk: Desk) -> None:
    assert desk.row(desk.first).unread == 1
    message = desk.store.read(lambda conn: messages.of_conversation(conn, desk.first))[0]
    done = desk.do("message.seen", FieldChange("message", message.uid, "seen", False, True))
    assert desk.row(desk.first).unread == 0
    desk.take_back(done)
    assert desk.row(desk.first).unread == 1


def test_a_note_is_shown_found_and_can_be_taken_back(desk: Desk) -> None:
    agent = desk.store.write(lambda tx: tx.agent.uid)
    note = {
        "conversation": desk.first_uid,
        "agent": agent,
        "at": int(NOON.timestamp() * 1000) + 5,
        "text": "Ask the kiln people in Iğdır",
    }
    done = desk.do("note.created", FieldChange("note", "n1", "content", None, note))
    shown = desk.store.read(lambda conn: messages.of_conversation(conn, desk.first))
    assert [row.direction for row in shown] == [Direction.IN, Direction.NOTE]
    assert shown[1].text == "Ask the kiln people in Iğdır"
    found = desk.store.read(lambda conn: search.search(conn, "igdir"))
    assert [hit.id for hit in found.messages] == [shown[1].id]
    assert desk.row(desk.first).snippet == shown[0].snippet  # a note is not news to the list
    desk.take_back(done)
    assert len(desk.store.read(lambda conn: messages.of_conversation(conn, desk.first))) == 1
    assert not desk.store.read(lambda conn: search.search(conn, "igdir")).messages


def test_a_customer_s_new_name_is_shown_and_found(desk: Desk) -> None:
    customer_id = desk.row(desk.first).customer_id
    assert customer_id is not None
    found = desk.store.read(lambda conn: customers.row(conn, customer_id))
    assert found is not None
    desk.do("customer.name", FieldChange("customer", found.uid, "name", found.name, "Zoë Şahin"))
    assert desk.row(desk.first).customer_name == "Zoë Şahin"
    hits = desk.store.read(lambda conn: search.search(conn, "sahin")).customers
    assert [row.id for row in hits] == [customer_id]


def test_a_canned_response_is_made_of_fields(desk: Desk) -> None:
    desk.do(
        "canned.created",
        FieldChange("canned", "c1", "title", None, "Thanks"),
        FieldChange("canned", "c1", "shortcut", None, "ty"),
        FieldChange("canned", "c1", "body", None, "Thank you!"),
    )
    found = desk.store.read(lambda conn: canned.by_shortcut(conn, "TY"))
    assert found is not None
    assert found.body == "Thank you!"
    desk.do("canned.deleted", FieldChange("canned", "c1", "deleted", None, True))
    assert desk.store.read(canned.list_all) == []


# Merging and splitting


def test_merging_shows_everything_in_the_target_and_undo_takes_it_apart(desk: Desk) -> None:
    done = desk.set("merged_into", desk.second_uid)
    assert desk.listed("inbox") == [desk.second]
    merged = desk.row(desk.second)
    assert (merged.message_count, merged.unread, merged.waiting_since) == (2, 2, NOON)
    desk.take_back(done)
    assert sorted(desk.listed("inbox")) == [desk.first, desk.second]
    assert desk.row(desk.first).message_count == desk.row(desk.second).message_count == 1


def test_a_chain_of_merges_ends_in_the_last(desk: Desk) -> None:
    third = desk.store.write(lambda tx: builders.conversation(tx, subject="Order 3"))
    third_uid = desk.row(third).uid
    desk.set("merged_into", desk.second_uid)
    desk.do(
        "conversation.merge",
        FieldChange("conversation", desk.second_uid, "merged_into", None, third_uid),
    )
    assert desk.row(third).message_count == 2
    assert desk.listed("inbox") == [third]


def test_a_message_that_comes_after_a_merge_is_shown_in_the_target(desk: Desk) -> None:
    desk.set("merged_into", desk.second_uid)
    desk.store.write(lambda tx: builders.message(tx, desk.first, Mail(at=NOON + timedelta(days=1))))
    assert desk.row(desk.second).message_count == 3


def test_two_conversations_merged_into_each_other_have_one_end(desk: Desk) -> None:
    desk.set("merged_into", desk.second_uid)
    desk.do(
        "conversation.merge",
        FieldChange("conversation", desk.second_uid, "merged_into", None, desk.first_uid),
    )
    ends = desk.store.read(lambda conn: conversations.roots(conn, [desk.first, desk.second]))
    smallest = min((desk.first_uid, desk.first), (desk.second_uid, desk.second))[1]
    assert set(ends.values()) == {smallest}
    assert desk.row(smallest).message_count == 2


def test_a_thread_moves_with_its_messages_and_back(desk: Desk) -> None:
    def fill(tx: Tx) -> str:
        new = threads.NewThread(
            uid="th", conversation_id=desk.first, account_id=1, external_id="root@x"
        )
        thread_id = threads.create(tx, [new])["th"]
        builders.message(tx, desk.first, Mail(thread_id=thread_id), account_id=1)
        return "th"

    uid = desk.store.write(fill)
    done = desk.do(
        "thread.move",
        FieldChange("thread", uid, "conversation", desk.first_uid, desk.second_uid),
    )
    assert (desk.row(desk.first).message_count, desk.row(desk.second).message_count) == (1, 2)
    desk.take_back(done)
    assert (desk.row(desk.first).message_count, desk.row(desk.second).message_count) == (2, 1)


def test_answers_follow_a_message_into_its_new_thread(desk: Desk) -> None:
    def fill(tx: Tx) -> str:
        old, new = (
            threads.NewThread(uid=uid, conversation_id=key, account_id=1, external_id=uid)
            for uid, key in (("old", desk.first), ("new", desk.second))
        )
        ids = threads.create(tx, [old, new])
        mail = Mail(thread_id=ids["old"], message_id="moved@orders.example")
        key = builders.message(tx, desk.first, mail, account_id=1)
        threads.add_claims(tx, [("moved@orders.example", ids["old"], "=")])
        threads.add_participants(tx, [(ids["old"], "mina@orders.example")])
        return messages.rows(tx.conn, [key])[key].uid

    uid = desk.store.write(fill)

    def leads_to(conn: Connection) -> tuple[str, frozenset[str]]:
        ((_, key, _),) = threads.claims(conn, ["moved@orders.example"])
        found = threads.rows(conn, [key])[key]
        return found.uid, found.participants

    done = desk.do("conversation.split", FieldChange("message", uid, "thread", "old", "new"))
    assert desk.row(desk.second).message_count == 2
    assert desk.store.read(leads_to) == ("new", frozenset({"mina@orders.example"}))
    desk.take_back(done)
    assert desk.row(desk.second).message_count == 1
    assert desk.store.read(leads_to)[0] == "old"


# Clocks


def _event(number: int, change: FieldChange, *, device: str = "d1") -> Event:
    return Event(
        uid=f"{device} {number} {change.field}",
        hlc=Hlc(1_800_000_000_000 + number, 0, device),
        actor="system",
        at=NOON,
        kind="test",
        group_uid="g",
        changes=(change,),
    )


def test_the_later_clock_wins_whatever_comes_last(desk: Desk) -> None:
    def status(after: str) -> FieldChange:
        return FieldChange("conversation", desk.first_uid, "status", "open", after)

    desk.store.write(lambda tx: events.apply(tx, _event(2, status("closed"))))
    desk.store.write(lambda tx: events.apply(tx, _event(1, status("spam"), device="d2")))
    assert desk.row(desk.first).status is Status.CLOSED


def test_an_event_that_comes_twice_does_nothing(desk: Desk) -> None:
    change = FieldChange("conversation", desk.first_uid, "status", "open", "closed")
    desk.store.write(lambda tx: events.apply(tx, _event(1, change)))
    desk.store.write(lambda tx: events.apply(tx, _event(1, change)))
    assert desk.store.read(lambda c: c.scalar(text("SELECT count(*) FROM event"))) == 1


def test_unknown_kinds_and_fields_are_kept_and_skipped(desk: Desk) -> None:
    done = desk.do(
        "starlight.shone",
        FieldChange("starlight", "s1", "colour", None, "blue"),
        FieldChange("conversation", desk.first_uid, "mood", None, "calm"),
    )
    (kept,) = desk.store.read(lambda conn: events.group(conn, done.group_uid))
    assert kept == done


def test_clocks_never_go_back_even_when_the_wall_clock_does(tmp_path: Path) -> None:
    times = iter(NOON + timedelta(hours=hour) for hour in (0, 5, 2, 1, 0))
    db = Database.open(tmp_path / "workspace.db", now=lambda: next(times))
    change = FieldChange("tag", "t1", "name", None, "x")
    clocks = [
        str(db.write(lambda tx: events.record(tx, "tag", [change])).result(10).hlc)
        for _ in range(4)
    ]
    assert clocks == sorted(set(clocks))
    db.close()


def test_history_names_who_did_what_and_what_was_undone(desk: Desk) -> None:
    closed = desk.set("status", "closed", before="open")
    desk.take_back(closed)
    history = desk.store.read(lambda conn: events.of_conversation(conn, desk.first))
    assert [(row.kind, row.undone) for row in history] == [
        ("conversation.status", True),
        ("conversation.status", False),
    ]


def test_the_last_action_is_what_undo_takes_back_next(desk: Desk) -> None:
    actor = desk.store.write(lambda tx: f"agent:{tx.agent.uid}")
    first = desk.set("status", "closed")
    second = desk.set("priority", "high")
    seen = FieldChange("message", "m", "seen", False, True)
    desk.do("message.seen", seen)

    def last(conn: Connection) -> list[str]:
        found = events.last_undoable(conn, actor=actor, ignoring=["message.seen"])
        return [event.uid for event in found]

    assert desk.store.read(last) == [second.uid]
    desk.take_back(second)
    assert desk.store.read(last) == [first.uid]
    desk.take_back(first)
    assert desk.store.read(last) == []


# Replay


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
