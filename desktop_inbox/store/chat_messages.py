"""What becomes of messages of messaging channels: changed, taken back, reacted to, sent at last.

Reads are functions of a connection, writes of a transaction. Whatever comes late or twice ends the
same: what is newest by the service's clock stands, and nothing that was said is lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, or_, select, text, update

from desktop_inbox.domain.folding import fold
from desktop_inbox.domain.messages import Delivery
from desktop_inbox.domain.pieces import (
    SEALED,
    Piece,
    Unknown,
    file_in_words,
    from_json,
    in_words,
    snippet_of,
    to_json,
)
from desktop_inbox.domain.states import Direction
from desktop_inbox.store import bulk, message_index, messages
from desktop_inbox.store.database import Tx
from desktop_inbox.store.moments import to_milliseconds
from desktop_inbox.store.schema import (
    attachment,
    message,
    message_body,
    message_version,
    remote_file,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownMessage:
    """What ingest has to know of a message that is here already."""

    id: int
    conversation_id: int
    thread_id: int | None
    external_id: str
    client_ref: str
    direction: Direction
    delivery: Delivery | None
    placeholder: bool  # it could not be read, or nobody gave us its key: it may come again
    at: datetime
    edited_at: datetime | None
    repeats: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """What a message said from a moment on."""

    at: datetime
    text: str
    pieces: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Extras:
    """What a message has that mail does not."""

    message_id: int
    pieces: tuple[Piece, ...] = ()
    repeats: int = 1


# Looking up


def known(
    conn: Connection,
    account_id: int,
    *,
    external_ids: Iterable[str] = (),
    client_refs: Iterable[str] = (),
) -> tuple[dict[str, KnownMessage], dict[str, KnownMessage]]:
    """Return an account's messages that are here already, by external id and by client_ref."""
    query = _KNOWN.where(
        message.c.account_id == account_id,
        or_(
            message.c.external_id.in_(bulk.values(external_ids)),
            message.c.client_ref.in_(bulk.values(client_refs)),
        ),
    )
    found = [_one(row) for row in conn.execute(query)]
    return (
        {one.external_id: one for one in found if one.external_id},
        {one.client_ref: one for one in found if one.client_ref},
    )


def on_the_way(conn: Connection, thread_id: int) -> list[tuple[KnownMessage, str]]:
    """Return what may have left in a thread without an answer yet, and what each says."""
    query = (
        _KNOWN.add_columns(message_body.c.text)
        .where(
            message.c.thread_id == thread_id,
            message.c.external_id.is_(None),
            message.c.delivery.in_((Delivery.SENDING.value, Delivery.UNCERTAIN.value)),
        )
        .order_by(message.c.id)
    )
    return [(_one(row), row.text) for row in conn.execute(query)]


def ours_until(conn: Connection, chat_id: int, until: datetime) -> list[int]:
    """Return what we had sent in a chat by a moment and nobody is known to have read."""
    wanted = {"chat": chat_id, "until": to_milliseconds(until)}
    return list(conn.scalars(_OURS_UNTIL, wanted))


# What was queued long before it left was not read while it still lay here.
_OURS_UNTIL = text(
    """
    SELECT m.id FROM message m JOIN thread t ON t.id = m.thread_id
    WHERE t.chat_id = :chat AND m.direction = 'out' AND m.delivery IN ('sent', 'delivered')
        AND max(m.at, ifnull(json_extract(m.delivery_detail, '$.accepted_at'), 0)) <= :until
    """
)


def unseen_until(
    conn: Connection, chat_id: int, until: datetime, *, after: datetime | None
) -> list[int]:
    """Return the incoming messages of a chat between two moments that count as unread."""
    found = conn.scalars(
        _UNSEEN_UNTIL,
        {
            "chat": chat_id,
            "until": to_milliseconds(until),
            "after": -1 if after is None else to_milliseconds(after),
        },
    )
    return list(found)


