"""Accounts, how they are, and how far each has been read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import Connection, RowMapping, Select, delete, func, insert, select, text, update
from sqlalchemy.dialects import sqlite

from desktop_inbox.domain.conversations import Status
from desktop_inbox.domain.uid import new_uid
from desktop_inbox.store import conversations
from desktop_inbox.store.database import Tx
from desktop_inbox.store.rows import AccountRow
from desktop_inbox.store.schema import (
    account,
    conversation,
    draft,
    draft_copy,
    early_news,
    message_gone,
    message_location,
    outbox,
    receiving_server,
    server_action,
    sync_cursor,
)

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What became of everything fetched (rule C8)."""

    stored: int = 0
    duplicates: int = 0
    quarantined: int = 0


# Reading


def list_all(conn: Connection) -> list[AccountRow]:
    """Return every account in the order they were added."""
    found = conn.execute(_ACCOUNTS.where(account.c.removed.is_(False)).order_by(account.c.id))
    return [_row(row) for row in found.mappings()]


def row(conn: Connection, account_id: int) -> AccountRow | None:
    """Return one account, None where there is none or it was removed."""
    query = _ACCOUNTS.where(account.c.removed.is_(False), account.c.id == account_id)
    found = conn.execute(query).mappings().first()
    return _row(found) if found else None


def counted(conn: Connection, rows: Iterable[AccountRow]) -> list[AccountRow]:
    """Return accounts with how many conversations are open in each; this takes a while."""
    found = {row.id: row.open_count for row in conn.execute(_OPEN_IN)}
    return [replace(one, open_count=found.get(one.id, 0)) for one in rows]


_ACCOUNTS: Select[tuple[object, ...]] = select(
    *account.c[
        "id", "uid", "kind", "title", "address", "settings", "enabled", "state", "state_detail",
        "last_sync_at", "progress_done", "progress_total", "limits",
    ]
)  # fmt: skip
_OPEN_IN = select(
    account.c.id,
    select(func.count())
    .where(
        conversation.c.account_id == account.c.id,
        conversation.c.status == Status.OPEN,
        conversation.c.merged_into_id.is_(None),
    )
    .scalar_subquery()
    .label("open_count"),
)


def _row(found: RowMapping) -> AccountRow:
    known = dict(found)
    known["state_detail"] = known["state_detail"] or {}
    return AccountRow(**known)


def cursor(conn: Connection, account_id: int) -> dict[str, object] | None:
    """Return the cursor that was committed last, None before the first pull."""
    value = conn.scalar(select(sync_cursor.c.value).where(sync_cursor.c.account_id == account_id))
    return value if isinstance(value, dict) else None


def totals(conn: Connection, account_id: int) -> Totals:
    """Return what became of everything fetched for an account."""
    found = conn.execute(
        select(*sync_cursor.c["stored", "duplicates", "quarantined"]).where(
            sync_cursor.c.account_id == account_id
        )
    ).mappings()
    return next((Totals(**row) for row in found), Totals())


def templates(conn: Connection, account_id: int) -> list[dict[str, str]]:
    """Return the approved texts of an account as they were kept last."""
    found = conn.scalar(select(account.c.templates).where(account.c.id == account_id))
    return found if isinstance(found, list) else []


def reconciled_at(conn: Connection, account_id: int) -> datetime | None:
    """Return when all on the server was last compared with what lies here (rule O8)."""
    return conn.scalar(
        select(sync_cursor.c.reconciled_at).where(sync_cursor.c.account_id == account_id)
    )


# Writing


def create(tx: Tx, *, kind: str, title: str, address: str, settings: Mapping[str, object]) -> int:
    """Store a new account and return its id. Secrets do not belong into `settings`."""
    added = tx.conn.execute(
        insert(account).values(
            uid=new_uid(tx.now), kind=kind, title=title, address=address, settings=dict(settings)
        )
    ).inserted_primary_key
    assert added is not None
    tx.touch(account=added[0])
    return int(added[0])


def change(
    tx: Tx,
    account_id: int,
    *,
    title: str | None = None,
    address: str | None = None,
    settings: Mapping[str, object] | None = None,
    enabled: bool | None = None,
) -> None:
    """Change what is given, leave the rest."""
    given: dict[str, object] = {"title": title, "address": address, "enabled": enabled}
    given["settings"] = None if settings is None else dict(settings)
    _update(tx, account_id, {name: value for name, value in given.items() if value is not None})


