"""What waits to leave. One claim, committed before any byte goes out, keeps sending single (N)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping, case, func, insert, literal, select, update
from sqlalchemy import delete as delete_from

from desktop_inbox.domain.messages import Delivery
from desktop_inbox.store import conversations, messages, server_actions
from desktop_inbox.store.database import Tx
from desktop_inbox.store.rows import OutboxRow
from desktop_inbox.store.schema import account, conversation, customer, message, outbox
from desktop_inbox.store.types import UtcTime

# Held longer than this a message was sent later on purpose, not held for undo.
LONGEST_HOLD = timedelta(seconds=90)
ENVELOPE = "envelope"  # nothing that could be delivered has left yet
BODY = "body"  # it may have been delivered from here on


# Reading


def list_all(conn: Connection) -> list[OutboxRow]:
    """Return everything that waits, by when it is tried next."""
    return [_row(found) for found in conn.execute(_ROWS).mappings()]


def of_conversation(conn: Connection, conversation_id: int) -> list[OutboxRow]:
    """Return what waits of one conversation, by when it is tried next."""
    query = _ROWS.where(message.c.conversation_id == conversation_id)
    return [_row(found) for found in conn.execute(query).mappings()]


def row(conn: Connection, message_id: int) -> OutboxRow | None:
    """Return one row, None where the message does not wait."""
    found = conn.execute(_ROWS.where(outbox.c.message_id == message_id)).mappings().first()
    return _row(found) if found else None


def draft_of(conn: Connection, message_id: int) -> dict[str, object] | None:
    """Return the editor as it was when the message was queued (rule H5)."""
    value = conn.scalar(select(outbox.c.draft).where(outbox.c.message_id == message_id))
    return value if isinstance(value, dict) else None


def held(rows: Iterable[OutboxRow], *, now: datetime) -> list[OutboxRow]:
    """Return those of `rows` that are held for undo send (rule H5)."""
    return [
        row for row in rows if row.state == "queued" and now < row.not_before <= now + LONGEST_HOLD
    ]


_ROWS = (
    select(
        *outbox.c[
            "message_id", "account_id", "state", "not_before", "next_at", "attempts", "queued_at",
            "error_code", "error_text", "recipients", "tried_since", "look_at", "looks",
            "looked_at", "look_error",
        ],
        *message.c["conversation_id", "client_ref", "subject", "people"],
        customer.c.name.label("customer_name"),
        account.c.state.label("account_state"),
        account.c.enabled.label("account_enabled"),
        account.c.kind.label("channel"),
    )
    .join(account, account.c.id == outbox.c.account_id)
    .join(message, message.c.id == outbox.c.message_id)
    .join(conversation, conversation.c.id == message.c.conversation_id)
    .outerjoin(customer, customer.c.id == conversation.c.customer_id)
    .order_by(outbox.c.next_at, outbox.c.message_id)
)  # fmt: skip


def _first_named(people: Mapping[str, Sequence[Sequence[str]]]) -> str:
    """Return whom a message is to, by name or else by address, '' where nobody can be told."""
    told = (
        name or address for field in ("to", "cc", "bcc") for name, address in people.get(field, ())
    )
    return next(told, "")


def _row(found: RowMapping) -> OutboxRow:
    known = dict(found)
    people = known.pop("people")
    known["customer_name"] = known["customer_name"] or _first_named(people)
    known["client_ref"] = known["client_ref"] or ""
    if known["recipients"] is not None:
        known["recipients"] = tuple(known["recipients"])
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
            outbox.c.message_id == message_id,
            outbox.c.state.in_(("queued", "failed")),
            outbox.c.recipients.is_(None),
        )
    ).rowcount
    if removed:
        tx.touch(outbox=message_id)
    return bool(removed)


def hasten(tx: Tx, message_id: int) -> None:
    """End the hold of a message: it may leave at once."""
    _change(tx, message_id, not_before=tx.now, next_at=tx.now)


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
    tx: Tx, message_id: int, *, detail: Mapping[str, object] | None = None, copy: bool = False
) -> None:
    """Note that the provider accepted it. With `copy` its copy in Sent is still to be seen to.

    `detail` goes beside what is known of it, such as the recipients that were refused (A14).
    """
    known = messages.row(tx.conn, message_id)
    merged = {**(known.delivery_detail if known else {}), **(detail or {})}
    copies = tx.conn.scalar(select(outbox.c.copy_at).where(outbox.c.message_id == message_id))
    if copy or copies is not None:
        _change(
            tx,
            message_id,
            state="filing",
            copy_at=copies or tx.now,
            error_code="",
            error_text="",
            **_NOT_CLAIMED,
        )
    else:
        done(tx, message_id)
    _settled(tx, message_id, Delivery.SENT, detail=merged)


def sent_to_some(
    tx: Tx,
    message_id: int,
    *,
    missing: Sequence[str],
    next_at: datetime | None,
    code: str,
    words: str,
    detail: Mapping[str, object],
    copy: bool,
) -> None:
    """Note that the provider accepted it for all but `missing`, who alone are tried from now on.

    At `next_at`; None leaves it to a person. Whoever has it never gets it twice.
    """
    known = messages.row(tx.conn, message_id)
    merged = {**(known.delivery_detail if known else {}), **detail}
    values: dict[str, object] = {"copy_at": tx.now} if copy else {}
    if next_at is not None:
        values["next_at"] = next_at
    _change(
        tx,
        message_id,
        state="queued" if next_at is not None else "failed",
        recipients=list(missing),
        error_code=code,
        error_text=words,
        **values,
        **_NOT_CLAIMED,
    )
    _settled(tx, message_id, Delivery.SENT, detail=merged)


def done(tx: Tx, message_id: int) -> None:
    """Forget a message that has left and whose copy is filed."""
    tx.conn.execute(delete_from(outbox).where(outbox.c.message_id == message_id))
    tx.touch(outbox=message_id)


def copied(tx: Tx, message_id: int) -> None:
    """Note that nothing is to be done about its copy in Sent any more."""
    _change(tx, message_id, copy_at=None)
    tx.conn.execute(
        delete_from(outbox).where(outbox.c.message_id == message_id, outbox.c.state == "filing")
    )


def copy_later(tx: Tx, message_id: int, *, at: datetime) -> None:
    """See to its copy in Sent again at `at`."""
    _change(tx, message_id, copy_at=at, copy_tries=outbox.c.copy_tries + 1)


def reschedule(
    tx: Tx, message_id: int, *, next_at: datetime, code: str, detail: str, failed: bool = False
) -> None:
    """Put a message back that did not leave, to be tried again at `next_at`.

    `failed` says that this was an attempt that failed, which counts towards giving up.
    """
    since = func.coalesce(outbox.c.tried_since, literal(tx.now, UtcTime))
    _change(
        tx,
        message_id,
        state="queued",
        next_at=next_at,
        error_code=code,
        error_text=detail,
        tried_since=since if failed else outbox.c.tried_since,
        **_NOT_CLAIMED,
    )
    _settled(tx, message_id, Delivery.QUEUED)


def afresh(tx: Tx, message_id: int, *, code: str = "") -> None:
    """Send it now because a person said so: what failed before counts no more."""
    _change(tx, message_id, attempts=0, tried_since=None, look_at=None)
    reschedule(tx, message_id, next_at=tx.now, code=code, detail="")


def fail(tx: Tx, message_id: int, *, code: str, detail: str) -> None:
    """Note that the message was refused for good; a person must act."""
    _change(tx, message_id, state="failed", error_code=code, error_text=detail, **_NOT_CLAIMED)
    _settled(tx, message_id, Delivery.FAILED)


def uncertain(tx: Tx, message_id: int, *, code: str, detail: str) -> None:
    """Note that the message may have been delivered; it is never sent again by itself.

    It is looked for at once by its Message-ID. That proves nothing of a second delivery, to those
    the first one did not reach: such a one waits for a person.
    """
    to_the_rest = outbox.c.recipients.is_not(None)
    _change(
        tx,
        message_id,
        state="uncertain",
        error_code=code,
        error_text=detail,
        looks=0,
        look_at=case((to_the_rest, None), else_=literal(tx.now, UtcTime)),
        **_NOT_CLAIMED,
    )
    _settled(tx, message_id, Delivery.UNCERTAIN)


def look_at(tx: Tx, message_id: int, at: datetime | None) -> None:
    """Look for a message that may have been delivered at `at`; None: not by itself any more."""
    _change(tx, message_id, look_at=at)


def looked(tx: Tx, message_id: int, *, error: str, next_at: datetime | None) -> None:
    """Note that it was looked for and not found; `error` says why looking itself failed."""
    _change(
        tx,
        message_id,
        looks=outbox.c.looks + (0 if error else 1),
        looked_at=tx.now,
        look_error=error,
        look_at=next_at,
    )
    _settled(tx, message_id, Delivery.UNCERTAIN)


_NOT_CLAIMED: Mapping[str, object] = {"phase": "", "claimed_by": None}


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
    if state is Delivery.SENT:
        server_actions.queue_answered(tx, message_id)
    conversation_id = tx.conn.scalar(
        select(message.c.conversation_id).where(message.c.id == message_id)
    )
    if conversation_id is not None:
        conversations.refresh(tx, [conversation_id])
    tx.touch(outbox=message_id)
