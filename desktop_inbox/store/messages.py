"""Messages, their bodies, attachments, places on servers and threads; in sets, for ingest.

Reads are functions of a connection, writes of a transaction. What writes change in lists is
computed by `conversations.refresh`, which the caller runs once for all it touched.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, select, text, update

from desktop_inbox.domain.messages import Address, Delivery, Invitation, MessageClass, advance
from desktop_inbox.domain.states import Direction
from desktop_inbox.store import bulk, conversations, file_texts, message_index, message_rows
from desktop_inbox.store.database import Tx
from desktop_inbox.store.rows import AttachmentRow, MessageRow
from desktop_inbox.store.schema import (
    attachment,
    message,
    message_body,
    message_location,
    message_version,
    outbox,
    reaction,
    reaction_name,
    remote_file,
)

_SEQUENCE_BITS = 16  # messages within one second


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMessage:
    """A message about to be stored, without its body."""

    id: int  # from next_ids
    uid: str
    conversation_id: int  # the one it lies in; merges are followed when it is stored
    direction: Direction
    at: datetime  # rule A4
    thread_id: int | None = None
    account_id: int | None = None
    kind: MessageClass = MessageClass.HUMAN
    author_identity_id: int | None = None
    agent_id: int | None = None
    external_id: str | None = None  # unique within the account (rule C4)
    client_ref: str | None = None  # unique; only for what is sent from here
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    subject: str = ""
    from_: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()
    reply_to: tuple[Address, ...] = ()
    received_at: datetime | None = None
    snippet: str = ""
    seen: bool = True
    complete: bool = True
    unreadable: str | None = None
    warnings: tuple[str, ...] = ()
    delivery: Delivery | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBody:
    """The text of a message."""

    message_id: int
    text: str
    visible_text: str | None = None  # None, or equal to text: nothing is quoted
    html: str = ""  # of what is written here
    has_html: bool = False  # of mail, which keeps its HTML in the raw message
    invitation: Invitation | None = None
    raw_sha256: str | None = None
    raw_packed: bytes = b""  # see store.raw_mails


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAttachment:
    """A file that belongs to a message."""

    uid: str
    message_id: int
    name: str
    safe_name: str
    media_type: str
    size: int
    state: str  # "file", "message" or "server"
    section: str = ""
    sha256: str = ""
    content_id: str = ""
    inline: bool = False


# Reading


def of_conversation(conn: Connection, conversation_id: int) -> list[MessageRow]:
    """Return the timeline of a conversation with bodies and attachments, oldest first."""
    query = message_rows.MESSAGES.where(
        message.c.conversation_id == conversation_id, message.c.deleted_at.is_(None)
    ).order_by(message.c.at, message.c.id)
    return message_rows.read(conn, query)


def rows(conn: Connection, wanted: Iterable[int]) -> dict[int, MessageRow]:
    """Return the messages with these ids; those that are gone are left out."""
    wanted = list(wanted)
    if not wanted:
        return {}
    query = message_rows.MESSAGES.where(
        message.c.id.in_(bulk.values(wanted)), message.c.deleted_at.is_(None)
    )
    return {row.id: row for row in message_rows.read(conn, query)}


def row(conn: Connection, message_id: int) -> MessageRow | None:
    """Return one message, None where there is none."""
    return rows(conn, [message_id]).get(message_id)


def by_uid(conn: Connection, uid: str) -> int | None:
    """Return the id of the message with this uid."""
    return conn.scalar(select(message.c.id).where(message.c.uid == uid))


def attachment_row(conn: Connection, attachment_id: int) -> AttachmentRow | None:
    """Return one attachment, None where there is none."""
    found = (
        conn.execute(message_rows.ATTACHMENTS.where(attachment.c.id == attachment_id))
        .mappings()
        .first()
    )
    return AttachmentRow(**found) if found else None


# Looking up, for a whole batch at once


def first_id(at: datetime) -> int:
    """Return the least id that a message of a moment can have."""
    return max(1, int(at.timestamp())) << _SEQUENCE_BITS


def next_ids(tx: Tx, times: Sequence[datetime]) -> list[int]:
    """Return a new id for a message of each of these times.

    An id is the second in the upper bits and a number within it in the lower ones, so that ids
    order as times do and search can read the newest first by key alone.
    """
    seconds = [max(1, int(at.timestamp())) for at in times]
    taken: dict[int, int] = dict(
        tx.conn.execute(_LAST_IDS, {"seconds": bulk.packed(sorted({*seconds}))}).all()
    )
    found = []
    for second in seconds:
        key = taken.get(second, (second << _SEQUENCE_BITS) - 1) + 1
        taken[second] = key
        found.append(key)
    return found


_LAST_IDS = text(
    """
    SELECT second, last FROM (
        SELECT value AS second, (
            SELECT max(id) FROM message WHERE id BETWEEN value << 16 AND ((value + 1) << 16) - 1
        ) AS last FROM json_each(:seconds)
    ) WHERE last IS NOT NULL
    """
)


# Writing


def insert_messages(tx: Tx, new: Sequence[NewMessage]) -> None:
    """Store messages. Ids come from `next_ids`; bodies and the index are stored apart."""
    if not new:
        return
    shown = conversations.roots(tx.conn, {one.conversation_id for one in new})
    bulk.insert_all(tx.conn, message, [_columns(one, shown[one.conversation_id]) for one in new])
    tx.touch(message=[one.id for one in new], conversation=shown.values())


def _columns(new: NewMessage, shown_in: int) -> dict[str, object]:
    return {
        "id": new.id,
        "uid": new.uid,
        "conversation_id": shown_in,
        "origin_id": new.conversation_id,
        "thread_id": new.thread_id,
        "account_id": new.account_id,
        "direction": new.direction.value,
        "kind": new.kind.value,
        "author_identity_id": new.author_identity_id,
        "agent_id": new.agent_id,
        "external_id": new.external_id,
        "client_ref": new.client_ref,
        "in_reply_to": new.in_reply_to,
        "refs": new.references,
        "subject": new.subject,
        "people": people_json(
            from_=new.from_, to=new.to, cc=new.cc, bcc=new.bcc, reply_to=new.reply_to
        ),
        "at": new.at,
        "received_at": new.received_at,
        "snippet": new.snippet,
        "seen": new.seen,
        "complete": new.complete,
        "unreadable": new.unreadable,
        "warnings": new.warnings or None,
        "delivery": new.delivery.value if new.delivery else None,
    }


def people_json(
    *,
    from_: Iterable[Address] = (),
    to: Iterable[Address] = (),
    cc: Iterable[Address] = (),
    bcc: Iterable[Address] = (),
    reply_to: Iterable[Address] = (),
) -> dict[str, list[tuple[str, str]]]:
    """Return headers with addresses as they are stored; empty ones are left out."""
    fields = {"from": from_, "to": to, "cc": cc, "bcc": bcc, "reply_to": reply_to}
    packed = {
        field: [(person.name, person.address) for person in people]
        for field, people in fields.items()
    }
    return {field: pairs for field, pairs in packed.items() if pairs}


def complete_messages(tx: Tx, found: Sequence[NewMessage]) -> None:
    """Replace what was known from headers alone by what the whole messages say.

    Identity, conversation, thread, direction, delivery and seen stay as they are.
    """
    if not found:
        return
    kept = {
        "id", "uid", "conversation_id", "origin_id", "thread_id", "account_id", "direction",
        "delivery", "seen", "external_id", "client_ref", "agent_id", "author_identity_id",
    }  # fmt: skip
    columns = [_columns(one, one.conversation_id) for one in found]
    changed = [name for name in columns[0] if name not in kept]
    statement = (
        update(message)
        .where(message.c.id == bindparam("key"))
        .values({name: bindparam(f"new_{name}") for name in changed})
    )
    tx.conn.execute(
        statement,
        [{"key": row["id"], **{f"new_{name}": row[name] for name in changed}} for row in columns],
    )
    tx.touch(message=[one.id for one in found])


def insert_bodies(tx: Tx, bodies: Sequence[NewBody]) -> None:
    """Store bodies, replacing those that came before."""
    bulk.replace_all(
        tx.conn,
        message_body,
        [
            {
                "message_id": body.message_id,
                "text": body.text,
                "visible_text": body.visible_text if body.visible_text != body.text else None,
                "html": body.html,
                "has_html": body.has_html,
                "invitation": asdict(body.invitation) if body.invitation else None,
                "raw_sha256": body.raw_sha256,
                "raw_packed": body.raw_packed or None,
            }
            for body in bodies
        ],
    )


def insert_attachments(tx: Tx, files: Sequence[NewAttachment]) -> None:
    """Store attachments; those already here stay as they are."""
    bulk.insert_new(
        tx.conn,
        attachment,
        [
            {
                "uid": file.uid,
                "message_id": file.message_id,
                "name": file.name,
                "safe_name": file.safe_name,
                "media_type": file.media_type,
                "size": file.size,
                "state": file.state,
                "section": file.section,
                "sha256": file.sha256,
                "content_id": file.content_id,
                "inline": file.inline,
            }
            for file in files
        ],
    )


def set_attachment_file(tx: Tx, attachment_id: int, *, sha256: str, size: int) -> None:
    """Note that an attachment now lies among our files."""
    message_id = tx.conn.scalar(
        update(attachment)
        .where(attachment.c.id == attachment_id)
        .values(state="file", sha256=sha256, size=size)
        .returning(attachment.c.message_id)
    )
    if message_id is not None:
        tx.touch(message=message_id)


def set_seen(tx: Tx, seen: Mapping[int, bool]) -> set[int]:
    """Mark messages read or unread; return the conversations to refresh."""
    touched: set[int] = set()
    for value in (True, False):
        keys = [key for key, is_seen in seen.items() if is_seen is value]
        if not keys:
            continue
        found = tx.conn.execute(
            update(message)
            .where(message.c.id.in_(bulk.values(keys)), message.c.seen.is_(not value))
            .values(seen=value)
            .returning(message.c.id, message.c.conversation_id)
        ).all()
        tx.touch(message=[key for key, _ in found])
        touched.update(conversation_id for _, conversation_id in found)
    return touched


def set_delivery(
    tx: Tx, message_id: int, reported: Delivery, *, detail: Mapping[str, object] | None = None
) -> Delivery | None:
    """Note how far an outgoing message has come; return the state it now has.

    A message that was accepted never goes back (`domain.messages.advance`). None where there is
    no such message. The caller refreshes its conversation.
    """
    found = tx.conn.execute(
        select(message.c.delivery, message.c.conversation_id).where(message.c.id == message_id)
    ).first()
    if found is None:
        return None
    state = advance(Delivery(found.delivery), reported) if found.delivery else reported
    values: dict[str, object] = {"delivery": state.value}
    if detail is not None and state is reported:
        values["delivery_detail"] = dict(detail)
    tx.conn.execute(update(message).where(message.c.id == message_id).values(values))
    tx.touch(message=message_id, conversation=found.conversation_id)
    return state


def set_report(tx: Tx, message_id: int, report: Mapping[str, object]) -> None:
    """Note what a bounce or an automatic answer says, as `sync.bounces` packs it."""
    tx.conn.execute(update(message).where(message.c.id == message_id).values(report=dict(report)))
    tx.touch(message=message_id)


def remove(tx: Tx, message_id: int) -> None:
    """Take back a message that never left, as if it had not been written (rule H5).

    The caller refreshes its conversation. Files stay; they may belong to others.
    """
    conversation_id = tx.conn.scalar(
        select(message.c.conversation_id).where(message.c.id == message_id)
    )
    if conversation_id is None:
        return
    tx.conn.execute(delete(outbox).where(outbox.c.message_id == message_id))
    file_texts.forget_messages(tx, [message_id])
    files = select(attachment.c.id).where(attachment.c.message_id == message_id)
    tx.conn.execute(delete(remote_file).where(remote_file.c.attachment_id.in_(files)))
    for dependent in (
        attachment, message_location, message_version, reaction, reaction_name, message_body,
    ):  # fmt: skip
        tx.conn.execute(delete(dependent).where(dependent.c.message_id == message_id))
    message_index.take_out(tx, [message_id])
    tx.conn.execute(delete(message).where(message.c.id == message_id))
    tx.touch(message=message_id, conversation=conversation_id)
