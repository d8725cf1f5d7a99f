"""What joins messages to conversations: threads of mail and chats of messaging services."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from desktop_inbox.store.schema.base import metadata
from desktop_inbox.store.types import Json, UtcTime

chat = Table(
    "chat",
    metadata,
    # A line of talk on a messaging service. It may go on in several conversations, one after the
    # other, as threads: the one with its latest message takes what comes next.
    Column("id", Integer, primary_key=True),
    Column("account_id", ForeignKey("account.id"), nullable=False),
    Column("external_id", Text, nullable=False),  # as it is called now; '' while nobody answered
    Column("title", Text, nullable=False, server_default=""),
    Column("is_group", Boolean, nullable=False, server_default=text("0")),
    Column("identity_id", ForeignKey("identity.id"), index=True),  # whom it is with; NULL: a group
    # All by the service's clock (rule M5):
    Column("last_in_at", UtcTime),
    Column("reply_until", UtcTime),  # NULL: always, or nothing came in yet
    Column("read_until", UtcTime),  # the customer has read all up to here
    Column("seen_until", UtcTime),  # and we, on another device
)
Index("chat_window", chat.c.reply_until, sqlite_where=chat.c.reply_until.is_not(None))

chat_name = Table(
    "chat_name",
    metadata,
    # Every name a chat goes or went by: what comes late under an old one finds it.
    Column("account_id", ForeignKey("account.id"), primary_key=True),
    Column("external_id", Text, primary_key=True),
    Column("chat_id", ForeignKey("chat.id"), nullable=False, index=True),
    sqlite_with_rowid=False,
)

early_news = Table(
    "early_news",
    metadata,
    # What came of a message before the message itself: receipts, changes, reactions.
    Column("id", Integer, primary_key=True),
    Column("account_id", ForeignKey("account.id"), nullable=False),
    Column("named", Text, nullable=False),  # its external id, or "ref:" and its client_ref
    Column("item", Json, nullable=False),  # as sync.chat_news packs it
    UniqueConstraint("account_id", "named", "item"),
)

thread = Table(
    "thread",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("uid", Text, nullable=False, unique=True),
    Column("conversation_id", ForeignKey("conversation.id"), nullable=False, index=True),
    Column("account_id", ForeignKey("account.id"), nullable=False),
    Column("external_id", Text, nullable=False),  # e-mail: the Message-ID of its first message seen
    Column("chat_id", ForeignKey("chat.id")),  # NULL: mail, which knows no chats
    UniqueConstraint("account_id", "external_id"),
)
Index("thread_chat", thread.c.chat_id, sqlite_where=thread.c.chat_id.is_not(None))

thread_reference = Table(
    "thread_reference",
    metadata,
    # Every Message-ID that a mail of the thread bears or names, and who named it (rules C1c, C2,
    # C5). Several threads may name one id: an outsider's claim must not hide a customer's. Not by
    # account: what was sent through one may be answered to another.
    Column("message_id", Text, primary_key=True),
    Column("thread_id", ForeignKey("thread.id"), primary_key=True, index=True),
    # A normalised address, "+" where we named it ourselves, "=" where a mail bears it.
    Column("named_by", Text, primary_key=True),
    sqlite_with_rowid=False,
)

thread_participant = Table(
    "thread_participant",
    metadata,
    # Who may join the thread by naming an id of it (rule C2): everybody in From, To and Cc but us.
    Column("thread_id", ForeignKey("thread.id"), primary_key=True),
    Column("address", Text, primary_key=True),
    sqlite_with_rowid=False,
)