_UNSEEN_UNTIL = text(
    """
    SELECT m.id FROM message m JOIN thread t ON t.id = m.thread_id
    WHERE t.chat_id = :chat AND m.direction = 'in' AND NOT m.seen
        AND m.at <= :until AND m.at > :after
    """
)

_KNOWN = select(
    *message.c[
        "id", "conversation_id", "thread_id", "external_id", "client_ref", "direction", "delivery",
        "unreadable", "at", "edited_at", "repeats",
    ],
    (message_body.c.pieces == to_json((Unknown(kind=SEALED),))).label("sealed"),
).outerjoin_from(message, message_body, message_body.c.message_id == message.c.id)  # fmt: skip


def _one(row: Row[*tuple[Any, ...]]) -> KnownMessage:
    return KnownMessage(
        id=row.id,
        conversation_id=row.conversation_id,
        thread_id=row.thread_id,
        external_id=row.external_id or "",
        client_ref=row.client_ref or "",
        direction=Direction(row.direction),
        delivery=Delivery(row.delivery) if row.delivery else None,
        placeholder=bool(row.unreadable or row.sealed),
        at=row.at,
        edited_at=row.edited_at,
        repeats=row.repeats,
    )


def versions(conn: Connection, message_id: int) -> list[Version]:
    """Return all that a message ever said, oldest first; [] where it was never changed."""
    query = (
        select(message_version)
        .where(message_version.c.message_id == message_id)
        .order_by(message_version.c.at, message_version.c.id)
    )
    return [
        Version(at=row["at"], text=row["text"], pieces=from_json(row["pieces"] or ()))
        for row in conn.execute(query).mappings()
    ]


# Writing


def add_extras(tx: Tx, extras: Iterable[Extras]) -> None:
    """Store what messages have that mail does not."""
    for one in extras:
        if one.pieces:
            set_pieces(tx, one.message_id, one.pieces)
        if one.repeats > 1:
            set_repeats(tx, one.message_id, one.repeats)


def set_pieces(tx: Tx, message_id: int, pieces: Iterable[Piece]) -> None:
    """Let a message hold these pieces."""
    tx.conn.execute(
        update(message_body)
        .where(message_body.c.message_id == message_id)
        .values(pieces=to_json(pieces) or None)
    )


def set_repeats(tx: Tx, message_id: int, repeats: int) -> None:
    """Let a message stand for at least so many alike."""
    _change(tx, message_id, message.c.repeats < repeats, repeats=repeats)


def set_form(tx: Tx, message_id: int, form: Mapping[str, object]) -> None:
    """Note how a queued message leaves, besides what it says."""
    tx.conn.execute(
        update(message_body)
        .where(message_body.c.message_id == message_id)
        .values(form=dict(form) or None)
    )


def add_version(tx: Tx, message_id: int, version: Version) -> bool:
    """Keep what a message says from a moment on; tell whether that is the latest it said.

    What it said at first is kept with the first change.
    """
    found = tx.conn.execute(
        select(message.c.at, message_body.c.text, message_body.c.pieces)
        .join(message_body, message_body.c.message_id == message.c.id)
        .where(message.c.id == message_id)
    ).first()
    if found is None:
        return False
    kept = tx.conn.scalar(
        select(message_version.c.id).where(message_version.c.message_id == message_id).limit(1)
    )
    rows = [] if kept else [(found.at, found.text, found.pieces)]
    rows.append((version.at, version.text, to_json(version.pieces) or None))
    bulk.insert_new(
        tx.conn,
        message_version,
        [
            {"message_id": message_id, "at": at, "text": words, "pieces": pieces}
            for at, words, pieces in rows
        ],
    )
    latest = max(versions(tx.conn, message_id), key=lambda one: (one.at, one.text))
    return (latest.at, latest.text) == (version.at, version.text)


