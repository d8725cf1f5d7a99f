"""What a row of the list shows, in plain SQL, and how it is made of what the driver returns.

Shared by the store and by the first frame of the window, which reads without SQLAlchemy: to import
that takes longer than to show a window. Any thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from desktop_inbox.domain.states import Direction, Priority, Status
from desktop_inbox.store.conversation_rows import ConversationRow, TagRow
from desktop_inbox.store.moments import from_milliseconds

_ELSEWHERE = {
    "customer_name": "coalesce(nullif(customer.name, ''), (SELECT label FROM identity"
    " WHERE customer_id = customer.id ORDER BY identity.id LIMIT 1), '')",
    "assignee_name": "coalesce(agent.name, '')",
    "draft_snippet": "(SELECT substr(body, 1, 200) FROM draft"
    " WHERE draft.conversation_id = conversation.id LIMIT 1)",
    # Of the channel that is written on now; mail has no such end, and costs nothing.
    "reply_until": "CASE WHEN conversation.channel <> 'email' THEN (SELECT max(chat.reply_until)"
    " FROM thread JOIN chat ON chat.id = thread.chat_id"
    " WHERE thread.conversation_id = conversation.id AND chat.account_id = conversation.account_id)"
    " END",
    "chat": "CASE WHEN conversation.channel <> 'email' THEN (SELECT chat.external_id"
    " FROM thread JOIN chat ON chat.id = thread.chat_id"
    " WHERE thread.conversation_id = conversation.id AND chat.account_id = conversation.account_id"
    " ORDER BY chat.last_in_at DESC LIMIT 1) END",
}
# What a conversation itself has: its tags are read apart, and no search found anything in it.
_APART = frozenset({"tags", "marks"})
_NAMES = tuple(field.name for field in fields(ConversationRow) if field.name not in _APART)
_COLUMNS = ", ".join(_ELSEWHERE.get(name, f"conversation.{name}") for name in _NAMES)
SELECT = (
    f"SELECT {_COLUMNS} FROM conversation"  # noqa: S608 - only constants of this module
    " LEFT JOIN customer ON customer.id = conversation.customer_id"
    " LEFT JOIN agent ON agent.id = conversation.assignee_id"
)
OF_IDS = f"{SELECT} WHERE conversation.id IN (SELECT value FROM json_each(?))"  # noqa: S608

_MOMENTS = (
    "snoozed_until",
    "last_at",
    "waiting_since",
    "next_due_at",
    "warn_at",
    "follow_up_at",
    "follow_up_since",
    "woke_at",
    "reply_until",
)
_TRUTHS = ("snoozed_until_reply", "snooze_stays", "starred", "has_attachment", "failed")


def made(values: Sequence[object], tags: tuple[TagRow, ...]) -> ConversationRow:
    """Return the row of what `SELECT` found of one conversation."""
    known: dict[str, Any] = dict(zip(_NAMES, values, strict=True))
    for name in _MOMENTS:
        moment = known[name]
        if moment is not None:
            known[name] = from_milliseconds(moment)
    for name in _TRUTHS:
        known[name] = known[name] == 1
    known["chat"] = known["chat"] or ""
    known["status"] = _STATUSES[known["status"]]
    known["priority"] = _PRIORITIES[known["priority"]]
    known["last_direction"] = _DIRECTIONS[known["last_direction"]]
    typed = known["draft_snippet"]
    if typed is None:
        known["draft_snippet"] = ""
    else:  # a picture is no word
        words = typed.replace("\N{OBJECT REPLACEMENT CHARACTER}", " ").split()
        known["draft_snippet"] = " ".join(words)
    return ConversationRow(tags=tags, **known)


# By value: to call the class takes five times as long.
_STATUSES = {one.value: one for one in Status}
_PRIORITIES = {one.value: one for one in Priority}
_DIRECTIONS = {one.value: one for one in Direction}
