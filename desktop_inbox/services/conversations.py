"""What a person can do to conversations; each action is one group of events, undone at once.

Functions of a transaction. Those that take `ids` take one or many, and return the group's uid
for `undo`, None where nothing changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime

from desktop_inbox.domain.conversations import Priority, Status
from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.events import FieldChange, inverse
from desktop_inbox.domain.messages import Direction
from desktop_inbox.domain.uid import new_uid
from desktop_inbox.services.changing import Group, Ids, rows
from desktop_inbox.store import agents, customers, events, messages, tags
from desktop_inbox.store import conversations as stored
from desktop_inbox.store.database import Tx
from desktop_inbox.store.moments import to_milliseconds
from desktop_inbox.store.rows import AgentRow, ConversationRow, MessageRow, TagRow
from desktop_inbox.sync import server_actions

# What happens by itself while one reads or writes, and nobody means by "undo".
NOT_UNDONE = ("conversation.read", "conversation.woke", "conversation.reopened")


# Status and snooze


def set_status(tx: Tx, ids: Ids, status: Status, *, group_uid: str | None = None) -> str | None:
    """Set a status; a snooze ends with it. To snooze, use `snooze`.

    Raises:
        UserError: "conversation-missing"; "snooze-needs-end" for Status.SNOOZED.
    """
    if status is Status.SNOOZED:
        raise UserError("snooze-needs-end")
    group = Group(tx, uid=group_uid)
    for row in rows(tx, ids):
        group.record("conversation.status", _status_changes(row, status), conversation=row.uid)
    return group.uid


def close(tx: Tx, ids: Ids) -> str | None:
    """Close conversations: nothing is left to do until the customer writes."""
    return set_status(tx, ids, Status.CLOSED)


def throw_away(tx: Tx, ids: Ids) -> str | None:
    """Put conversations into the trash, here and on their servers; a new message brings one back.

    Raises:
        UserError: "conversation-missing".
    """
    return set_status(tx, ids, Status.TRASH)


def reopen(tx: Tx, ids: Ids) -> str | None:
    """Put conversations back into the inbox."""
    return set_status(tx, ids, Status.OPEN)


def snooze(
    tx: Tx,
    ids: Ids,
    *,
    until: datetime | None = None,
    until_reply: bool = False,
    group_uid: str | None = None,
) -> str | None:
    """Hide conversations until a time, until the customer writes, or whichever is first (H1).

    Raises:
        UserError: "snooze-needs-end" without either; "snooze-in-the-past";
            "conversation-missing".
    """
    if until is None and not until_reply:
        raise UserError("snooze-needs-end")
    if until is not None and until <= tx.now:
        raise UserError("snooze-in-the-past", until=until)
    group = Group(tx, uid=group_uid)
    for row in rows(tx, ids):
        end: dict[str, object] = {
            "until": None if until is None else to_milliseconds(until),
            "until_reply": until_reply,
        }
        changes = _status_changes(row, Status.SNOOZED, snooze=end)
        group.record("conversation.snooze", changes, conversation=row.uid)
    return group.uid


def _status_changes(
    row: ConversationRow, status: Status, *, snooze: dict[str, object] | None = None
) -> list[FieldChange]:
    before: dict[str, object] | None = None
    if row.snoozed_until is not None or row.snoozed_until_reply:
        until = None if row.snoozed_until is None else to_milliseconds(row.snoozed_until)
        before = {"until": until, "until_reply": row.snoozed_until_reply}
    return [
        FieldChange("conversation", row.uid, "status", row.status.value, status.value),
        FieldChange("conversation", row.uid, "snooze", before, snooze),
    ]


# Fields


def assign(tx: Tx, ids: Ids, agent_id: int | None) -> str | None:
    """Give conversations to somebody, or with None to nobody.

    Raises:
        UserError: "agent-missing"; "conversation-missing".
    """
    people = {agent.id: agent for agent in agents.list_all(tx.conn)}
    if agent_id is not None and agent_id not in people:
        raise UserError("agent-missing", id=agent_id)
    group = Group(tx)
    for row in rows(tx, ids):
        change = FieldChange(
            "conversation",
            row.uid,
            "assignee",
            _agent_uid(people, row.assignee_id),
            _agent_uid(people, agent_id),
        )
        group.record("conversation.assignee", [change], conversation=row.uid)
    return group.uid


def assign_to_me(tx: Tx, ids: Ids) -> str | None:
    """Give conversations to the person at this desk."""
    return assign(tx, ids, tx.agent.id)


def _agent_uid(people: dict[int, AgentRow], agent_id: int | None) -> str | None:
    return people[agent_id].uid if agent_id in people else None


def set_priority(tx: Tx, ids: Ids, priority: Priority) -> str | None:
    """Set how urgent conversations are."""
    group = Group(tx)
    for row in rows(tx, ids):
        change = FieldChange(
            "conversation", row.uid, "priority", row.priority.value, priority.value
        )
        group.record("conversation.priority", [change], conversation=row.uid)
    return group.uid


def set_subject(tx: Tx, conversation_id: int, subject: str) -> str | None:
    """Rename a conversation; the subject of answers stays that of the message answered."""
    group = Group(tx)
    for row in rows(tx, conversation_id):
        change = FieldChange("conversation", row.uid, "subject", row.subject, subject.strip())
        group.record("conversation.subject", [change], conversation=row.uid)
    return group.uid


# Tags


def tag(tx: Tx, ids: Ids, name: str) -> str | None:
    """Tag conversations; a tag nobody has used yet is made.

    Raises:
        UserError: "tag-empty"; "conversation-missing".
    """
    wanted = " ".join(name.split())
    if not wanted:
        raise UserError("tag-empty")
    found = rows(tx, ids)
    group = Group(tx)
    known = tags.by_name(tx.conn, wanted)
    uid = known.uid if known else _new_tag(tx, group, wanted)
    for row in found:
        bears = any(one.uid == uid for one in row.tags)
        change = FieldChange("conversation", row.uid, f"tag:{uid}", bears or None, True)
        group.record("conversation.tag", [change], conversation=row.uid)
    return group.uid


def untag(tx: Tx, ids: Ids, name: str) -> str | None:
    """Take a tag off conversations.

    Raises:
        UserError: "tag-missing"; "conversation-missing".
    """
    known = tags.by_name(tx.conn, name)
    if known is None:
        raise UserError("tag-missing", name=name)
    group = Group(tx)
    for row in rows(tx, ids):
        bears = any(one.uid == known.uid for one in row.tags)
        change = FieldChange("conversation", row.uid, f"tag:{known.uid}", bears or None, None)
        group.record("conversation.tag", [change], conversation=row.uid)
    return group.uid


def _new_tag(tx: Tx, group: Group, name: str) -> str:
    uid = new_uid(tx.now)
    hue = int.from_bytes(hashlib.sha256(name.casefold().encode()).digest()[:4], "big") % 360
    changes = [
        FieldChange("tag", uid, "name", None, name),
        FieldChange("tag", uid, "hue", None, hue),
        FieldChange("tag", uid, "deleted", True, False),
    ]
    group.record("tag.new", changes)
    return uid


def rename_tag(tx: Tx, known: TagRow, name: str) -> str | None:
    """Give a tag another name.

    Raises:
        UserError: "tag-empty"; "tag-exists".
    """
    wanted = " ".join(name.split())
    if not wanted:
        raise UserError("tag-empty")
    other = tags.by_name(tx.conn, wanted)
    if other is not None and other.uid != known.uid:
        raise UserError("tag-exists", name=other.name)
    group = Group(tx)
    group.record("tag.name", [FieldChange("tag", known.uid, "name", known.name, wanted)])
    return group.uid


# Read and unread


def mark_read(tx: Tx, ids: Ids) -> str | None:
    """Mark every message of conversations as read."""
    group = Group(tx)
    for row in rows(tx, ids):
        if row.unread:
            changes = [
                FieldChange("message", message.uid, "seen", False, True)
                for message in messages.of_conversation(tx.conn, row.id)
                if message.direction is Direction.IN and not message.seen
            ]
            group.record("conversation.read", changes, conversation=row.uid)
    return group.uid


def mark_unread(tx: Tx, ids: Ids) -> str | None:
    """Mark the latest message from the customer as unread."""
    group = Group(tx)
    for row in rows(tx, ids):
        incoming = [
            message
            for message in messages.of_conversation(tx.conn, row.id)
            if message.direction is Direction.IN
        ]
        if incoming and incoming[-1].seen:
            change = FieldChange("message", incoming[-1].uid, "seen", True, False)
            group.record("conversation.unread", [change], conversation=row.uid)
    return group.uid


# Merge and split


def merge(tx: Tx, source_id: int, into_id: int) -> str | None:
    """Let a conversation go on in another; its messages, its tags and its openness with it (P).

    Raises:
        UserError: "merge-with-itself"; "conversation-missing".
    """
    (source,), (target,) = rows(tx, source_id), rows(tx, into_id)
    if source.id == target.id:
        raise UserError("merge-with-itself")
    group = Group(tx)
    change = FieldChange("conversation", source.uid, "merged_into", None, target.uid)
    group.record("conversation.merge", [change], conversation=target.uid)
    borne = {one.uid for one in target.tags}
    changes = [
        FieldChange("conversation", target.uid, f"tag:{one.uid}", None, True)
        for one in source.tags
        if one.uid not in borne
    ]
    if Status.OPEN in (source.status, target.status):
        changes += _status_changes(target, Status.OPEN)
    group.record("conversation.merge", changes, conversation=target.uid)
    return group.uid


def split(tx: Tx, conversation_id: int, from_message_id: int) -> tuple[int, str | None]:
    """Move a message and all after it to a conversation of their own (rule P7).

    Returns the new conversation's id and the group to undo it by.

    Raises:
        UserError: "conversation-missing"; "message-missing"; "split-at-the-beginning".
    """
    (row,) = rows(tx, conversation_id)
    timeline = messages.of_conversation(tx.conn, row.id)
    start = next((i for i, one in enumerate(timeline) if one.id == from_message_id), None)
    if start is None:
        raise UserError("message-missing", id=from_message_id)
    if start == 0:
        raise UserError("split-at-the-beginning")
    moved = timeline[start:]
    customer = customers.row(tx.conn, row.customer_id) if row.customer_id is not None else None
    uid = new_uid(tx.now)
    new = stored.NewConversation(uid=uid, subject="", created_at=moved[0].at)
    new_id = stored.create(tx, [new])[uid]
    group = Group(tx)
    changes = [
        FieldChange("conversation", uid, "subject", None, moved[0].subject or row.subject),
        FieldChange("conversation", uid, "customer", None, customer.uid if customer else None),
        FieldChange("conversation", uid, "split_from", None, row.uid),
        # Says nothing now; taken back, it lets the new conversation go on in the old one (P2).
        FieldChange("conversation", uid, "merged_into", row.uid, None),
        *_to_new_threads(tx, [one for one in moved if one.direction is not Direction.NOTE], new_id),
        *_notes_to(tx, [one for one in moved if one.direction is Direction.NOTE], row.uid, uid),
    ]
    group.record("conversation.split", changes, conversation=row.uid)
    return new_id, group.uid


def _to_new_threads(
    tx: Tx, moved: Sequence[MessageRow], conversation_id: int
) -> Iterator[FieldChange]:
    """Yield what lets messages, and with them their answers, belong to threads of their own."""
    for account_id in dict.fromkeys(one.account_id for one in moved):
        if account_id is None:
            continue
        mine = [one for one in moved if one.account_id == account_id]
        known = messages.by_external_ids(tx.conn, account_id, [one.external_id for one in mine])
        old = messages.threads(tx.conn, {one.thread_id for one in known.values() if one.thread_id})
        uid = new_uid(tx.now)
        thread = messages.NewThread(
            uid=uid,
            conversation_id=conversation_id,
            account_id=account_id,
            external_id=f"split:{uid}",
        )
        messages.create_threads(tx, [thread])
        for one in mine:
            before = old.get(known[one.external_id].thread_id or 0)
            yield FieldChange("message", one.uid, "thread", before.uid if before else None, uid)


def _notes_to(
    tx: Tx, notes: Sequence[MessageRow], before: str, after: str
) -> Iterator[FieldChange]:
    agent_uids = {agent.name: agent.uid for agent in agents.list_all(tx.conn)}
    for one in notes:
        note = {
            "agent": agent_uids.get(one.author_name, tx.agent.uid),
            "at": to_milliseconds(one.at),
            "text": one.text,
        }
        yield FieldChange(
            "note",
            one.uid,
            "content",
            {**note, "conversation": before},
            {**note, "conversation": after},
        )


# Undo


def undo(tx: Tx, group_uid: str | None = None) -> str:
    """Take back one action, by default this person's latest; return the undoing group's uid.

    Raises:
        UserError: "nothing-to-undo".
    """
    actor = f"agent:{tx.agent.uid}"
    if group_uid is None:
        done = events.last_undoable(tx.conn, actor=actor, ignoring=NOT_UNDONE)
    else:
        done = events.group(tx.conn, group_uid)
    if not done:
        raise UserError("nothing-to-undo")
    undoing = new_uid(tx.now)
    for event in reversed(done):
        undone = events.record(
            tx,
            event.kind,
            inverse(event.changes),
            conversation=event.conversation,
            group_uid=undoing,
            undo_of=event.uid,
        )
        server_actions.queue(tx, undone)
    return undoing
