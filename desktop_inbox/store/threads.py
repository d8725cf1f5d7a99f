"""Threads: lines of talk inside one account, who may join them and which mails they claim.

Reads are functions of a connection, writes of a transaction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from desktop_inbox.store import bulk, conversations
from desktop_inbox.store.database import Tx
from desktop_inbox.store.schema import message, thread, thread_participant, thread_reference


@dataclass(frozen=True, slots=True, kw_only=True)
class NewThread:
    """One line of talk inside one account."""

    uid: str
    conversation_id: int
    account_id: int
    external_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadRow:
    """A thread, the conversation it lies in, and who may join it (rule C2)."""

    id: int
    uid: str
    conversation_id: int
    account_id: int
    external_id: str
    participants: frozenset[str]


def claims(conn: Connection, message_ids: Iterable[str]) -> list[tuple[str, int, str]]:
    """Return which threads claim these Message-IDs, as (id, thread, named by) (rule C1c)."""
    wanted = {"names": bulk.packed(message_ids)}
    return [(name, key, by) for name, key, by in conn.execute(_CLAIMS, wanted).all()]


_CLAIMS = select(*thread_reference.c["message_id", "thread_id", "named_by"]).where(
    thread_reference.c.message_id.in_(bulk.values_of("names"))
)


def rows(conn: Connection, wanted: Iterable[int]) -> dict[int, ThreadRow]:
    """Return these threads with their participants."""
    keys = {"keys": bulk.packed(wanted)}
    people: dict[int, set[str]] = defaultdict(set)
    for key, address in conn.execute(_PARTICIPANTS, keys).all():
        people[key].add(address)
    return {
        row["id"]: ThreadRow(**row, participants=frozenset(people.get(row["id"], ())))
        for row in conn.execute(_THREADS, keys).mappings()
    }


_PARTICIPANTS = select(*thread_participant.c["thread_id", "address"]).where(
    thread_participant.c.thread_id.in_(bulk.values_of("keys"))
)
_THREADS = select(*thread.c["id", "uid", "conversation_id", "account_id", "external_id"]).where(
    thread.c.id.in_(bulk.values_of("keys"))
)


def of_message(conn: Connection, message_id: int) -> int | None:
    """Return the thread a message belongs to."""
    return conn.scalar(select(message.c.thread_id).where(message.c.id == message_id))


def reports_in(conn: Connection, threads: Iterable[int]) -> list[tuple[int, dict[str, object]]]:
    """Return the messages of these threads that report something, and what."""
    found = conn.execute(
        select(message.c.id, message.c.report).where(
            message.c.thread_id.in_(bulk.values(threads)), message.c.report.is_not(None)
        )
    )
    return [(key, report) for key, report in found]


def create(tx: Tx, new: Sequence[NewThread]) -> dict[str, int]:
    """Store threads and return their ids by uid; those already here stay as they are."""
    return bulk.ensure_named(
        tx.conn,
        thread,
        [
            {
                "uid": one.uid,
                "conversation_id": one.conversation_id,
                "account_id": one.account_id,
                "external_id": one.external_id,
            }
            for one in new
        ],
    )


def add_claims(tx: Tx, new: Iterable[tuple[str, int, str]]) -> None:
    """Note that threads bear or name Message-IDs, as (id, thread, named by)."""
    bulk.insert_new(
        tx.conn,
        thread_reference,
        [{"message_id": name, "thread_id": key, "named_by": by} for name, key, by in new],
    )


def add_participants(tx: Tx, pairs: Iterable[tuple[int, str]]) -> None:
    """Let these normalised addresses join these threads (rule C2)."""
    bulk.insert_new(
        tx.conn,
        thread_participant,
        [{"thread_id": thread_id, "address": address} for thread_id, address in pairs if address],
    )


def move(tx: Tx, thread_ids: Iterable[int], *, to_conversation: int) -> None:
    """Let threads lie in another conversation, with all their messages.

    Refreshes both sides.
    """
    keys = list(thread_ids)
    left = tx.conn.scalars(
        select(thread.c.conversation_id).where(thread.c.id.in_(bulk.values(keys))).distinct()
    ).all()
    shown = conversations.roots(tx.conn, [to_conversation])[to_conversation]
    tx.conn.execute(
        update(thread)
        .where(thread.c.id.in_(bulk.values(keys)))
        .values(conversation_id=to_conversation)
    )
    moved = tx.conn.scalars(
        update(message)
        .where(message.c.thread_id.in_(bulk.values(keys)))
        .values(origin_id=to_conversation, conversation_id=shown)
        .returning(message.c.id)
    ).all()
    tx.touch(message=moved)
    conversations.refresh(tx, [*left, to_conversation])
