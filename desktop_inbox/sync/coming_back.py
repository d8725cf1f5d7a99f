"""Conversations that come back by themselves: a snooze ends, an answer came, or none did (H1, H3).

Functions of a transaction, on the store's writer thread. What they record is the program's own
doing, and says why.
"""

from __future__ import annotations

from collections.abc import Iterable

from desktop_inbox.domain.conversations import Status
from desktop_inbox.domain.events import FieldChange, effective
from desktop_inbox.domain.uid import new_uid
from desktop_inbox.store import conversations, events
from desktop_inbox.store.conversation_rows import ConversationRow
from desktop_inbox.store.database import Tx
from desktop_inbox.store.moments import to_milliseconds

WOKE = "conversation.woke"
REOPENED = "conversation.reopened"
REMINDED = "conversation.reminded"
ANSWERED = "conversation.answered"
_COMES_BACK = (Status.CLOSED, Status.SNOOZED)


def wake(tx: Tx, uids: Iterable[str]) -> None:
    """Bring these conversations back, if they are still snoozed."""
    for row in _rows(tx, uids):
        if row.status is Status.SNOOZED:
            reopen(tx, row, kind=WOKE, why="snooze")


def remind(tx: Tx, uids: Iterable[str]) -> None:
    """Bring conversations back that nobody has answered in time, wherever they were put (H3)."""
    for row in _rows(tx, uids):
        if row.follow_up_at is None or row.follow_up_at > tx.now:
            continue
        if row.status is Status.OPEN or row.status in _COMES_BACK:
            reopen(tx, row, kind=REMINDED, why="follow_up")
        else:
            end_follow_up(tx, row)  # spam and trash stay where they are


def end_follow_up(tx: Tx, row: ConversationRow) -> None:
    """Wait for no answer any more: it came."""
    change = FieldChange("conversation", row.uid, "follow_up", row.follow_up, None)
    _record(tx, row, ANSWERED, [change])


def reopen(tx: Tx, row: ConversationRow, *, kind: str, why: str = "") -> None:
    """Record that a conversation is open again by itself; `why` marks it in the list."""
    woke = {"at": to_milliseconds(tx.now), "why": why} if why else None
    changes = [
        FieldChange("conversation", row.uid, "status", row.status.value, Status.OPEN.value),
        FieldChange("conversation", row.uid, "snooze", row.snooze, None),
        FieldChange("conversation", row.uid, "woke", row.woke, woke),
    ]
    if kind == REMINDED:
        changes.append(FieldChange("conversation", row.uid, "follow_up", row.follow_up, None))
    _record(tx, row, kind, changes)


def _rows(tx: Tx, uids: Iterable[str]) -> Iterable[ConversationRow]:
    keys = [key for uid in uids if (key := conversations.by_uid(tx.conn, uid)) is not None]
    return conversations.rows(tx.conn, keys).values()


def _record(tx: Tx, row: ConversationRow, kind: str, changes: list[FieldChange]) -> None:
    events.record(
        tx,
        kind,
        effective(changes),
        conversation=row.uid,
        group_uid=new_uid(tx.now),
        actor="system",
    )
