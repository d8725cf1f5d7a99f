"""Rows of the list for tests that need no store."""

from __future__ import annotations

from datetime import timedelta

from desktop_inbox.domain.conversations import Priority, Status
from desktop_inbox.domain.states import Direction
from desktop_inbox.store.conversation_rows import ConversationRow, TagRow
from desktop_inbox.store.moments import utc_now


def conversation_row() -> ConversationRow:
    """Return the row of a mail that nobody has read."""
    return ConversationRow(
        id=1,
        uid="u1",
        subject="Where is my parcel?",
        customer_id=1,
        customer_name="Ada Yıldız",
        status=Status.OPEN,
        priority=Priority.HIGH,
        assignee_id=None,
        assignee_name="",
        snoozed_until=None,
        snoozed_until_reply=False,
        channel="email",
        account_id=1,
        last_at=utc_now() - timedelta(days=3),
        last_direction=Direction.IN,
        waiting_since=utc_now() - timedelta(days=3),
        next_due_at=None,
        unread=1,
        message_count=3,
        has_attachment=True,
        failed=False,
        snippet="I ordered two bowls three weeks ago and have heard nothing since then.",
        draft_snippet="",
        tags=(TagRow(id=1, uid="t1", name="refund", hue=20),),
    )
