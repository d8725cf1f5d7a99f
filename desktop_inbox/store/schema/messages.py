"""Messages, what became of each, and where it lies on its server."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from desktop_inbox.domain.messages import Delivery, MessageClass
from desktop_inbox.domain.states import Direction
from desktop_inbox.store.schema.base import metadata, one_of
from desktop_inbox.store.types import Json, UtcTime

message = Table(
    "message",
    metadata,
    # Keys order by time (see store.messages.next_ids), so that search reads newest first by key.
    Column("id", Integer, primary_key=True),
    Column("uid", Text, nullable=False, unique=True),
    # Where it is shown: the end of the merges that begin at the conversation it lies in, origin_id.
    Column("conversation_id", ForeignKey("conversation.id"), nullable=False),
    Column("origin_id", Integer, nullable=False),  # no reference: it would need one more index
    Column("thread_id", ForeignKey("thread.id"), index=True),
    Column("account_id", ForeignKey("account.id")),
    Column("direction", Text, one_of("direction", Direction), nullable=False),
    Column("kind", Text, one_of("kind", MessageClass), nullable=False, server_default="human"),
    Column("author_identity_id", ForeignKey("identity.id")),
    Column("agent_id", ForeignKey("agent.id")),
    Column("external_id", Text),  # e-mail: Message-ID, or a content hash (rule C4)
    Column("client_ref", Text, unique=True),  # set on what we send from here
    Column("in_reply_to", Text, nullable=False, server_default=""),
    Column("refs", Json, nullable=False),  # References, oldest first
    Column("subject", Text, nullable=False, server_default=""),
    Column("people", Json, nullable=False),  # {"from": [[name, address], …], "to": …, "cc": …, …}
    Column("at", UtcTime, nullable=False),  # min(Date, received), rule A4
    Column("received_at", UtcTime),
    Column("snippet", Text, nullable=False, server_default=""),
    Column("seen", Boolean, nullable=False, server_default=text("1")),
    Column("flagged", Boolean, nullable=False, server_default=text("0")),  # on its server
    Column("complete", Boolean, nullable=False, server_default=text("1")),  # body is here
    Column("unreadable", Text),  # why it is shown raw
    Column("warnings", Json),
    Column("report", Json),  # what a bounce or an automatic answer says, see sync.reporting
    Column("delivery", Text, one_of("delivery", Delivery)),
    Column("delivery_detail", Json),  # refused recipients, the provider's words
    Column("edited_at", UtcTime),
    Column("deleted_at", UtcTime),
    Column("withdrawn_at", UtcTime),  # its author took it back; what it said is kept
    Column("repeats", Integer, nullable=False, server_default=text("1")),  # how many alike it is
    UniqueConstraint("account_id", "external_id"),
)
Index("message_timeline", message.c.conversation_id, message.c.at, message.c.id)
Index(
    "message_note",
    message.c.conversation_id,
    message.c.deleted_at,
    sqlite_where=text("direction = 'note'"),
)
AUTOMATED = "direction = 'in' AND kind NOT IN ('human', 'spoken')"  # a machine wrote it (rule D1)
Index("message_automated", message.c.conversation_id, message.c.kind, sqlite_where=text(AUTOMATED))

message_body = Table(
    "message_body",
    metadata,
    Column("message_id", ForeignKey("message.id"), primary_key=True),
    Column("text", Text, nullable=False),
    Column("visible_text", Text),  # NULL: the same as text
    Column("html", Text, nullable=False, server_default=""),  # of what is written here
    # Of mail: its HTML is read off the raw message when somebody looks at it, and made safe then.
    Column("has_html", Boolean, nullable=False, server_default="0"),
    Column("invitation", Json),  # the fields of domain.messages.Invitation
    Column("raw_sha256", Text),
    Column("raw_packed", LargeBinary),  # the raw message itself where it is small, else a file
    Column("pieces", Json),  # as domain.pieces keeps them
    # How it leaves on a messaging channel: {"template": …, "human_agent": true}
    Column("form", Json),
)

message_version = Table(
    "message_version",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("message_id", ForeignKey("message.id"), nullable=False, index=True),
    Column("at", UtcTime, nullable=False),
    Column("text", Text, nullable=False),
    Column("pieces", Json),
    UniqueConstraint("message_id", "at", "text"),
)

reaction = Table(
    "reaction",
    metadata,
    # What somebody thinks of a message now. Taken back it stays, empty, so that what comes late
    # does not bring it back.
    Column("message_id", ForeignKey("message.id"), primary_key=True),
    Column("identity_id", Integer, primary_key=True),  # whose; 0: ours
    Column("emojis", Json, nullable=False),
    Column("at", UtcTime, nullable=False),
    sqlite_with_rowid=False,
)

reaction_name = Table(
    "reaction_name",
    metadata,
    # What a service calls one emoji of somebody's, where it takes it back by that name.
    Column("account_id", ForeignKey("account.id"), primary_key=True),
    Column("external_id", Text, primary_key=True),
    Column("message_id", ForeignKey("message.id"), nullable=False, index=True),
    Column("identity_id", Integer, nullable=False),  # as of `reaction`
    Column("emoji", Text, nullable=False),
    Column("gone", Boolean, nullable=False),  # taken back, for good: a name is never used again
    sqlite_with_rowid=False,
)

message_location = Table(
    "message_location",
    metadata,
    Column("account_id", ForeignKey("account.id"), primary_key=True),
    Column("folder", Text, primary_key=True),
    Column("uidvalidity", Integer, primary_key=True),
    Column("uid", Integer, primary_key=True),
    Column("message_id", ForeignKey("message.id"), nullable=False, index=True),
    # The folder it lay in before somebody here had it moved; where an undo moves it back to.
    Column("moved_from", Text),
    sqlite_with_rowid=False,
)

message_gone = Table(
    "message_gone",
    metadata,
    # Messages that lie nowhere on their server any more, or not yet again: another program may be
    # moving them. Only what whole looks at the mailbox do not find was deleted (rule O7).
    Column("message_id", ForeignKey("message.id"), primary_key=True),
    Column("account_id", ForeignKey("account.id"), nullable=False, index=True),
    Column("looks", Integer, nullable=False, server_default=text("0")),
)
