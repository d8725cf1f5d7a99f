"""What waits to leave. One claim, committed before any byte goes out, keeps sending single (N)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, func, insert, select, update
from sqlalchemy import delete as delete_from

from desktop_inbox.domain.messages import Delivery
from desktop_inbox.store import conversations, messages
from desktop_inbox.store.database import Tx
from desktop_inbox.store.rows import OutboxRow
from desktop_inbox.store.schema import conversation, customer, message, outbox

ENVELOPE = "envelope"  # nothing that could be delivered has left yet
BODY = "body"  # it may have been delivered from here on


@dataclass(frozen=True, slots=True, kw_only=True)
class Stranded:
    """A row that a process left in the middle of sending."""

    message_id: int
    account_id: int
    client_ref: str
    phase: str  # ENVELOPE or BODY


# Reading


def list_all(conn: Connection) -> list[OutboxRow]:
    """Return everything that waits, by when it is tried next."""
    return [_row(found) for found in conn.execute(_ROWS).mappings()]


def row(conn: Connection, message_id: int) -> OutboxRow | None:
    """Return one row, None where the message does not wait."""
    found = conn.execute(_ROWS.where(outbox.c.message_id == message_id)).mappings().first()
    return _row(found) if found else None


def draft_of(conn: Connection, message_id: int) -> dict[str, object] | None:
    """Return the editor as it was when the message was queued (rule H5)."""
    value = conn.scalar(select(outbox.c.draft).where(outbox.c.message_id == message_id))
    return value if isinstance(value, dict) else None


def due(conn: Connection, now: datetime, *, account_id: int | None = None) -> list[int]:
    """Return the messages that may be sent now, the longest due first."""
    query = (
        select(outbox.c.message_id)
        .where(outbox.c.state == "queued", outbox.c.next_at <= now)
        .order_by(outbox.c.next_at, outbox.c.message_id)
    )
    if account_id is not None:
        query = query.where(outbox.c.account_id == account_id)
    return list(conn.scalars(query))


def filing(conn: Connection, *, account_id: int) -> list[int]:
    """Return the messages that were accepted and whose copy is still to be filed in Sent."""
    query = select(outbox.c.message_id).where(
        outbox.c.state == "filing", outbox.c.account_id == account_id
    )
    return list(conn.scalars(query))


def next_due(conn: Connection, *, account_id: int | None = None) -> datetime | None:
    """Return when the next queued message may be sent."""
    query = select(func.min(outbox.c.next_at)).where(outbox.c.state == "queued")
    if account_id is not None:
        query = query.where(outbox.c.account_id == account_id)
    found: datetime | None = conn.scalar(query)
    return found


def stranded(conn: Connection) -> list[Stranded]:
    """Return what was left in the middle of sending. Only while this process holds the lock."""
    query = (
        select(*outbox.c["message_id", "account_id", "phase"], message.c.client_ref)
        .join(message, message.c.id == outbox.c.message_id)
        .where(outbox.c.state == "sending")
        .order_by(outbox.c.message_id)
    )
    return [
        Stranded(**{**found, "client_ref": found["client_ref"] or ""})
        for found in conn.execute(query).mappings()
    ]


_ROWS = (
    select(
        *outbox.c[
            "message_id", "account_id", "state", "not_before", "next_at", "attempts", "queued_at",
            "error_code", "error_text",
        ],
        *message.c["conversation_id", "client_ref", "subject"],
        customer.c.name.label("customer_name"),
    )
    .join(message, message.c.id == outbox.c.message_id)
    .join(conversation, conversation.c.id == message.c.conversation_id)
    .outerjoin(customer, customer.c.id == conversation.c.customer_id)
    .order_by(outbox.c.next_at, outbox.c.message_id)
)  # fmt: skip


def _row(found: RowMapping) -> OutboxRow:
    known = dict(found)
    known["customer_name"] = known["customer_name"] or ""
    known["client_ref"] = known["client_ref"] or ""
    return OutboxRow(**known)


# Writing


def add(
    tx: Tx,
    message_id: int,
    *,
    account_id: int,
    not_before: datetime,
    draft: Mapping[str, object],
) -> None:
    """Queue a stored message. `draft` is the editor as it was, for undo send (rule H5)."""
    tx.conn.execute(
        insert(outbox).values(
            message_id=message_id,
            account_id=account_id,
            state="queued",
            not_before=not_before,
            next_at=not_before,
            queued_at=tx.now,
            draft=dict(draft),
        )
    )
    _settled(tx, message_id, Delivery.QUEUED)


def take_back(tx: Tx, message_id: int) -> bool:
    """Take a message out of the queue unless it is already being sent; tell whether it was."""
    removed = tx.conn.execute(
        delete_from(outbox).where(
            outbox.c.message_id == message_id, outbox.c.state.in_(("queued", "failed"))
        )
    ).rowcount
    if removed:
        tx.touch(outbox=message_id)
    return bool(removed)


def claim(tx: Tx, message_id: int, *, claimed_by: str) -> bool:
    """Take the only right to send a message now; False where it is not due or somebody else's.

    Commit durably before the first byte leaves.
    """
    claimed = tx.conn.execute(
        update(outbox)
        .where(
            outbox.c.message_id == message_id,
            outbox.c.state == "queued",
            outbox.c.next_at <= tx.now,
        )
        .values(
            state="sending",
            phase=ENVELOPE,
            claimed_by=claimed_by,
            attempts=outbox.c.attempts + 1,
        )
    ).rowcount
    if claimed:
        _settled(tx, message_id, Delivery.SENDING)
    return bool(claimed)


def enter_body(tx: Tx, message_id: int) -> None:
    """Note that from now on it may have been delivered. Commit durably before going on."""
    tx.conn.execute(
        update(outbox)
        .where(outbox.c.message_id == message_id, outbox.c.state == "sending")
        .values(phase=BODY)
    )


def sent(
    tx: Tx, message_id: int, *, detail: Mapping[str, object] | None = None, file_copy: bool = False
) -> None:
    """Note that the provider accepted it. With `file_copy` its copy in Sent is still to be made."""
    if file_copy:
        _change(tx, message_id, state="filing", phase="", claimed_by=None)
    else:
        done(tx, message_id)
    _settled(tx, message_id, Delivery.SENT, detail=detail)


def done(tx: Tx, message_id: int) -> None:
    """Forget a message that has left and whose copy is filed."""
    tx.conn.execute(delete_from(outbox).where(outbox.c.message_id == message_id))
    tx.touch(outbox=message_id)


def reschedule(tx: Tx, message_id: int, *, next_at: datetime, code: str, detail: str) -> None:
    """Put a message back that did not leave, to be tried again at `next_at`."""
    _change(
        tx,
        message_id,
        state="queued",
        phase="",
        claimed_by=None,
        next_at=next_at,
        error_code=code,
        error_text=detail,
    )
    _settled(tx, message_id, Delivery.QUEUED)


def fail(tx: Tx, message_id: int, *, code: str, detail: str) -> None:
    """Note that the message was refused for good; a person must act."""
    _change(
        tx,
        message_id,
        state="failed",
        phase="",
        claimed_by=None,
        error_code=code,
        error_text=detail,
    )
    _settled(tx, message_id, Delivery.FAILED)


def uncertain(tx: Tx, message_id: int, *, code: str, detail: str) -> None:
    """Note that the message may have been delivered; it is never sent again by itself."""
    _change(
        tx,
        message_id,
        state="uncertain",
        phase="",
        claimed_by=None,
        error_code=code,
        error_text=detail,
    )
    _settled(tx, message_id, Delivery.UNCERTAIN)


def _change(tx: Tx, message_id: int, **values: object) -> None:
    tx.conn.execute(update(outbox).where(outbox.c.message_id == message_id).values(**values))
    tx.touch(outbox=message_id)


def _settled(
    tx: Tx,
    message_id: int,
    state: Delivery,
    *,
    detail: Mapping[str, object] | None = None,
) -> None:
    messages.set_delivery(tx, message_id, state, detail=detail)
    conversation_id = tx.conn.scalar(
        select(message.c.conversation_id).where(message.c.id == message_id)
    )
    if conversation_id is not None:
        conversations.refresh(tx, [conversation_id])
    tx.touch(outbox=message_id)
