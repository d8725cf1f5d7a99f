"""Attachments: where each lies, and the words in it."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    text,
)

from desktop_inbox.store.schema.base import metadata
from desktop_inbox.store.types import UtcTime

attachment = Table(
    "attachment",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("uid", Text, nullable=False, unique=True),
    Column("message_id", ForeignKey("message.id"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("safe_name", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("size", Integer, nullable=False),
    # "file": under its sha256; "message": inside the raw message; "server": not fetched yet.
    Column(
        "state", Text, CheckConstraint("state IN ('file', 'message', 'server')"), nullable=False
    ),
    Column("section", Text, nullable=False, server_default=""),
    Column("sha256", Text, nullable=False, server_default=""),
    Column("content_id", Text, nullable=False, server_default=""),
    Column("inline", Boolean, nullable=False, server_default=text("0")),
    # What came of reading its text: "text", "none", or why it cannot be read; NULL: still to come.
    Column("searched", Text),
)
Index(
    "attachment_unsearched",
    attachment.c.message_id.desc(),
    sqlite_where=text("searched IS NULL AND state <> 'server'"),
)

remote_file = Table(
    "remote_file",
    metadata,
    # A file that still lies with a messaging service, and when it is fetched next.
    Column("attachment_id", ForeignKey("attachment.id"), primary_key=True),
    Column("account_id", ForeignKey("account.id"), nullable=False),
    Column("reference", Text, nullable=False),  # for Connector.fetch_file alone
    Column("next_at", UtcTime),  # NULL: not by itself any more
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("problem", Text, nullable=False, server_default=""),  # "too-large", "gone", …
)
Index("remote_file_due", remote_file.c.account_id, remote_file.c.next_at)

file_text = Table(
    "file_text",
    metadata,
    # The words in an attachment, found in `file_fts` under the same id. Ids order as messages do.
    Column("id", Integer, primary_key=True),
    Column("attachment_id", ForeignKey("attachment.id"), nullable=False, index=True),
    Column("text", LargeBinary, nullable=False),  # deflated UTF-8
)
