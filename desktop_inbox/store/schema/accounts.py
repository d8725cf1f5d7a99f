"""Accounts, how far each has read, and what its server is like."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Integer, Table, Text, text

from desktop_inbox.store.schema.base import metadata
from desktop_inbox.store.types import Json, UtcTime

account = Table(
    "account",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("uid", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("settings", Json, nullable=False),
    Column("enabled", Boolean, nullable=False, server_default=text("1")),
    Column("removed", Boolean, nullable=False, server_default=text("0")),
    Column("state", Text, nullable=False, server_default="starting"),
    Column("state_detail", Json),  # cause, server's words, next attempt
    Column("last_sync_at", UtcTime),
    Column("progress_done", Integer, nullable=False, server_default=text("0")),
    Column("progress_total", Integer, nullable=False, server_default=text("0")),
    # Older mail starts no service level clock (rule B2); NULL: since it was set up.
    Column("clocks_from", UtcTime),
    # What the service said it takes, such as max_message_bytes; absent where it never said.
    Column("limits", Json, nullable=False, server_default="{}"),
    # Texts that the service approved, as sync.chat_templates packs them.
    Column("templates", Json, nullable=False, server_default="[]"),
)

sync_cursor = Table(
    "sync_cursor",
    metadata,
    Column("account_id", ForeignKey("account.id"), primary_key=True),
    Column("value", Json, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    Column("stored", Integer, nullable=False, server_default=text("0")),
    Column("duplicates", Integer, nullable=False, server_default=text("0")),
    Column("quarantined", Integer, nullable=False, server_default=text("0")),
    # When what the server holds was last compared with what lies here, and what was lacking (O8).
    Column("reconciled_at", UtcTime),
    Column("found_missing", Integer, nullable=False, server_default=text("0")),
)

receiving_server = Table(
    "receiving_server",
    metadata,
    # Who signs the topmost Authentication-Results of an account's mail (RFC 8601), and how often.
    Column("account_id", ForeignKey("account.id"), primary_key=True),
    Column("name", Text, primary_key=True),  # its authserv-id; '' for mail without
    Column("seen", Integer, nullable=False),
    sqlite_with_rowid=False,
)
