"""Internal notes: they never leave the workspace. Functions of a transaction."""

from __future__ import annotations

from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.events import FieldChange
from desktop_inbox.domain.uid import new_uid
from desktop_inbox.services.changing import Group, rows
from desktop_inbox.store import drafts, messages
from desktop_inbox.store.database import Tx
from desktop_inbox.store.moments import to_milliseconds


def add(tx: Tx, conversation_id: int, text: str) -> int:
    """Write an internal note and return its message id; it never leaves the workspace.

    Raises:
        UserError: "message-empty"; "conversation-missing".
    """
    if not text.strip():
        raise UserError("message-empty")
    (row,) = rows(tx, conversation_id)
    uid = new_uid(tx.now)
    note = {
        "conversation": row.uid,
        "agent": tx.agent.uid,
        "at": to_milliseconds(tx.now),
        "text": text,
    }
    group = Group(tx)
    group.record(
        "note.new", [FieldChange("note", uid, "content", None, note)], conversation=row.uid
    )
    message_id = messages.by_uid(tx.conn, uid)
    assert message_id is not None
    mine = drafts.of_conversation(tx.conn, row.id, author_id=tx.agent.id)
    if mine is not None and mine.mode == "note":
        drafts.remove(tx, mine.id)
    return message_id
