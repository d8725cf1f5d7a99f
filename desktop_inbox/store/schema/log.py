"""The log of what was done here, and what other processes follow it by."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table, Text

from desktop_inbox.store.schema.base import metadata
from desktop_inbox.store.types import Json, UtcTime

event = Table(
    "event",
    metadata,
    # The log of what we did; see domain.events.
    Column("id", Integer, primary_key=True),
    Column("uid", Text, nullable=False, unique=True),
    Column("hlc", Text, nullable=False, index=True),
    Column("device", Text, nullable=False),
    Column("actor", Text, nullable=False),  # "agent:UID", "rule:UID" or "system"
    Column("at", UtcTime, nullable=False),
    Column("kind", Text, nullable=False),
    Column("group_uid", Text, nullable=False),
    Column("undo_of", Text),
    Column("conversation", Text),  # its uid
    Column("changes", Json, nullable=False),  # [[entity, uid, field, before, after], …]
)
Index("event_conversation", event.c.conversation, event.c.hlc)
Index("event_kind", event.c.kind, event.c.hlc)
Index("event_group", event.c.group_uid, event.c.hlc, event.c.kind)
Index("event_undo", event.c.undo_of, sqlite_where=event.c.undo_of.is_not(None))

field_clock = Table(
    "field_clock",
    metadata,
    # Which event last wrote a field, so that applying is idempotent and order does not matter.
    Column("entity", Text, primary_key=True),
    Column("uid", Text, primary_key=True),
    Column("field", Text, primary_key=True),
    Column("hlc", Text, nullable=False),
    sqlite_with_rowid=False,
)

change_log = Table(
    "change_log",
    metadata,
    # What recent transactions touched, so that another process on this workspace can follow.
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("origin", Text, nullable=False),
    Column("changes", Json, nullable=False),
    sqlite_autoincrement=True,
)
