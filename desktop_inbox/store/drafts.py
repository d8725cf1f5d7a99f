"""Drafts: what is being written, kept from key press to key press."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping, delete, insert, literal, select, update

from desktop_inbox.domain.messages import Address
from desktop_inbox.domain.uid import new_uid
from desktop_inbox.store import messages
from desktop_inbox.store.database import Tx
from desktop_inbox.store.rows import DraftRow
from desktop_inbox.store.schema import conversation, draft


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDraft:
    """The editor as it stands."""

    conversation_id: int | None = None  # None for a new message
    account_id: int | None = None
    mode: str = "reply"  # reply, reply_all, forward, note or new
    answers_id: int | None = None  # the message it answers or forwards
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()
    subject: str = ""
    body: str = ""  # its characters, as the editor counts them
    rich: str = ""  # the same with layout, '' where it has none (`domain.rich_text`)
    sender: str = ""  # uid of the identity it goes out under, '' for the one that answers
    caret: int = 0
    quote: bool = True  # the answered message goes along below the text
    attachments: Sequence[Mapping[str, object]] = ()  # name, media_type, size, sha256, content_id
    # On messaging channels: {"template": {"name", "language", "values"}, "human_agent": true,
    # "pieces": as domain.pieces keeps them, "chat": where it was chosen to go, or "identity": to
    # whom, where there is no chat yet, and "opens": what the service calls the one that is begun,
    # "aside": what was typed beside a template}
    form: Mapping[str, object] | None = None


# Reading


def get(conn: Connection, draft_id: int) -> DraftRow | None:
    """Return one draft, None where there is none."""
    found = conn.execute(select(draft).where(draft.c.id == draft_id)).mappings().first()
    return _row(found) if found else None


def of_conversation(
    conn: Connection, conversation_id: int, *, author_id: int = 1
) -> DraftRow | None:
    """Return what `author_id` wrote last in a conversation, or in one that was merged into it."""
    return next(iter(all_of_conversation(conn, conversation_id, author_id=author_id)), None)


def all_of_conversation(
    conn: Connection, conversation_id: int, *, author_id: int = 1
) -> list[DraftRow]:
    """Return every draft of `author_id` in a conversation, the last touched first (P4).

    Merging moves no draft, so that it can be undone; they are found by where they are shown.
    """
    below = select(literal(conversation_id).label("id")).cte("below", recursive=True)
    below = below.union(
        select(conversation.c.id).where(conversation.c.merged_into_id == below.c.id)
    )
    query = (
        select(draft)
        .where(draft.c.conversation_id.in_(select(below.c.id)), draft.c.author_id == author_id)
        .order_by(draft.c.updated_at.desc(), draft.c.id.desc())
    )
    return [_row(found) for found in conn.execute(query).mappings()]


def list_all(conn: Connection) -> list[DraftRow]:
    """Return every draft, the one last touched first."""
    query = select(draft).order_by(draft.c.updated_at.desc(), draft.c.id.desc())
    return [_row(found) for found in conn.execute(query).mappings()]


def _row(found: RowMapping) -> DraftRow:
    people = {
        field: tuple(Address(name=name, address=address) for name, address in pairs)
        for field, pairs in found["recipients"].items()
    }
    return DraftRow(
        id=found["id"],
        uid=found["uid"],
        conversation_id=found["conversation_id"],
        account_id=found["account_id"],
        mode=found["mode"],
        answers_id=found["answers_id"],
        revision=found["revision"],
        to=people.get("to", ()),
        cc=people.get("cc", ()),
        bcc=people.get("bcc", ()),
        subject=found["subject"],
        body=found["body"],
        rich=found["rich"],
        sender=found["sender"],
        caret=found["caret"],
        quote=found["quote"],
        attachments=tuple(found["attachments"]),
        form=found["form"],
        updated_at=found["updated_at"],
    )


# Writing


def save(tx: Tx, content: NewDraft, *, draft_id: int | None = None) -> int:
    """Store the editor as it stands and return the draft's id.

    `draft_id` names the draft it replaces; otherwise a conversation has one of each author.
    """
    known = find(tx, content, draft_id)
    values: dict[str, object] = {
        # One that lies in a merged conversation stays there: merging can be undone.
        "conversation_id": known.conversation_id if known else content.conversation_id,
        "account_id": content.account_id,
        "mode": content.mode,
        "answers_id": content.answers_id,
        "recipients": messages.people_json(to=content.to, cc=content.cc, bcc=content.bcc),
        "subject": content.subject,
        "body": content.body,
        "rich": content.rich,
        "sender": content.sender,
        "caret": content.caret,
        "quote": content.quote,
        "attachments": [dict(file) for file in content.attachments],
        "form": dict(content.form) if content.form else None,
        "updated_at": tx.now,
    }
    if known is None:
        added = tx.conn.execute(
            insert(draft).values(uid=new_uid(tx.now), author_id=tx.agent.id, **values)
        ).inserted_primary_key
        assert added is not None
        key = int(added[0])
    else:
        key = known.id
        tx.conn.execute(
            update(draft).where(draft.c.id == key).values(revision=draft.c.revision + 1, **values)
        )
    _touch(tx, key, content.conversation_id)
    return key


def find(tx: Tx, content: NewDraft, draft_id: int | None) -> DraftRow | None:
    """Return the stored draft that `save` would replace."""
    known = get(tx.conn, draft_id) if draft_id is not None else None
    if known is not None or content.conversation_id is None:
        return known
    query = select(draft).where(
        draft.c.conversation_id == content.conversation_id, draft.c.author_id == tx.agent.id
    )
    found = tx.conn.execute(query).mappings().first()
    return _row(found) if found else None


def remove(tx: Tx, draft_id: int) -> None:
    """Take a draft away, because it was sent or thrown away."""
    conversation_id = tx.conn.scalar(
        delete(draft).where(draft.c.id == draft_id).returning(draft.c.conversation_id)
    )
    _touch(tx, draft_id, conversation_id)


def _touch(tx: Tx, draft_id: int, conversation_id: int | None) -> None:
    tx.touch(draft=draft_id, conversation=() if conversation_id is None else conversation_id)
