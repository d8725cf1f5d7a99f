"""What people think of messages: all of one person's emojis at once, or one taken back by its name.

Whatever comes late or twice ends the same: the latest by the service's clock stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.dialects import sqlite

from desktop_inbox.store import bulk, early_news
from desktop_inbox.store.database import Tx
from desktop_inbox.store.schema import message, reaction, reaction_name

OURS = 0  # whose reaction it is


def react(tx: Tx, message_id: int, identity_id: int, emojis: Sequence[str], at: datetime) -> None:
    """Note what somebody thinks of a message now, unless something later is known."""
    statement = sqlite.insert(reaction).values(
        message_id=message_id, identity_id=identity_id, emojis=list(emojis), at=at
    )
    fresh = statement.excluded
    tx.conn.execute(
        statement.on_conflict_do_update(
            index_elements=[reaction.c.message_id, reaction.c.identity_id],
            set_={"emojis": fresh.emojis, "at": fresh.at},
            # At one moment the greater stands, so that the order they come in does not matter.
            where=or_(
                fresh.at > reaction.c.at,
                (fresh.at == reaction.c.at) & (fresh.emojis > reaction.c.emojis),
            ),
        )
    )
    tx.touch(message=message_id)


def standing(
    tx: Tx,
    message_id: int,
    identity_id: int,
    emojis: Sequence[str],
    named: Sequence[tuple[str, str]],
) -> list[str]:
    """Note what the service calls each of somebody's emojis; return those not taken back since.

    `named` are pairs of its name and the emoji.
    """
    account_id: int = tx.conn.execute(
        select(message.c.account_id).where(message.c.id == message_id)
    ).scalar_one()
    bulk.insert_new(
        tx.conn,
        reaction_name,
        [
            {
                "account_id": account_id,
                "external_id": external_id,
                "message_id": message_id,
                "identity_id": identity_id,
                "emoji": emoji,
                "gone": False,
            }
            for external_id, emoji in named
        ],
    )
    names = [external_id for external_id, _ in named]
    for external_id, _ in early_news.take(tx, account_id, names):
        take_back(tx, account_id, external_id)
    gone = _gone(tx, account_id, names)
    lost = {emoji for external_id, emoji in named if external_id in gone}
    kept = {emoji for external_id, emoji in named if external_id not in gone}
    return [one for one in emojis if one in kept or one not in lost]


def _gone(tx: Tx, account_id: int, names: Sequence[str]) -> set[str]:
    """Return which of the service's names were taken back."""
    query = select(reaction_name.c.external_id).where(
        reaction_name.c.account_id == account_id,
        reaction_name.c.external_id.in_(bulk.values(names)),
        reaction_name.c.gone,
    )
    return set(tx.conn.scalars(query))


def take_back(tx: Tx, account_id: int, external_id: str) -> int | None:
    """Take back the emoji of that name; return the message's conversation, None where none is."""
    found = tx.conn.execute(
        update(reaction_name)
        .where(reaction_name.c.account_id == account_id, reaction_name.c.external_id == external_id)
        .values(gone=True)
        .returning(*reaction_name.c["message_id", "identity_id", "emoji"])
    ).first()
    if found is None:
        return None
    here = (
        reaction.c.message_id == found.message_id,
        reaction.c.identity_id == found.identity_id,
    )
    again = select(reaction_name.c.external_id).where(
        reaction_name.c.message_id == found.message_id,
        reaction_name.c.identity_id == found.identity_id,
        reaction_name.c.emoji == found.emoji,
        ~reaction_name.c.gone,
    )
    emojis = tx.conn.scalar(select(reaction.c.emojis).where(*here))
    if emojis and found.emoji in emojis and tx.conn.scalar(again) is None:
        left = [one for one in emojis if one != found.emoji]
        tx.conn.execute(update(reaction).where(*here).values(emojis=left))
        tx.touch(message=found.message_id)
    return tx.conn.scalar(select(message.c.conversation_id).where(message.c.id == found.message_id))
