"""The beginning of the list, for the first frame of the window: read by the driver alone.

To import SQLAlchemy takes longer than to show a window, so these few rows do without it. What they
hold is what `conversations.rows` returns; a test holds the two together. Any thread.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import fields
from pathlib import Path
from typing import Any

from desktop_inbox.domain.messages import Direction
from desktop_inbox.domain.states import Priority, Status
from desktop_inbox.store import driver
from desktop_inbox.store.lists import OWNER_ID, SORT_KEYS, sort_of
from desktop_inbox.store.moments import from_milliseconds
from desktop_inbox.store.rows import ConversationRow, TagRow

VERSION = 1  # of the tables that the statements below know; see `migrations`
ROWS = 40  # more than any screen shows

_IN_VIEW = {
    "inbox": "status = 'open'",
    "mine": f"status = 'open' AND assignee_id = {OWNER_ID}",
    "unassigned": "status = 'open' AND assignee_id IS NULL",
    "snoozed": "status = 'snoozed'",
    "closed": "status = 'closed'",
    "spam": "status = 'spam'",
}
_ELSEWHERE = {
    "customer_name": "coalesce(nullif(customer.name, ''), (SELECT label FROM identity"
    " WHERE customer_id = customer.id ORDER BY identity.id LIMIT 1), '')",
    "assignee_name": "coalesce(agent.name, '')",
    "draft_snippet": "(SELECT substr(body, 1, 200) FROM draft"
    " WHERE draft.conversation_id = conversation.id LIMIT 1)",
}
# What a conversation itself has: its tags are read apart, and no search found anything in it.
_APART = frozenset({"tags", "marks"})
_NAMES = tuple(field.name for field in fields(ConversationRow) if field.name not in _APART)
_COLUMNS = ", ".join(_ELSEWHERE.get(name, f"conversation.{name}") for name in _NAMES)
_PAGE = (
    f"SELECT {_COLUMNS} FROM conversation"  # noqa: S608 - only constants of this module
    " LEFT JOIN customer ON customer.id = conversation.customer_id"
    " LEFT JOIN agent ON agent.id = conversation.assignee_id"
    " WHERE conversation.id IN (SELECT id FROM conversation WHERE merged_into_id IS NULL"
    f" AND {{in_view}} ORDER BY {{order}} LIMIT {ROWS})"
    " ORDER BY {order}"
)
_TAGS = (
    "SELECT tag.id, tag.uid, tag.name, tag.hue FROM conversation_tag"
    " JOIN tag ON tag.id = conversation_tag.tag_id"
    " WHERE conversation_tag.conversation_id = ? AND NOT tag.deleted ORDER BY lower(tag.name)"
)
_MOMENTS = (
    "snoozed_until",
    "last_at",
    "waiting_since",
    "next_due_at",
    "warn_at",
    "follow_up_at",
    "follow_up_since",
    "woke_at",
)
_TRUTHS = ("snoozed_until_reply", "snooze_stays", "starred", "has_attachment", "failed")


def read(path: Path, view: str, *, sort: str = "") -> list[ConversationRow] | None:
    """Return the first conversations of a view of the workspace at `path`, as it is sorted.

    None where there is nothing to show before the workspace was opened in full: there is none yet,
    it has no account or another shape, it cannot be read, or the view is not one of the simple
    ones. Whatever is wrong is left to that opening, which says so.
    """
    if view not in _IN_VIEW or not path.exists():
        return None
    try:
        with closing(driver.open_file(path, key=None, timeout_seconds=0)) as connection:
            connection.execute("PRAGMA query_only = ON")
            if connection.execute("PRAGMA user_version").fetchone()[0] != VERSION:
                return None
            if connection.execute("SELECT 1 FROM account LIMIT 1").fetchone() is None:
                return None
            page = _PAGE.format(in_view=_IN_VIEW[view], order=_order(view, sort))
            found = connection.execute(page).fetchall()
            return [_row(connection, dict(zip(_NAMES, values, strict=True))) for values in found]
    except driver.MODULE.Error:
        return None


def _order(view: str, sort: str) -> str:
    key = SORT_KEYS[sort_of(view, sort)]
    newest = "conversation.last_at DESC, conversation.id DESC"
    return f"{key} DESC, {newest}" if key else newest


def _row(connection: Any, known: dict[str, Any]) -> ConversationRow:
    for name in _MOMENTS:
        known[name] = None if known[name] is None else from_milliseconds(known[name])
    for name in _TRUTHS:
        known[name] = bool(known[name])
    known["status"] = Status(known["status"])
    known["priority"] = Priority(known["priority"])
    known["last_direction"] = Direction(known["last_direction"])
    typed = (known["draft_snippet"] or "").replace("\N{OBJECT REPLACEMENT CHARACTER}", " ")
    known["draft_snippet"] = " ".join(typed.split())  # a picture is no word
    tags = connection.execute(_TAGS, (known["id"],)).fetchall()
    return ConversationRow(
        **known, tags=tuple(TagRow(id=key, uid=uid, name=n, hue=hue) for key, uid, n, hue in tags)
    )
