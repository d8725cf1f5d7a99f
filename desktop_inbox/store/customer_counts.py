"""How much lies with a customer: what a merge would move."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, text


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many of each."""

    identities: int
    conversations: int
    messages: int
    drafts: int
    queued: int  # waiting in the outbox; whom they go to stays


def of(conn: Connection, customer_id: int) -> Counts:
    """Count what is shown with a customer."""
    found = conn.execute(_COUNTS, {"id": customer_id}).mappings().one()
    return Counts(**found)


_COUNTS = text(
    """
    SELECT
        (SELECT count(*) FROM identity WHERE customer_id = :id) AS identities,
        (SELECT count(*) FROM conversation WHERE customer_id = :id AND merged_into_id IS NULL)
            AS conversations,
        (SELECT count(*) FROM conversation c JOIN message m ON m.conversation_id = c.id
         WHERE c.customer_id = :id) AS messages,
        (SELECT count(*) FROM conversation c JOIN draft d ON d.conversation_id = c.id
         WHERE c.customer_id = :id) AS drafts,
        (SELECT count(*) FROM conversation c JOIN message m ON m.conversation_id = c.id
         JOIN outbox o ON o.message_id = m.id WHERE c.customer_id = :id) AS queued
    """
)
