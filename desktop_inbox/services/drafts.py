"""What is being written: kept as it is typed, never an event. Functions of a transaction."""

from __future__ import annotations

from desktop_inbox.domain.errors import UserError
from desktop_inbox.store import drafts
from desktop_inbox.store.database import Tx
from desktop_inbox.store.drafts import NewDraft as DraftContent

__all__ = ["DraftContent", "discard", "save"]


def save(tx: Tx, content: DraftContent, *, draft_id: int | None = None) -> int:
    """Keep the editor as it stands and return the draft's id.

    `draft_id` names the draft of a message that belongs to no conversation yet.
    """
    return drafts.save(tx, content, draft_id=draft_id)


def discard(tx: Tx, draft_id: int) -> DraftContent:
    """Throw a draft away and return what was in it, so that this can be undone by `save`.

    Raises:
        UserError: "draft-missing".
    """
    row = drafts.get(tx.conn, draft_id)
    if row is None:
        raise UserError("draft-missing", id=draft_id)
    drafts.remove(tx, draft_id)
    return DraftContent(
        conversation_id=row.conversation_id,
        account_id=row.account_id,
        mode=row.mode,
        answers_id=row.answers_id,
        to=row.to,
        cc=row.cc,
        bcc=row.bcc,
        subject=row.subject,
        body=row.body,
        caret=row.caret,
        attachments=row.attachments,
    )
