"""News of messages that come before their message: kept until it is here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import delete, text

from desktop_inbox.store import bulk
from desktop_inbox.store.database import Tx
from desktop_inbox.store.schema import early_news

MOST = 10_000  # of messages that never came, in each account; then the oldest go


def keep(tx: Tx, account_id: int, named: str, item: Mapping[str, object]) -> None:
    """Keep what came of a message that is not here yet."""
    bulk.insert_new(
        tx.conn,
        early_news,
        [{"account_id": account_id, "named": named, "item": dict(item)}],
    )


def take(tx: Tx, account_id: int, names: Iterable[str]) -> list[tuple[str, dict[str, Any]]]:
    """Return what was kept of messages that are here now, and forget it; by name."""
    found = tx.conn.execute(
        delete(early_news)
        .where(early_news.c.account_id == account_id, early_news.c.named.in_(bulk.values(names)))
        .returning(early_news.c.named, early_news.c.item)
    ).all()
    return [(named, item) for named, item in found]


def trim(tx: Tx, account_id: int) -> None:
    """Forget the oldest news of messages that never came."""
    tx.conn.execute(_TRIM, {"account": account_id, "most": MOST})


_TRIM = text(
    """
    DELETE FROM early_news WHERE account_id = :account AND id <= (
        SELECT id FROM early_news WHERE account_id = :account
        ORDER BY id DESC LIMIT 1 OFFSET :most
    )
    """
)
