"""Making one conversation of several, and several of one; each is one action, undone at once.

Functions of a transaction. Messages never move: what points at them does (rule P).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from desktop_inbox.domain.conversations import Status
from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.events import FieldChange
from desktop_inbox.domain.states import Direction
from desktop_inbox.domain.uid import new_uid
from desktop_inbox.services.changing import Group, Ids, rows
from desktop_inbox.services.conversations import status_changes
from desktop_inbox.store import agents, chats, customers, messages, threads
from desktop_inbox.store import conversations as stored
from desktop_inbox.store.conversation_rows import ConversationRow
from desktop_inbox.store.database import Tx
from desktop_inbox.store.moments import to_milliseconds
from desktop_inbox.store.rows import MessageRow
from desktop_inbox.sync.linking import BELONGS_WITH

MERGED = "conversation.merge"
SPLIT = "conversation.split"


def merge(tx: Tx, ids: Ids, into_id: int) -> str | None:
    """Let conversations go on in another: their messages, tags and openness with them (P).

    Raises:
        UserError: "merge-with-itself"; "conversation-missing".
    """
    (target,) = rows(tx, into_id)
    sources = rows(tx, ids)
    if any(source.id == target.id for source in sources):
        raise UserError("merge-with-itself")
    group = Group(tx)
    for source in sources:
        change = FieldChange("conversation", source.uid, "merged_into", None, target.uid)
        group.record(MERGED, [change], conversation=target.uid)
    group.record(MERGED, _taken_over(target, sources), conversation=target.uid)
    return group.uid


def _taken_over(target: ConversationRow, sources: Sequence[ConversationRow]) -> list[FieldChange]:
    """Return what the one that stays takes over from those that go on in it (P5)."""
    borne = {one.uid for one in target.tags}
    added = dict.fromkeys(one.uid for source in sources for one in source.tags)
    changes = [
        FieldChange("conversation", target.uid, f"tag:{uid}", None, True)
        for uid in added
        if uid not in borne
    ]
    changes += _taken_over_fields(target, sources)
    if any(one.status is Status.OPEN for one in (target, *sources)):
        changes += status_changes(target, Status.OPEN)
    return changes


def _taken_over_fields(
    target: ConversationRow, sources: Sequence[ConversationRow]
) -> list[FieldChange]:
    """Return the star, and the reminder that is due first, where the one that stays has none."""
    changes = []
    if not target.starred and any(source.starred for source in sources):
        changes.append(FieldChange("conversation", target.uid, "starred", None, True))
    waiting = [one for one in (target, *sources) if one.follow_up_at is not None]
    if waiting:
        first = min(waiting, key=lambda one: one.follow_up_at or one.last_at)
        changes.append(
            FieldChange("conversation", target.uid, "follow_up", target.follow_up, first.follow_up)
        )
    return changes


def keep_apart(tx: Tx, conversation_id: int, other_uid: str) -> str | None:
    """Note for good that two conversations do not belong together, as was suggested (C5).

    Raises:
        UserError: "conversation-missing".
    """
    (row,) = rows(tx, conversation_id)
    group = Group(tx)
    for one, other in ((row.uid, other_uid), (other_uid, row.uid)):
        change = FieldChange("conversation", one, f"belongs_with:{other}", True, None)
        group.record(BELONGS_WITH, [change], conversation=one)
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
        FieldChange("conversation", row.uid, f"split:{uid}", None, True),
        FieldChange("conversation", uid, "subject", None, moved[0].subject or row.subject),
        FieldChange("conversation", uid, "customer", None, customer.uid if customer else None),
        # Says nothing now; taken back, it lets the new conversation go on in the old one (P2).
        FieldChange("conversation", uid, "merged_into", row.uid, None),
        *_to_new_threads(tx, [one for one in moved if one.direction is not Direction.NOTE], new_id),
        *_notes_to(tx, [one for one in moved if one.direction is Direction.NOTE], row.uid, uid),
    ]
    group.record(SPLIT, changes, conversation=row.uid)
    link = FieldChange("conversation", uid, f"split_from:{row.uid}", None, True)
    group.record(SPLIT, [link], conversation=uid)
    return new_id, group.uid


def _to_new_threads(
    tx: Tx, moved: Sequence[MessageRow], conversation_id: int
) -> Iterator[FieldChange]:
    """Yield what lets messages, and with them their answers, belong to threads of their own."""
    lain = {one.id: threads.of_message(tx.conn, one.id) for one in moved}
    old = threads.rows(tx.conn, {key for key in lain.values() if key is not None})
    groups: dict[tuple[int, int | None], list[MessageRow]] = {}
    for one in moved:
        if one.account_id is not None:
            chat = chats.of_thread(tx.conn, lain[one.id] or 0)
            groups.setdefault((one.account_id, chat.id if chat else None), []).append(one)
    for (account_id, chat_id), mine in groups.items():
        uid = new_uid(tx.now)
        thread = threads.NewThread(
            uid=uid,
            conversation_id=conversation_id,
            account_id=account_id,
            external_id=f"split:{uid}",
        )
        thread_id = threads.create(tx, [thread])[uid]
        if chat_id is not None:
            chats.set_threads(tx, [thread_id], chat_id)
        for one in mine:
            before = old.get(lain[one.id] or 0)
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
