"""What is promised, when somebody works, and when to speak of a clock that runs."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table, Text, text

from desktop_inbox.store.schema.base import metadata
from desktop_inbox.store.types import Json, UtcTime

sla_calendar = Table(
    "sla_calendar",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("uid", Text, nullable=False, unique=True),
    # Oldest first: [{"from": ms, …}], as store.policies.hours_json writes opening hours (rule B9).
    Column("versions", Json, nullable=False),
    Column("deleted", Boolean, nullable=False, server_default=text("0")),
)

sla_policy = Table(
    "sla_policy",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("uid", Text, nullable=False, unique=True),
    # Finished clocks keep the verdict of the one they were finished under (rule B8): oldest first,
    Column("versions", Json, nullable=False),  # [{"from": ms, …}] as store.policies.terms_json
    Column("deleted", Boolean, nullable=False, server_default=text("0")),
)

sla_moment = Table(
    "sla_moment",
    metadata,
    # When a clock that runs is to be spoken of: at its warnings, and when it is due (rule B11).
    Column("conversation_id", ForeignKey("conversation.id"), primary_key=True),
    Column("at", UtcTime, primary_key=True),
    sqlite_with_rowid=False,
)
Index("sla_moment_at", sla_moment.c.at)
