"""Files that still lie with a messaging service: which is fetched next, and what came of it.

Reads are functions of a connection, writes of a transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, select, update

from desktop_inbox.store import messages
from desktop_inbox.store.database import Tx
from desktop_inbox.store.schema import attachment, remote_file


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteFileRow:
    """One file to fetch."""

    attachment_id: int
    account_id: int
    message_id: int
    reference: str
    size: int  # bytes as the service told, 0 where it did not
    attempts: int


_ROWS = select(
    *remote_file.c["attachment_id", "account_id", "reference", "attempts"],
    *attachment.c["message_id", "size"],
).join(attachment, attachment.c.id == remote_file.c.attachment_id)


def due(conn: Connection, account_id: int, now: datetime) -> RemoteFileRow | None:
    """Return the file of an account that is to be fetched now, the longest due first."""
    query = (
        _ROWS.where(remote_file.c.account_id == account_id, remote_file.c.next_at <= now)
        .order_by(remote_file.c.next_at, remote_file.c.attachment_id)
        .limit(1)
    )
    found = conn.execute(query).mappings().first()
    return RemoteFileRow(**found) if found else None


def next_due(conn: Connection, account_id: int) -> datetime | None:
    """Return when the next file is to be fetched."""
    query = select(func.min(remote_file.c.next_at)).where(remote_file.c.account_id == account_id)
    found: datetime | None = conn.scalar(query)
    return found


def of_attachment(conn: Connection, attachment_id: int) -> RemoteFileRow | None:
    """Return how an attachment is fetched, None where it does not lie with such a service."""
    query = _ROWS.where(remote_file.c.attachment_id == attachment_id)
    found = conn.execute(query).mappings().first()
    return RemoteFileRow(**found) if found else None


def fetched(tx: Tx, attachment_id: int, *, sha256: str, size: int) -> None:
    """Note that a file lies here now."""
    tx.conn.execute(delete(remote_file).where(remote_file.c.attachment_id == attachment_id))
    messages.set_attachment_file(tx, attachment_id, sha256=sha256, size=size)


def put_off(tx: Tx, row: RemoteFileRow, *, next_at: datetime | None, problem: str = "") -> None:
    """Fetch a file later, None: not by itself any more; `problem` says why, for a person."""
    tx.conn.execute(
        update(remote_file)
        .where(remote_file.c.attachment_id == row.attachment_id)
        .values(next_at=next_at, attempts=remote_file.c.attempts + 1, problem=problem)
    )
    tx.touch(message=row.message_id)
