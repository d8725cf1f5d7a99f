"""Addresses that mail came back from, and what was sent without a person (rules D3, D6)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, or_, select, update
from sqlalchemy.dialects import sqlite

from desktop_inbox.domain.automation import LONGEST_MEMORY, Sent
from desktop_inbox.store import bulk
from desktop_inbox.store.database import Tx
from desktop_inbox.store.schema import account, automatic_send, suppression, workspace

SUPPRESSED_FOR = timedelta(days=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppressed:
    """An address that nothing is sent to by itself."""

    address: str  # normalised
    since: datetime  # undeliverable since
    until: datetime
    words: str  # of the server that refused


# Reading


def of(conn: Connection, addresses: Iterable[str]) -> dict[str, Suppressed]:
    """Return which of these normalised addresses are known as undeliverable."""
    query = select(suppression).where(suppression.c.address.in_(bulk.values(addresses)))
    return {row["address"]: Suppressed(**row) for row in conn.execute(query).mappings()}


def sent_lately(conn: Connection, *, conversation_id: int, now: datetime) -> list[Sent]:
    """Return the automatic mails that count towards the caps of one more."""
    sends = automatic_send.c
    found = conn.execute(
        select(sends.at, sends.address, sends.conversation_id).where(
            or_(
                sends.conversation_id == conversation_id,
                sends.at > now - LONGEST_MEMORY,
            )
        )
    )
    return [Sent(at=at, address=to, conversation=key) for at, to, key in found]


def stopped_at(conn: Connection) -> datetime | None:
    """Return since when all automatic mail waits for a person, None while it does not."""
    found: datetime | None = conn.scalar(select(workspace.c.automation_stopped_at))
    return found


def waits_for_answer(conn: Connection) -> datetime | None:
    """Return since when automatic mail waits for a person who was not asked yet, else None."""
    found: datetime | None = conn.scalar(
        select(workspace.c.automation_stopped_at).where(workspace.c.automation_left_off.is_(False))
    )
    return found


# Writing


def suppress(tx: Tx, address: str, *, words: str) -> None:
    """Note that an address is undeliverable; it stays so since the first time it was."""
    statement = sqlite.insert(suppression).values(
        address=address, since=tx.now, until=tx.now + SUPPRESSED_FOR, words=words
    )
    tx.conn.execute(
        statement.on_conflict_do_update(
            index_elements=[suppression.c.address],
            set_={"until": statement.excluded.until, "words": statement.excluded.words},
        )
    )


def lift(tx: Tx, addresses: Iterable[str]) -> None:
    """Note that these addresses are alive: somebody wrote from there."""
    tx.conn.execute(delete(suppression).where(suppression.c.address.in_(bulk.values(addresses))))


def note_send(tx: Tx, message_id: int, *, address: str, conversation_id: int) -> None:
    """Note a mail that is sent without a person; those too old to count are forgotten."""
    tx.conn.execute(
        insert(automatic_send).values(
            message_id=message_id, at=tx.now, address=address, conversation_id=conversation_id
        )
    )


def stop(tx: Tx) -> None:
    """Let all automatic mail wait for a person."""
    _set_stopped(tx, tx.now)


def resume(tx: Tx) -> None:
    """Let automatic mail leave again, as a person said."""
    _set_stopped(tx, None)


def leave_off(tx: Tx) -> None:
    """Note that a person knows that automatic mail waits, and wants it to."""
    tx.conn.execute(update(workspace).values(automation_left_off=True))
    _touch(tx)


def _set_stopped(tx: Tx, at: datetime | None) -> None:
    tx.conn.execute(update(workspace).values(automation_stopped_at=at, automation_left_off=False))
    _touch(tx)


def _touch(tx: Tx) -> None:
    tx.touch(account=tx.conn.scalars(select(account.c.id)))  # it is theirs, of all of them
