"""What is being written: kept as it is typed, never an event. Functions of a transaction."""

from __future__ import annotations

from dataclasses import replace

from desktop_inbox.domain.errors import UserError
from desktop_inbox.store import drafts
from desktop_inbox.store.database import Tx
from desktop_inbox.store.drafts import NewDraft as DraftContent
from desktop_inbox.store.rows import DraftRow

__all__ = ["DraftContent", "content_of", "discard", "save", "take_over", "without_conversation"]


def save(
    tx: Tx, content: DraftContent, *, draft_id: int | None = None, revision: int | None = None
) -> int:
    """Keep the editor as it stands and return the draft's id.

    `draft_id` names the draft it goes on with. `revision` is the one this editor knows, 0 for a
    draft that is not stored yet; where another editor wrote since, nothing is overwritten. None
    takes the draft over.

    Raises:
        UserError: "draft-elsewhere": another editor changed it; "draft-gone": it was sent or
            thrown away there.
    """
    known = drafts.find(tx, content, draft_id)
    if revision is not None:
        if known is None and revision:
            raise UserError("draft-gone", id=draft_id)
        if known is not None and known.revision != revision:
            raise UserError("draft-elsewhere", id=known.id)
    return drafts.save(tx, content, draft_id=draft_id)


def take_over(tx: Tx, content: DraftContent, *, draft_id: int | None = None) -> DraftRow:
    """Keep the editor as it stands; what another one had stored becomes a draft of its own."""
    other = drafts.find(tx, content, draft_id)
    key = drafts.save(tx, content, draft_id=draft_id)
    if other is not None and other.body.strip() and other.body != content.body:
        drafts.save(tx, without_conversation(content_of(other)))
    stored = drafts.get(tx.conn, key)
    assert stored is not None
    return stored


def discard(tx: Tx, draft_id: int) -> DraftContent:
    """Throw a draft away and return what was in it, so that this can be undone by `save`.

    Raises:
        UserError: "draft-missing".
    """
    row = drafts.get(tx.conn, draft_id)
    if row is None:
        raise UserError("draft-missing", id=draft_id)
    drafts.remove(tx, draft_id)
    return content_of(row)


def content_of(row: DraftRow) -> DraftContent:
    """Return what a stored draft holds."""
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
        rich=row.rich,
        sender=row.sender,
        caret=row.caret,
        quote=row.quote,
        attachments=row.attachments,
        form=row.form,
    )


def without_conversation(content: DraftContent) -> DraftContent:
    """Return a draft that stands by itself, because its conversation is gone or taken."""
    return replace(content, conversation_id=None, answers_id=None, mode="new")