def set_state(tx: Tx, account_id: int, state: str, *, detail: Mapping[str, object]) -> None:
    """Note how the account is: a state of the engine's, its cause and the next attempt."""
    _update(tx, account_id, {"state": state, "state_detail": dict(detail)})


def set_progress(tx: Tx, account_id: int, *, done: int, total: int) -> None:
    """Note how far the first sync has come, in messages."""
    _update(tx, account_id, {"progress_done": done, "progress_total": total})


def set_limits(tx: Tx, account_id: int, limits: Mapping[str, int]) -> None:
    """Note what the service said it takes, where that is not as it was known."""
    known = tx.conn.scalar(select(account.c.limits).where(account.c.id == account_id))
    if known != dict(limits):
        _update(tx, account_id, {"limits": dict(limits)})


def set_templates(tx: Tx, account_id: int, found: Sequence[Mapping[str, str]]) -> None:
    """Keep the texts that the service approved, in place of those known before."""
    kept = [dict(one) for one in found]
    tx.conn.execute(update(account).where(account.c.id == account_id).values(templates=kept))


def set_reconciled(tx: Tx, account_id: int, *, missing: int) -> None:
    """Note that all on the server was compared with what lies here, and what was missing."""
    tx.conn.execute(
        update(sync_cursor)
        .where(sync_cursor.c.account_id == account_id)
        .values(reconciled_at=tx.now, found_missing=missing)
    )


def ask_for_reconciliation(tx: Tx, account_id: int) -> None:
    """Have the engine compare everything with the server as soon as it can (rule O8)."""
    tx.conn.execute(
        update(sync_cursor)
        .where(sync_cursor.c.account_id == account_id)
        .values(reconciled_at=_LONG_AGO)
    )


def set_synced(tx: Tx, account_id: int) -> None:
    """Note that the account is caught up now."""
    _update(tx, account_id, {"last_sync_at": tx.now})


def _update(tx: Tx, account_id: int, values: Mapping[str, object]) -> None:
    if values:
        tx.conn.execute(update(account).where(account.c.id == account_id).values(**values))
        tx.touch(account=account_id)


def set_cursor(
    tx: Tx, account_id: int, value: Mapping[str, object], *, added: Totals = Totals()
) -> None:
    """Commit how far the account has been read, together with what was read."""
    statement = sqlite.insert(sync_cursor).values(
        account_id=account_id,
        value=dict(value),
        updated_at=tx.now,
        stored=added.stored,
        duplicates=added.duplicates,
        quarantined=added.quarantined,
    )
    known, fresh = sync_cursor.c, statement.excluded
    tx.conn.execute(
        statement.on_conflict_do_update(
            index_elements=[known.account_id],
            set_={
                "value": fresh.value,
                "updated_at": fresh.updated_at,
                "stored": known.stored + fresh.stored,
                "duplicates": known.duplicates + fresh.duplicates,
                "quarantined": known.quarantined + fresh.quarantined,
            },
        )
    )


def forget_cursor(tx: Tx, account_id: int) -> None:
    """Let the next pull of an account begin at the beginning."""
    tx.conn.execute(delete(sync_cursor).where(sync_cursor.c.account_id == account_id))


def remove(tx: Tx, account_id: int, *, keep_messages: bool) -> None:
    """Take an account away: what waits to be sent through it, and with `keep_messages` no more.

    Without, its messages go too, and conversations that then hold nothing. Its row stays, marked,
    because what is kept refers to it.
    """
    tx.conn.execute(delete(outbox).where(outbox.c.account_id == account_id))
    tx.conn.execute(delete(draft_copy).where(draft_copy.c.account_id == account_id))
    tx.conn.execute(update(draft).where(draft.c.account_id == account_id).values(account_id=None))
    tx.conn.execute(delete(sync_cursor).where(sync_cursor.c.account_id == account_id))
    for place in (server_action, message_gone, message_location, receiving_server, early_news):
        tx.conn.execute(delete(place).where(place.c.account_id == account_id))
    if not keep_messages:
        tx.conn.execute(_STAY_ELSEWHERE, {"account": account_id})
        _remove_messages(tx, account_id)
    _update(tx, account_id, {"removed": True, "enabled": False, "state": "paused"})


