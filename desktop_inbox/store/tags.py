"""Tags and which conversations bear them."""

from __future__ import annotations

import json
from collections.abc import Iterable

from sqlalchemy import Connection, func, select

from desktop_inbox.domain.conversations import Status
from desktop_inbox.store import bulk
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
    found = conn.execute(_TAGS.add_columns(_BEARING.label("count")))
    return [TagRow(**row) for row in found.mappings()]


def by_name(conn: Connection, name: str) -> TagRow | None:
    """Return the tag with this name, compared without case."""
    wanted = name.strip().casefold()
    return next((row for row in list_all(conn) if row.name.casefold() == wanted), None)


_TAGGED = (
    select(conversation_tag.c.conversation_id, tag.c.id, tag.c.uid, tag.c.name, tag.c.hue)
    .join(tag, tag.c.id == conversation_tag.c.tag_id)
    .where(conversation_tag.c.conversation_id.in_(bulk.values_of("ids")), tag.c.deleted.is_(False))
    .order_by(conversation_tag.c.conversation_id, func.lower(tag.c.name))
)


def of_conversations(conn: Connection, wanted: Iterable[int]) -> dict[int, tuple[TagRow, ...]]:
    """Return the tags of each of these conversations that has any."""
    found: dict[int, list[TagRow]] = {}
    for conversation_id, key, uid, name, hue in conn.execute(
        _TAGGED, {"ids": json.dumps(list(wanted))}
    ):
        found.setdefault(conversation_id, []).append(TagRow(id=key, uid=uid, name=name, hue=hue))
    return {key: tuple(rows) for key, rows in found.items()}
