"""The one door: fields, their clocks, and undo."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from sqlalchemy import Connection, text

from desktop_inbox.domain.clock import Hlc
from desktop_inbox.domain.conversations import Status
from desktop_inbox.domain.events import Event, FieldChange
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
from desktop_inbox.store.database import Database, Tx
from tests.store.event_desk import Desk
from tests.store.event_desk import desk as desk
from tests.support import builders
from tests.support.builders import NOON, Mail


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