# What another account received as well is that one's from now on (rule C4).
_STAY_ELSEWHERE = text(
    """
    UPDATE message SET account_id = elsewhere.account_id
    FROM message_location elsewhere
    WHERE message.account_id = :account AND elsewhere.message_id = message.id
    """
)


def _remove_messages(tx: Tx, account_id: int) -> None:
    conn = tx.conn
    conn.exec_driver_sql(
        "CREATE TEMP TABLE going AS SELECT id, conversation_id FROM message LIMIT 0"
    )
    conn.execute(
        text(
            "INSERT INTO going SELECT id, conversation_id FROM message WHERE account_id = :account"
        ),
        {"account": account_id},
    )
    touched = conn.scalars(text("SELECT DISTINCT conversation_id FROM going")).all()
    for statement in _REMOVE_MESSAGES:
        conn.exec_driver_sql(statement)
    conversations.refresh(tx, touched)
    conn.exec_driver_sql("DELETE FROM going")
    conn.execute(
        text(
            # And whatever was merged into them: its messages were shown there and are gone too.
            """
            WITH RECURSIVE empty (id) AS (
                SELECT id FROM conversation
                WHERE id IN (SELECT value FROM json_each(:ids)) AND merged_into_id IS NULL
                    AND NOT EXISTS (SELECT 1 FROM message WHERE conversation_id = conversation.id)
                UNION SELECT c.id FROM conversation c JOIN empty ON c.merged_into_id = empty.id
            )
            INSERT INTO going SELECT id, id FROM empty
            """
        ),
        {"ids": json.dumps(list(touched))},
    )
    for statement in _REMOVE_CONVERSATIONS:
        conn.exec_driver_sql(statement)
    conn.exec_driver_sql("DROP TABLE going")


_REMOVE_MESSAGES = (
    "DELETE FROM message_fts WHERE rowid IN (SELECT id FROM going)",
    (
        "DELETE FROM file_fts WHERE rowid IN (SELECT t.id FROM file_text t"
        " JOIN attachment a ON a.id = t.attachment_id WHERE a.message_id IN (SELECT id FROM going))"
    ),
    (
        "DELETE FROM file_text WHERE attachment_id IN"
        " (SELECT id FROM attachment WHERE message_id IN (SELECT id FROM going))"
    ),
    (
        "DELETE FROM remote_file WHERE attachment_id IN"
        " (SELECT id FROM attachment WHERE message_id IN (SELECT id FROM going))"
    ),
    "DELETE FROM attachment WHERE message_id IN (SELECT id FROM going)",
    "DELETE FROM message_location WHERE message_id IN (SELECT id FROM going)",
    "DELETE FROM message_gone WHERE message_id IN (SELECT id FROM going)",
    "DELETE FROM server_action WHERE message_id IN (SELECT id FROM going)",
    "DELETE FROM message_version WHERE message_id IN (SELECT id FROM going)",
    "DELETE FROM reaction WHERE message_id IN (SELECT id FROM going)",
    "DELETE FROM reaction_name WHERE message_id IN (SELECT id FROM going)",
    "DELETE FROM message_body WHERE message_id IN (SELECT id FROM going)",
    "UPDATE draft SET answers_id = NULL WHERE answers_id IN (SELECT id FROM going)",
    "DELETE FROM message WHERE id IN (SELECT id FROM going)",
)
_REMOVE_CONVERSATIONS = (
    (
        "DELETE FROM thread_reference WHERE thread_id IN"
        " (SELECT id FROM thread WHERE conversation_id IN (SELECT id FROM going))"
    ),
    (
        "DELETE FROM thread_participant WHERE thread_id IN"
        " (SELECT id FROM thread WHERE conversation_id IN (SELECT id FROM going))"
    ),
    "DELETE FROM thread WHERE conversation_id IN (SELECT id FROM going)",
    "DELETE FROM conversation_tag WHERE conversation_id IN (SELECT id FROM going)",
    # What is being written stays, as a message of its own.
    (
        "UPDATE draft SET conversation_id = NULL, mode = 'new', revision = revision + 1"
        " WHERE conversation_id IN (SELECT id FROM going)"
    ),
    "UPDATE conversation SET merged_into_id = NULL WHERE id IN (SELECT id FROM going)",
    "DELETE FROM conversation WHERE id IN (SELECT id FROM going)",
)
