"""What is checked when the time of a message sent later has come (rule H4). On the engine loop.

The computer may have slept through that time, and the customer may have written before it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from desktop_inbox.domain.conversations import expects_answer
from desktop_inbox.domain.states import Direction
from desktop_inbox.store import messages, outbox
from desktop_inbox.store.database import Tx
from desktop_inbox.store.rows import OutboxRow

CUSTOMER_WROTE = "customer-wrote"  # why it waits for a person
OVERDUE = "overdue"  # the same: its time passed longer ago than its author wanted
SENT_ANYWAY = "sent-anyway"  # the person let it go
LATE_AFTER = timedelta(minutes=5)  # what leaves later than that says so


def hold_back(tx: Tx, message_id: int) -> bool:
    """Stop a message sent later that its author might not want to leave any more."""
    draft = outbox.draft_of(tx.conn, message_id) or {}
    row = outbox.row(tx.conn, message_id)
    if row is None or not draft.get("scheduled"):
        return False
    if row.attempts or row.error_code == SENT_ANYWAY:
        return False
    reason = _reason(tx, draft, row)
    if reason:
        outbox.fail(tx, message_id, code=reason, detail="")
    return bool(reason)


def _reason(tx: Tx, draft: Mapping[str, object], row: OutboxRow) -> str:
    hours = draft.get("skip_after_hours")
    if isinstance(hours, int) and hours and tx.now - row.not_before > timedelta(hours=hours):
        return OVERDUE
    news = draft.get("hold_if_answered", True) and any(
        one.direction is Direction.IN and expects_answer(one.kind) and one.at > row.queued_at
        for one in messages.of_conversation(tx.conn, row.conversation_id)
    )
    return CUSTOMER_WROTE if news else ""


def lateness(draft: Mapping[str, object], row: OutboxRow, *, now: datetime) -> dict[str, object]:
    """Return what a message that left later than planned keeps of that, in seconds."""
    late = now - row.not_before
    if not draft.get("scheduled") or late < LATE_AFTER:
        return {}
    return {"late_seconds": int(late.total_seconds())}
