"""Which channels conversations went by. Any reader thread."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import Connection, text

from desktop_inbox.store import bulk


def channels_used(conn: Connection, conversations: Iterable[int]) -> dict[int, tuple[str, ...]]:
    """Return the kinds of the accounts that each conversation's messages went by, first used first.

    A note goes by none, and neither does what was imported without an account.
    """
    found: defaultdict[int, list[str]] = defaultdict(list)
    for key, kind in conn.execute(_USED, {"ids": bulk.packed(conversations)}):
        found[key].append(kind)
    return {key: tuple(kinds) for key, kinds in found.items()}


_USED = text(
    """
    SELECT m.conversation_id, a.kind FROM message m JOIN account a ON a.id = m.account_id
    WHERE m.conversation_id IN (SELECT value FROM json_each(:ids))
        AND m.deleted_at IS NULL AND m.direction IN ('in', 'out')
    GROUP BY m.conversation_id, a.kind
    ORDER BY m.conversation_id, min(m.at), min(m.id)
    """
)
