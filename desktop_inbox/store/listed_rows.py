"""What a row of the list shows, in plain SQL, and how it is made of what the driver returns.

Shared by the store and by the first frame of the window, which reads without SQLAlchemy: to import
that takes longer than to show a window. Any thread.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from desktop_inbox.domain.states import Direction, Priority, Status
from desktop_inbox.store.conversation_rows import ConversationRow, TagRow
from desktop_inbox.store.moments import from_milliseconds

_ELSEWHERE = {
    "customer_name": "coalesce(nullif(customer.name, ''), (SELECT label FROM identity"
    " WHERE customer_id = customer.id ORDER BY identity.id LIMIT 1), '')",
    "assignee_name": "coalesce(agent.name, '')",
    "draft_snippet": "coalesce((SELECT substr(body, 1, 200) FROM draft"
    " WHERE draft.conversation_id = conversation.id LIMIT 1), '')",
    # Of the channel that is written on now; mail has no such end, and costs nothing.
    "reply_until": "CASE WHEN conversation.channel <> 'email' THEN (SELECT max(chat.reply_until)"
    " FROM thread JOIN chat ON chat.id = thread.chat_id"
    " WHERE thread.conversation_id = conversation.id AND chat.account_id = conversation.account_id)"
    " END",
    "chat": "CASE WHEN conversation.channel <> 'email' THEN coalesce((SELECT chat.external_id"
    " FROM thread JOIN chat ON chat.id = thread.chat_id"
    " WHERE thread.conversation_id = conversation.id AND chat.account_id = conversation.account_id"
    " ORDER BY chat.last_in_at DESC LIMIT 1), '') ELSE '' END",
    "tags": "NULL",  # read apart
    "marks": "NULL",  # no search found anything in it
}
_NAMES = ConversationRow._fields
_COLUMNS = ", ".join(_ELSEWHERE.get(name, f"conversation.{name}") for name in _NAMES)
_AMONG = "IN (SELECT value FROM json_each(?))"
_OF_IDS = f"""
    SELECT {_COLUMNS} FROM conversation
    LEFT JOIN customer ON customer.id = conversation.customer_id
    LEFT JOIN agent ON agent.id = conversation.assignee_id
    WHERE conversation.id {_AMONG}
"""  # noqa: S608 - only constants of this module
_TAGS_OF_IDS = f"""
    SELECT conversation_tag.conversation_id, tag.id, tag.uid, tag.name, tag.hue
    FROM conversation_tag JOIN tag ON tag.id = conversation_tag.tag_id
    WHERE conversation_tag.conversation_id {_AMONG} AND NOT tag.deleted
    ORDER BY conversation_tag.conversation_id, lower(tag.name)
"""  # noqa: S608


def read(connection: Any, wanted: Iterable[int]) -> dict[int, ConversationRow]:
    """Return the conversations with these ids, by a connection of the driver's.

    Those that are gone are left out.
    """
    keys = (json.dumps(list(wanted)),)
    tagged: dict[int, tuple[TagRow, ...]] = {}
    for conversation_id, key, uid, name, hue in connection.execute(_TAGS_OF_IDS, keys):
        tag = TagRow(id=key, uid=uid, name=name, hue=hue)
        tagged[conversation_id] = (*tagged.get(conversation_id, ()), tag)
    found = connection.execute(_OF_IDS, keys)
    return {values[0]: _made(values, tagged.get(values[0], ())) for values in found}


def _made(values: Iterable[object], tags: tuple[TagRow, ...]) -> ConversationRow:
    """Return the row of one conversation, as the driver read it."""
    known = list(values)
    for place, converted in _CONVERTED:
        value = known[place]
        if value is not None:
            known[place] = converted(value)
    known[_TAGS], known[_MARKS] = tags, ()
    return ConversationRow._make(known)


def _in_a_line(typed: str) -> str:
    """The words of a draft; a picture is none."""
    return " ".join(typed.replace("\N{OBJECT REPLACEMENT CHARACTER}", " ").split())


_CONVERTERS: dict[str, Callable[[Any], object]] = {
    **dict.fromkeys(
        (
            "snoozed_until",
            "last_at",
            "waiting_since",
            "next_due_at",
            "warn_at",
            "follow_up_at",
            "follow_up_since",
            "woke_at",
            "reply_until",
        ),
        from_milliseconds,
    ),
    **dict.fromkeys(
        ("snoozed_until_reply", "snooze_stays", "starred", "has_attachment", "failed"), bool
    ),
    # By value: to call the class takes five times as long.
    "status": {one.value: one for one in Status}.__getitem__,
    "priority": {one.value: one for one in Priority}.__getitem__,
    "last_direction": {one.value: one for one in Direction}.__getitem__,
    "draft_snippet": _in_a_line,
}
_CONVERTED = tuple((_NAMES.index(name), function) for name, function in _CONVERTERS.items())
_TAGS, _MARKS = _NAMES.index("tags"), _NAMES.index("marks")
