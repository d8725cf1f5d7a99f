"""Tags and which conversations bear them."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from desktop_inbox.domain.conversations import Status
from desktop_inbox.store.conversation_rows import TagRow
from desktop_inbox.store.schema import conversation, conversation_tag, tag

_TAGS = (
    select(tag.c.id, tag.c.uid, tag.c.name, tag.c.hue)
    .where(tag.c.deleted.is_(False))
    .order_by(func.lower(tag.c.name))
)
_BEARING = (
    select(func.count())
    .select_from(conversation_tag)
    .join(conversation, conversation.c.id == conversation_tag.c.conversation_id)
    .where(
        conversation_tag.c.tag_id == tag.c.id,
        conversation.c.status == Status.OPEN,
        conversation.c.merged_into_id.is_(None),
    )
    .scalar_subquery()
)


def list_all(conn: Connection) -> list[TagRow]:
    """Return every tag by name."""
    return [TagRow(**row) for row in conn.execute(_TAGS).mappings()]


def counted(conn: Connection) -> list[TagRow]:
    """Return every tag by name, with how many open conversations bear it; this takes a while."""
    found = conn.execute(_TAGS.add_columns(_BEARING.label("open_count")))
    return [TagRow(**row) for row in found.mappings()]


def by_name(conn: Connection, name: str) -> TagRow | None:
    """Return the tag with this name, compared without case."""
    wanted = name.strip().casefold()
    return next((row for row in list_all(conn) if row.name.casefold() == wanted), None)
