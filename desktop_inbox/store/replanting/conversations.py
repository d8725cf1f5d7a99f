"""Conversations and threads of an export, around the mail that was ingested."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import delete, select, text, update

from desktop_inbox.domain.conversations import Priority, Status
from desktop_inbox.store import arrivals, bulk, conversations, customer_merging
from desktop_inbox.store.database import Tx
from desktop_inbox.store.moments import from_milliseconds
from desktop_inbox.store.records import Record
from desktop_inbox.store.replanting.uids import Uids, id_of, text_of
from desktop_inbox.store.schema import (
    account,
    conversation,
    customer,
    message,
    message_location,
    thread,
    thread_participant,
    thread_reference,
)


def forget_places(tx: Tx, account_id: int, folder: str) -> None:
    """Let messages lie in no folder of their server that were only said to lie in this one."""
    tx.conn.execute(
        delete(message_location).where(
            message_location.c.account_id == account_id, message_location.c.folder == folder
        )
    )


def here_by_raw(tx: Tx, account_id: int, digests: Iterable[str]) -> dict[str, int]:
    """Return the messages of an account that are here, by the digest of their raw form."""
    found = tx.conn.execute(_BY_RAW, {"account": account_id, "digests": bulk.packed(list(digests))})
    return {row.raw_sha256: row.id for row in found}


_BY_RAW = text(
    """
    SELECT b.raw_sha256, m.id FROM message_body b JOIN message m ON m.id = b.message_id
    WHERE m.account_id = :account
        AND b.raw_sha256 IN (SELECT value FROM json_each(:digests))
    """
)


def plant_conversations(tx: Tx, records: Sequence[Record], uids: Uids) -> None:
    """Add conversations that are not here, as they were at the end."""
    bulk.insert_new(
        tx.conn,
        conversation,
        [
            {
                "uid": text_of(one, "uid"),
                "subject": text_of(one, "subject"),
                "customer_id": id_of(tx, customer, uids, one["customer"]),
                "status": Status(one["status"]).value,
                "priority": Priority(one["priority"]).value,
                "created_at": from_milliseconds(int(one["created_at"])),
                "last_at": from_milliseconds(int(one["last_at"])),
            }
            for one in records
            if uids.of(one["uid"]) == one["uid"]
        ],
    )
    owners = {id_of(tx, customer, uids, one["customer"]) for one in records}
    customer_merging.show_with_roots(tx, {key for key in owners if key is not None})
    for one in records:
        into = id_of(tx, conversation, uids, one["merged_into"])
        if into is not None and uids.of(one["uid"]) == one["uid"]:
            tx.conn.execute(
                update(conversation)
                .where(conversation.c.uid == one["uid"], conversation.c.merged_into_id.is_(None))
                .values(merged_into_id=into)
            )


def plant_threads(tx: Tx, records: Iterable[Record], uids: Uids) -> None:
    """Add threads, in place of those that ingest began with the same first mail."""
    for one in records:
        uid = text_of(one, "uid")
        account_id = id_of(tx, account, uids, one["account"])
        lies_in = id_of(tx, conversation, uids, one["conversation"])
        if account_id is None or lies_in is None:
            raise ValueError(uid)
        row: dict[str, object] = {
            "uid": uid,
            "conversation_id": lies_in,
            "account_id": account_id,
            "external_id": text_of(one, "external_id"),
        }
        begun = _begun(tx, account_id, text_of(one, "external_id"))
        if begun is None:
            bulk.insert_new(tx.conn, thread, [row])
        else:
            uids.call(uid, begun)
        key = id_of(tx, thread, uids, uid)
        assert key is not None
        bulk.insert_new(
            tx.conn,
            thread_reference,
            [
                {"message_id": str(name), "thread_id": key, "named_by": str(by)}
                for name, by in one["claims"]
            ],
        )
        bulk.insert_new(
            tx.conn,
            thread_participant,
            [{"thread_id": key, "address": str(address)} for address in one["participants"]],
        )


def _begun(tx: Tx, account_id: int, external_id: str) -> str | None:
    """Return the uid of the thread that began with the same first mail."""
    return tx.conn.scalar(
        select(thread.c.uid).where(
            thread.c.account_id == account_id, thread.c.external_id == external_id
        )
    )


def place(tx: Tx, placed: Mapping[int, Record], uids: Uids) -> set[int]:
    """Put ingested messages where the export says they lie; return conversations that changed.

    Conversations that ingest began for them, and that are empty now, are gone.
    """
    before = set()
    after = set()
    for key, record in placed.items():
        lies_in = id_of(tx, conversation, uids, record["conversation"])
        if lies_in is None:
            raise ValueError(record["uid"])
        thread_id = id_of(tx, thread, uids, record["thread"])
        shown = conversations.roots(tx.conn, [lies_in])[lies_in]
        before |= set(tx.conn.scalars(select(message.c.origin_id).where(message.c.id == key)).all())
        tx.conn.execute(
            update(message)
            .where(message.c.id == key)
            .values(
                uid=text_of(record, "uid"),
                origin_id=lies_in,
                conversation_id=shown,
                thread_id=thread_id,
                seen=bool(record["seen"]),
                flagged=bool(record.get("flagged")),
            )
        )
        if thread_id is not None:
            tx.conn.execute(
                update(thread).where(thread.c.id == thread_id).values(conversation_id=lies_in)
            )
        after |= {lies_in, shown}
        tx.touch(message=key)
    left = {key for key in before - after if not arrivals.remove_if_empty(tx, key)}
    return after | left
