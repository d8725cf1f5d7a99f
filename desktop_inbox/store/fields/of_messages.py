"""The fields of messages, threads and notes that events set."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import select, text, update

from desktop_inbox.domain.events import FieldChange
from desktop_inbox.domain.messages import MessageClass
from desktop_inbox.domain.states import Direction
from desktop_inbox.store import conversations, message_index, messages, threads
from desktop_inbox.store.database import Tx
from desktop_inbox.store.fields.rows import Effects, Setter, agent_key, conversation_key, shown_in
from desktop_inbox.store.moments import from_milliseconds
from desktop_inbox.store.schema import message, thread

_SNIPPET_LENGTH = 200


def _set_seen(tx: Tx, change: FieldChange, effects: Effects) -> None:
    key = messages.by_uid(tx.conn, change.uid)
    if key is not None:
        effects.conversations |= messages.set_seen(tx, {key: bool(change.after)})


def _set_message_kind(tx: Tx, change: FieldChange, effects: Effects) -> None:
    """Let a message be what a person says it is, whatever its headers do (rule D1)."""
    key = messages.by_uid(tx.conn, change.uid)
    if key is not None and change.after in set(MessageClass):
        tx.conn.execute(update(message).where(message.c.id == key).values(kind=change.after))
        tx.touch(message=key)
        there = shown_in(tx, key)
        effects.conversations |= there
        effects.clocks |= there  # nobody waits for an answer to a machine (rules A3, B3)


def _of_chats(
    apply: Callable[[Tx, int, Any, datetime], None],
) -> Setter:
    """Return a setter of what only messages of chats have."""

    def set_on_message(tx: Tx, change: FieldChange, effects: Effects) -> None:
        key = messages.by_uid(tx.conn, change.uid)
        if key is not None:
            apply(tx, key, change.after, from_milliseconds(effects.at_ms))
            effects.conversations |= shown_in(tx, key)

    return set_on_message


def _set_text(tx: Tx, key: int, after: Any, at: datetime) -> None:
    from desktop_inbox.store import chat_messages  # mail alone does without

    chat_messages.change_text(tx, key, str(after or ""), at=at)


def _set_withdrawn(tx: Tx, key: int, after: Any, at: datetime) -> None:
    from desktop_inbox.store import chat_messages

    chat_messages.withdraw(tx, key, at if after else None)


def _set_reaction(tx: Tx, key: int, after: Any, at: datetime) -> None:
    from desktop_inbox.store import reactions

    emojis = [str(one) for one in after] if isinstance(after, list) else []
    reactions.react(tx, key, reactions.OURS, emojis, at)


def _set_message_thread(tx: Tx, change: FieldChange, effects: Effects) -> None:
    """Let a message belong to another thread and lie where that one lies; answers follow it."""
    key = messages.by_uid(tx.conn, change.uid)
    found = tx.conn.execute(
        select(thread.c.id, thread.c.conversation_id).where(thread.c.uid == str(change.after))
    ).first()
    if key is None or found is None:
        return
    effects.conversations |= shown_in(tx, key)
    for statement in _CLAIMS_FOLLOW:
        tx.conn.execute(statement, {"message": key, "thread": found.id})
    shown = conversations.roots(tx.conn, [found.conversation_id])[found.conversation_id]
    tx.conn.execute(
        update(message)
        .where(message.c.id == key)
        .values(thread_id=found.id, origin_id=found.conversation_id, conversation_id=shown)
    )
    tx.touch(message=key)
    effects.conversations.add(shown)


# Its Message-ID leads to the new thread, which the same people may join (rules C1, C2).
_CLAIMS_FOLLOW = (
    text(
        """
        INSERT OR IGNORE INTO thread_participant (thread_id, address)
        SELECT :thread, p.address FROM message m
        JOIN thread_participant p ON p.thread_id = m.thread_id WHERE m.id = :message
        """
    ),
    text(
        """
        UPDATE OR REPLACE thread_reference SET thread_id = :thread
        FROM message m
        WHERE m.id = :message AND thread_reference.message_id = m.external_id
            AND thread_reference.thread_id = m.thread_id AND thread_reference.named_by = '='
        """
    ),
)


def _set_thread_conversation(tx: Tx, change: FieldChange, effects: Effects) -> None:
    key = tx.conn.scalar(select(thread.c.id).where(thread.c.uid == change.uid))
    if key is not None:
        target = conversation_key(tx, str(change.after), effects)
        threads.move(tx, [key], to_conversation=target)


def _set_note(tx: Tx, change: FieldChange, effects: Effects) -> None:
    """Write, move or take back a note: {"conversation", "agent", "at" (ms), "text"}, one value."""
    key = messages.by_uid(tx.conn, change.uid)
    if key is not None:
        effects.conversations |= shown_in(tx, key)
    if isinstance(change.after, dict):
        _write_note(tx, change.uid, change.after, key, effects)
    elif key is not None:
        messages.remove(tx, key)


def _write_note(tx: Tx, uid: str, note: dict[str, Any], key: int | None, effects: Effects) -> None:
    words = str(note["text"])
    lies_in = conversation_key(tx, str(note["conversation"]), effects)
    if key is None:
        key = _insert_note(tx, uid, lies_in, note)
    else:
        shown = conversations.roots(tx.conn, [lies_in])[lies_in]
        moved = update(message).where(message.c.id == key)
        tx.conn.execute(moved.values(origin_id=lies_in, conversation_id=shown))
    short = " ".join(words.split())[:_SNIPPET_LENGTH]
    tx.conn.execute(update(message).where(message.c.id == key).values(snippet=short))
    messages.insert_bodies(tx, [messages.NewBody(message_id=key, text=words)])
    message_index.put_words(tx, key, body=words)
    tx.touch(message=key)
    effects.conversations |= shown_in(tx, key)


def _insert_note(tx: Tx, uid: str, conversation_id: int, note: dict[str, Any]) -> int:
    at = from_milliseconds(int(note["at"]))
    (key,) = messages.next_ids(tx, [at])
    new = messages.NewMessage(
        id=key,
        uid=uid,
        conversation_id=conversation_id,
        direction=Direction.NOTE,
        agent_id=agent_key(tx, str(note["agent"])),
        at=at,
    )
    messages.insert_messages(tx, [new])
    return key


SETTERS: dict[tuple[str, str], Setter] = {
    ("message", "seen"): _set_seen,
    ("message", "kind"): _set_message_kind,
    ("message", "thread"): _set_message_thread,
    ("message", "text"): _of_chats(_set_text),
    ("message", "withdrawn"): _of_chats(_set_withdrawn),
    ("message", "reaction"): _of_chats(_set_reaction),
    ("thread", "conversation"): _set_thread_conversation,
    ("note", "content"): _set_note,
}