def say(tx: Tx, message_id: int, version: Version) -> None:
    """Let a message say what its latest version does, in lists and in search too."""
    row = messages.row(tx.conn, message_id)
    if row is None:
        return
    names = [file.name for file in row.attachments]
    tx.conn.execute(
        update(message_body)
        .where(message_body.c.message_id == message_id)
        .values(text=version.text, visible_text=None, pieces=to_json(version.pieces) or None)
    )
    files = [file_in_words(one.name, one.media_type, inline=one.inline) for one in row.attachments]
    snippet = snippet_of(version.text, version.pieces, files)
    _change(tx, message_id, edited_at=version.at, snippet=snippet)
    words = "\n".join((*names, version.text, in_words(version.pieces)))
    entry = message_index.entry(
        message_id, subject=row.subject, from_=row.from_, to=row.to, body=fold(words)
    )
    message_index.put(tx, [entry])


def change_text(tx: Tx, message_id: int, text: str, *, at: datetime) -> None:
    """Let a message of ours say something else from now on."""
    row = messages.row(tx.conn, message_id)
    if row is not None:
        version = Version(at=at, text=text, pieces=row.pieces)
        if add_version(tx, message_id, version):
            say(tx, message_id, version)


def withdraw(tx: Tx, message_id: int, at: datetime | None) -> None:
    """Note when a message was taken back, the earliest time told; None: it was not after all."""
    if at is None:
        _change(tx, message_id, withdrawn_at=None)
    else:
        known_at = message.c.withdrawn_at
        _change(tx, message_id, or_(known_at.is_(None), known_at > at), withdrawn_at=at)


def readable(tx: Tx, message_id: int, **values: object) -> None:
    """Let a placeholder become what it stood for."""
    _change(tx, message_id, unreadable=None, **values)


def _change(tx: Tx, message_id: int, *conditions: ColumnElement[bool], **values: object) -> None:
    found = tx.conn.execute(
        update(message)
        .where(message.c.id == message_id, *conditions)
        .values(**values)
        .returning(message.c.conversation_id)
    ).first()
    if found is not None:
        tx.touch(message=message_id, conversation=found.conversation_id)


# What left


def accepted(tx: Tx, message_id: int, external_id: str) -> None:
    """Note what the service calls a message of ours that it took.

    Where its echo came before the service's answer, both are one: ours stays.
    """
    tx.conn.execute(_STAMP, {"id": message_id, "now": to_milliseconds(tx.now)})
    if not external_id:
        return
    account_id = select(message.c.account_id).where(message.c.id == message_id).scalar_subquery()
    echo = tx.conn.scalar(
        select(message.c.id).where(
            message.c.account_id == account_id,
            message.c.external_id == external_id,
            message.c.id != message_id,
        )
    )
    if echo is not None:
        _absorb(tx, echo, message_id)
    _change(tx, message_id, external_id=external_id)


_STAMP = text(
    """
    UPDATE message
    SET delivery_detail = json_set(ifnull(delivery_detail, '{}'), '$.accepted_at', :now)
    WHERE id = :id
    """
)


def _absorb(tx: Tx, echo: int, message_id: int) -> None:
    """Let an echo disappear in the message it is of, with what is known of it."""
    for statement in _GO_OVER:
        tx.conn.execute(statement, {"echo": echo, "id": message_id})
    delivery = tx.conn.scalar(select(message.c.delivery).where(message.c.id == echo))
    messages.remove(tx, echo)
    if delivery:
        messages.set_delivery(tx, message_id, Delivery(delivery))


_GO_OVER = (
    text("UPDATE OR REPLACE reaction SET message_id = :id WHERE message_id = :echo"),
    text("UPDATE reaction_name SET message_id = :id WHERE message_id = :echo"),
    text("UPDATE OR REPLACE message_version SET message_id = :id WHERE message_id = :echo"),
)


# Files that still lie with the service


def add_remote_files(
    tx: Tx, account_id: int, references: Mapping[str, str], *, next_at: datetime
) -> None:
    """Have files fetched; `references` by the uid of their attachment."""
    ids = bulk.keys_of(tx.conn, attachment, references)
    bulk.insert_new(
        tx.conn,
        remote_file,
        [
            {
                "attachment_id": ids[uid],
                "account_id": account_id,
                "reference": reference,
                "next_at": next_at,
            }
            for uid, reference in references.items()
        ],
    )
