"""Which messages are flagged on their servers, and the stars that do not agree with that.

Reads are functions of a connection, writes of a transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, text

from desktop_inbox.store import bulk
from desktop_inbox.store.database import Tx


def note(tx: Tx, flagged: Mapping[int, bool]) -> set[int]:
    """Keep whether messages are flagged; return the conversations where that is new."""
    touched: set[int] = set()
    for value in (True, False):
        keys = [key for key, is_flagged in flagged.items() if is_flagged is value]
        if keys:
            touched.update(tx.conn.scalars(_NOTE, {"ids": bulk.packed(keys), "flagged": value}))
    return touched


def wrong_stars(conn: Connection, conversation_ids: Iterable[int]) -> dict[str, bool]:
    """Return those conversations, by uid, whose star says other than their messages' flags.

    The value is what their star should be. Where a star that was given or taken off here is still
    to be told to a server, that is the newer word.
    """
    found = conn.execute(_WRONG, {"ids": bulk.packed(conversation_ids)})
    return {uid: not starred for uid, starred in found}


_NOTE = text(
    """
    UPDATE message SET flagged = :flagged
    WHERE id IN (SELECT value FROM json_each(:ids)) AND flagged <> :flagged
    RETURNING conversation_id
    """
)
_WRONG = text(
    """
    SELECT c.uid, c.starred FROM conversation c
    WHERE c.id IN (SELECT value FROM json_each(:ids))
        AND c.starred <> EXISTS (
            SELECT 1 FROM message m WHERE m.conversation_id = c.id AND m.flagged
        )
        AND NOT EXISTS (
            SELECT 1 FROM message m
            JOIN server_action s ON s.message_id = m.id AND s.kind = 'flagged'
            WHERE m.conversation_id = c.id
        )
    """
)
