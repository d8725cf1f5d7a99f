"""Which drafts have a copy with their service, and which are to be uploaded or taken away there.

A copy is noted before it is uploaded, so that a crash in between leaves none behind unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, select
from sqlalchemy.dialects.sqlite import insert

from desktop_inbox.store.database import Tx
from desktop_inbox.store.schema import draft, draft_copy

UNKNOWN = 0  # the revision of a copy that is on its way


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyDue:
    """A draft whose copy is not what it should be."""

    uid: str  # the draft's
    draft_id: int | None  # None: it is gone here and goes there
    revision: int
    at: datetime  # not before then


def due(conn: Connection, account_id: int, *, pause: timedelta) -> list[CopyDue]:
    """Return what is to be done, by when; a copy is replaced at most once in a `pause`."""
    mine = draft.c.account_id == account_id
    changed = conn.execute(
        select(
            draft.c.id, draft.c.uid, draft.c.revision, draft.c.updated_at, draft_copy.c.uploaded_at
        )
        .outerjoin(draft_copy, draft_copy.c.uid == draft.c.uid)
        .where(
            mine,
            draft.c.mode != "note",
            # One that lies with another account goes from there first.
            func.coalesce(draft_copy.c.account_id, account_id) == account_id,
            func.coalesce(draft_copy.c.revision, UNKNOWN) < draft.c.revision,
        )
    )
    found = [
        CopyDue(
            uid=uid,
            draft_id=key,
            revision=revision,
            at=updated_at if uploaded_at is None else uploaded_at + pause,
        )
        for key, uid, revision, updated_at, uploaded_at in changed
    ]
    kept = select(draft.c.uid).where(mine, draft.c.mode != "note")
    gone = conn.execute(
        select(draft_copy.c.uid, draft_copy.c.uploaded_at).where(
            draft_copy.c.account_id == account_id, draft_copy.c.uid.not_in(kept)
        )
    )
    found += [CopyDue(uid=uid, draft_id=None, revision=0, at=at) for uid, at in gone]
    return sorted(found, key=lambda one: one.at)


def note(tx: Tx, uid: str, *, account_id: int, revision: int) -> None:
    """Note that this version lies there; UNKNOWN, before any is on its way."""
    new = {
        "uid": uid,
        "account_id": account_id,
        "revision": revision,
        "uploaded_at": tx.now,
    }
    change = {name: new[name] for name in ("account_id", "revision", "uploaded_at")}
    tx.conn.execute(
        insert(draft_copy)
        .values(new)
        .on_conflict_do_update(index_elements=[draft_copy.c.uid], set_=change)
    )


def forget(tx: Tx, uid: str) -> None:
    """Note that no copy lies there any more."""
    tx.conn.execute(delete(draft_copy).where(draft_copy.c.uid == uid))
