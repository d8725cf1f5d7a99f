"""What a person can do to conversations; each action is one group of events, undone at once.

Functions of a transaction. Those that take `ids` take one or many, and return the group's uid
for `undo`, None where nothing changed.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from zoneinfo import ZoneInfo

from desktop_inbox.domain.conversations import Priority, Status
from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.events import FieldChange
from desktop_inbox.domain.messages import MessageClass
from desktop_inbox.domain.snoozing import again
from desktop_inbox.domain.states import Direction
from desktop_inbox.domain.uid import new_uid
from desktop_inbox.services.changing import Group, Ids, rows
from desktop_inbox.services.undoing import undo as undo
from desktop_inbox.store import agents, incoming, messages, snoozes, tags
from desktop_inbox.store.conversation_rows import ConversationRow
from desktop_inbox.store.database import Tx
from desktop_inbox.store.moments import to_milliseconds
from desktop_inbox.store.rows import AgentRow

# Status and snooze


def set_status(tx: Tx, ids: Ids, status: Status, *, group_uid: str | None = None) -> str | None:
    """Set a status; a snooze ends with it. To snooze, use `snooze`.

    Raises:
        UserError: "conversation-missing"; "snooze-needs-end" for Status.SNOOZED.
    """
    if status is Status.SNOOZED:
        raise UserError("snooze-needs-end")
    group = Group(tx, uid=group_uid)
    deeds = {row.uid: status_changes(row, status) for row in rows(tx, ids)}
    group.record_each("conversation.status", deeds)
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
    stays: bool = False,
    group_uid: str | None = None,
) -> str | None:
    """Hide conversations until a time, until the customer writes, or whichever is first (H1).

    With `stays` they wait for the time whatever the customer writes meanwhile.

    Raises:
        UserError: "snooze-needs-end" without an end; "snooze-in-the-past";
            "conversation-missing".
    """
    if until is None and (stays or not until_reply):
        raise UserError("snooze-needs-end")
    if until is not None and until <= tx.now:
        raise UserError("snooze-in-the-past", until=until)
    end: dict[str, object] = {
        "until": None if until is None else to_milliseconds(until),
        "until_reply": until_reply and not stays,
    }
    if stays:
        end["stays"] = True
    group = Group(tx, uid=group_uid)
    deeds = {row.uid: status_changes(row, Status.SNOOZED, snooze=end) for row in rows(tx, ids)}
    group.record_each("conversation.snooze", deeds)
    return group.uid


def status_changes(
    row: ConversationRow, status: Status, *, snooze: dict[str, object] | None = None
) -> list[FieldChange]:
    """Return what puts a conversation into a status; a snooze ends with it, unless given.

    Somebody has acted: that it came back by itself is no news any more.
    """
    return [
        FieldChange("conversation", row.uid, "status", row.status.value, status.value),
        FieldChange("conversation", row.uid, "snooze", row.snooze, snooze),
        FieldChange("conversation", row.uid, "woke", row.woke, None),
    ]


def snooze_again(tx: Tx, ids: Ids, *, zone: ZoneInfo) -> str | None:
    """Snooze conversations once more as they were snoozed last (H1); others stay as they are.

    Until the same moment where that is still ahead, else for as long again: a time of day stays
    the same time of day.

    Raises:
        UserError: "never-snoozed": none of them was; "conversation-missing".
    """
    found = rows(tx, ids)
    last = {row.uid: snoozes.latest(tx.conn, row.uid) for row in found}
    if not any(last.values()):
        raise UserError("never-snoozed")
    group = Group(tx)
    for row in found:
        known = last[row.uid]
        if known is not None:
            until = again(known.until, set_at=known.set_at, now=tx.now, zone=zone)
            snooze(
                tx,
                row.id,
                until=until,
                until_reply=known.until_reply,
                stays=known.stays,
                group_uid=group.name,
            )
    return group.name


# Follow-up


def follow_up(tx: Tx, ids: Ids, at: datetime | None, *, group_uid: str | None = None) -> str | None:
    """Bring conversations back at a time if the customer has not written by then (H3); None: not.

    Raises:
        UserError: "follow-up-in-the-past"; "conversation-missing".
    """
    if at is not None and at <= tx.now:
        raise UserError("follow-up-in-the-past", at=at)
    wanted: dict[str, object] | None = None
    if at is not None:
        wanted = {"at": to_milliseconds(at), "since": to_milliseconds(tx.now)}
    group = Group(tx, uid=group_uid)
    deeds = {
        row.uid: [FieldChange("conversation", row.uid, "follow_up", row.follow_up, wanted)]
        for row in rows(tx, ids)
    }
    group.record_each("conversation.follow_up", deeds)
    return group.uid


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
    after = _agent_uid(people, agent_id)
    deeds = {
        row.uid: [
            FieldChange(
                "conversation", row.uid, "assignee", _agent_uid(people, row.assignee_id), after
            )
        ]
        for row in rows(tx, ids)
    }
    group.record_each("conversation.assignee", deeds)
    return group.uid


def assign_to_me(tx: Tx, ids: Ids) -> str | None:
    """Give conversations to the person at this desk."""
    return assign(tx, ids, tx.agent.id)


def _agent_uid(people: dict[int, AgentRow], agent_id: int | None) -> str | None:
    return people[agent_id].uid if agent_id in people else None


def set_priority(tx: Tx, ids: Ids, priority: Priority) -> str | None:
    """Set how urgent conversations are."""
    group = Group(tx)
    deeds = {
        row.uid: [
            FieldChange("conversation", row.uid, "priority", row.priority.value, priority.value)
        ]
        for row in rows(tx, ids)
    }
    group.record_each("conversation.priority", deeds)
    return group.uid


def set_subject(tx: Tx, conversation_id: int, subject: str) -> str | None:
    """Rename a conversation; the subject of answers stays that of the message answered."""
    group = Group(tx)
    for row in rows(tx, conversation_id):
        change = FieldChange("conversation", row.uid, "subject", row.subject, subject.strip())
        group.record("conversation.subject", [change], conversation=row.uid)
    return group.uid


def star(tx: Tx, ids: Ids, *, on: bool = True) -> str | None:
    """Mark conversations with a star, or take it off.

    Raises:
        UserError: "conversation-missing".
    """
    group = Group(tx)
    deeds = {
        row.uid: [FieldChange("conversation", row.uid, "starred", row.starred or None, on or None)]
        for row in rows(tx, ids)
    }
    group.record_each("conversation.star", deeds)
    return group.uid


def mark_automated(tx: Tx, ids: Ids, *, on: bool = True) -> str | None:
    """Say that a machine wrote what came in, or, with `on` off, that a person did (rule D1).

    Raises:
        UserError: "conversation-missing".
    """
    before, after = MessageClass.HUMAN, MessageClass.AUTOMATED
    if not on:
        before, after = after, before
    group = Group(tx)
    for row in rows(tx, ids):
        changes = [
            FieldChange("message", message.uid, "kind", before.value, after.value)
            for message in messages.of_conversation(tx.conn, row.id)
            if message.direction is Direction.IN and message.kind is before
        ]
        group.record("conversation.automated", changes, conversation=row.uid)
    return group.uid


def toggle_automated(tx: Tx, ids: Ids) -> str | None:
    """Say that a machine wrote these, or a person where no message of a person's is left."""
    by_hand = any(
        message.direction is Direction.IN and message.kind is MessageClass.HUMAN
        for row in rows(tx, ids)
        for message in messages.of_conversation(tx.conn, row.id)
    )
    return mark_automated(tx, ids, on=by_hand)


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
    group.record_each("conversation.tag", {row.uid: [_tagged(row, uid, True)] for row in found})
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
    deeds = {row.uid: [_tagged(row, known.uid, None)] for row in rows(tx, ids)}
    group.record_each("conversation.tag", deeds)
    return group.uid


def _tagged(row: ConversationRow, uid: str, after: object) -> FieldChange:
    bears = any(one.uid == uid for one in row.tags)
    return FieldChange("conversation", row.uid, f"tag:{uid}", bears or None, after)


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
    unread = {row.id: row.uid for row in rows(tx, ids) if row.unread}
    deeds = {
        unread[key]: [
            FieldChange("message", one.uid, "seen", False, True) for one in came_in if not one.seen
        ]
        for key, came_in in incoming.of_each(tx.conn, unread).items()
    }
    group.record_each("conversation.read", deeds)
    return group.uid


def mark_unread(tx: Tx, ids: Ids) -> str | None:
    """Mark the latest message from the customer as unread."""
    group = Group(tx)
    uids = {row.id: row.uid for row in rows(tx, ids)}
    deeds = {
        uids[key]: [FieldChange("message", came_in[-1].uid, "seen", True, False)]
        for key, came_in in incoming.of_each(tx.conn, uids).items()
        if came_in[-1].seen
    }
    group.record_each("conversation.unread", deeds)
    return group.uid
