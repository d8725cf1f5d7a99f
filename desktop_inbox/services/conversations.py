"""What a person can do to conversations; each action is one group of events, undone at once.

Functions of a transaction. Those that take `ids` take one or many, and return the group's uid
for `undo`, None where nothing changed.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from desktop_inbox.domain.conversations import Priority, Status
from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.events import FieldChange, inverse
from desktop_inbox.domain.messages import Direction
from desktop_inbox.domain.uid import new_uid
from desktop_inbox.services.changing import Group, Ids, rows
from desktop_inbox.store import agents, events, messages, tags
from desktop_inbox.store.database import Tx
from desktop_inbox.store.moments import to_milliseconds
from desktop_inbox.store.rows import AgentRow, ConversationRow
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
        group.record("conversation.status", status_changes(row, status), conversation=row.uid)
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
        changes = status_changes(row, Status.SNOOZED, snooze=end)
        group.record("conversation.snooze", changes, conversation=row.uid)
    return group.uid


def status_changes(
    row: ConversationRow, status: Status, *, snooze: dict[str, object] | None = None
) -> list[FieldChange]:
    """Return what puts a conversation into a status; a snooze ends with it, unless given."""
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
    uid = known.uid if known else new_tag(tx, group, wanted)
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


def new_tag(tx: Tx, group: Group, name: str) -> str:
    """Make a tag, as part of a group, and return its uid."""
    uid = new_uid(tx.now)
    hue = int.from_bytes(hashlib.sha256(name.casefold().encode()).digest()[:4], "big") % 360
    changes = [
        FieldChange("tag", uid, "name", None, name),
        FieldChange("tag", uid, "hue", None, hue),
        FieldChange("tag", uid, "deleted", True, False),
    ]
    group.record("tag.new", changes)
    return uid


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
